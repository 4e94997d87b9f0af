"""The KV bucket of presence: at which workers each person is, said anew before it lapses, never kept longer.

A key is ``<user id>.<worker>``, its value a Lease, which holds for the seconds it names; the key stays a little longer,
for when the person was last seen. A put is an ordinary publish, so followers hear it with a light Interest each, and
the bucket is read only for what was said before.
"""

import asyncio
import time
from datetime import datetime
from typing import Any

import msgspec
from nats.errors import Error, NoRespondersError
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from bus.connection import Bus
from bus.interest import Interest
from bus.lease import Lease, OnFound, OnLease, lease_of, put_of
from bus.subjects import Subjects

PRESENCE_ERRORS = (Error, OSError)
"""What may be raised here while NATS is away, has lost the bucket or does not answer."""

ANSWER_SECONDS = 2.0
READ_AT_ONCE = 100
TOLD_AT_ONCE = 100
OLDEST_SECONDS = 600
# How JetStream says that a stream exists with other settings, and that one of them cannot be changed.
DIFFERS, UNCHANGEABLE = 10058, 10052


class BucketLost(Error):
    """There is no bucket, or it refuses what is put into it: ``ensure`` mends that."""


class Standing(msgspec.Struct):
    """When the bucket was made, and what time it is now, both by the clock of NATS; nothing when there is no bucket."""

    created: datetime | None = None
    ts: datetime | None = None


def bucket_config(subjects: Subjects, replicas: int = 1) -> StreamConfig:
    """The bucket as it must be, in the words of JetStream. In memory: nothing in it is worth keeping."""
    return StreamConfig(
        name=f"KV_{subjects.presence}",
        subjects=[subjects.places],
        storage=StorageType.MEMORY,
        max_msgs_per_subject=1,
        max_age=OLDEST_SECONDS,
        discard=DiscardPolicy.NEW,
        num_replicas=replicas,
        allow_direct=True,
        allow_msg_ttl=True,
        allow_rollup_hdrs=True,
        deny_delete=True,
    )


class Bucket:
    """Presence as one worker sees it: ``tell`` puts, ``listen`` hears puts, ``read`` gives what was put before.

    ``puts`` counts what this worker has put.
    """

    def __init__(self, bus: Bus, subjects: Subjects, worker: str, replicas: int = 1) -> None:
        self._bus, self._subjects, self._worker, self._replicas = bus, subjects, worker, replicas
        self._nats_ahead = 0.0
        self.puts = 0

    async def ensure(self) -> None:
        """Make the bucket if it is missing or differs. Raises PRESENCE_ERRORS."""
        jetstream, config = self._bus.jetstream, bucket_config(self._subjects, self._replicas)
        try:
            await jetstream.add_stream(config)
        except APIError as error:
            if error.err_code != DIFFERS:
                raise
            await self._make_alike(jetstream, config)

    async def _make_alike(self, jetstream: JetStreamContext, config: StreamConfig) -> None:
        """There is one with other settings: of an earlier version, or made by hand."""
        try:
            await jetstream.update_stream(config)
        except APIError as error:
            if error.err_code != UNCHANGEABLE:
                raise
            # What is in it is said again by those who said it.
            try:
                await jetstream.delete_stream(str(config.name))
            except NotFoundError:
                pass
            await jetstream.add_stream(config)

    async def tell(self, leases: dict[int, Lease | None]) -> None:
        """Put all of these; the bucket confirms the last one, which stands for all. Raises PRESENCE_ERRORS."""
        *most, last = leases.items()
        for number, (user_id, lease) in enumerate(most, 1):
            if not number % TOLD_AT_ONCE:
                await asyncio.sleep(0)
            payload, headers = put_of(lease)
            await self._bus.client.publish(self._subjects.place(user_id, self._worker), payload, headers=headers)
        await self._tell_surely(*last)
        self.puts += len(leases)

    async def listen(self, user_id: int, on_lease: OnLease) -> Interest:
        """Call ``on_lease`` for each put for this person from now on."""

        def heard(subject: bytes, payload: bytes) -> None:
            on_lease(user_id, subject.rpartition(b".")[2].decode("utf-8", "replace"), lease_of(payload))

        return await self._bus.listen(self._subjects.place(user_id), heard)

    async def read(self, user_ids: list[int], on_found: OnFound) -> float:
        """Call ``on_found`` for every place of these people, with what is left of the lease. Gives the bucket's age.

        Both are reckoned in the time of NATS, as the clocks of hosts need not agree. Raises PRESENCE_ERRORS,
        BucketLost among them.
        """
        age = await self._look_at_clock()
        for start in range(0, len(user_ids), READ_AT_ONCE):
            await self._read_some(user_ids[start : start + READ_AT_ONCE], on_found)
        return age

    async def _look_at_clock(self) -> float:
        """Note what time NATS has, and give the bucket's age in seconds."""
        try:
            answer = await self._bus.client.request(self._subjects.bucket_standing, b"", ANSWER_SECONDS)
        except NoRespondersError:
            raise BucketLost from None
        standing = msgspec.json.decode(answer.data, type=Standing)
        if standing.ts is None or standing.created is None:
            raise BucketLost(answer.data.decode(errors="replace"))
        self._nats_ahead = standing.ts.timestamp() - time.monotonic()
        return (standing.ts - standing.created).total_seconds()

    async def _read_some(self, user_ids: list[int], on_found: OnFound) -> None:
        status = await self._get([self._subjects.place(user_id) for user_id in user_ids], on_found)
        if status == "413" and len(user_ids) > 1:
            # More places than one answer may hold.
            half = len(user_ids) // 2
            await self._read_some(user_ids[:half], on_found)
            await self._read_some(user_ids[half:], on_found)
        elif status not in ("204", "404", "413"):
            raise BucketLost

    async def _get(self, subjects: list[str], on_found: OnFound) -> str:
        """A batched direct get (ADR-31 of NATS): every message of the answer, then the status that ends it."""
        client = self._bus.client
        inbox = client.new_inbox()
        answers = await client.subscribe(inbox)
        try:
            wanted = msgspec.json.encode({"multi_last": subjects})
            await client.publish(self._subjects.places_said, wanted, reply=inbox)
            while True:
                answer = await answers.next_msg(timeout=ANSWER_SECONDS)
                headers: dict[str, Any] = answer.headers or {}
                if "Status" in headers:
                    return str(headers["Status"])
                self._found(headers, answer.data, on_found)
        finally:
            await answers.unsubscribe()

    def _found(self, headers: dict[str, Any], payload: bytes, on_found: OnFound) -> None:
        lease = lease_of(payload)
        if lease is None:
            return
        _, user_id, place = headers["Nats-Subject"].rsplit(".", 2)
        put_at = datetime.fromisoformat(headers["Nats-Time-Stamp"]).timestamp()
        age = max(0.0, time.monotonic() + self._nats_ahead - put_at)
        left = msgspec.structs.replace(lease, seconds=max(0.0, lease.seconds - age))
        on_found(int(user_id), place, left, time.monotonic() - age)

    async def _tell_surely(self, user_id: int, lease: Lease | None) -> None:
        payload, headers = put_of(lease)
        place = self._subjects.place(user_id, self._worker)
        try:
            answer = await self._bus.client.request(place, payload, ANSWER_SECONDS, headers=headers)
        except NoRespondersError:
            raise BucketLost from None
        if b'"error"' in answer.data:
            raise BucketLost(answer.data.decode(errors="replace"))
