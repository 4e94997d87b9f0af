"""The KV bucket of presence: at which workers each person is, said anew before it lapses, never kept longer.

A key is ``<user id>.<worker>``, its value a Lease, which holds for the seconds it names; the key stays a little longer,
for when the person was last seen. A put is an ordinary publish, so followers hear it with a light Interest each, and
the bucket is read only for what was said before.
"""

import asyncio
import time
from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import msgspec
from nats.errors import Error, NoRespondersError
from nats.js.api import DiscardPolicy, StorageType, StreamConfig
from nats.js.errors import APIError, NotFoundError

from bus.connection import Bus
from bus.interest import Interest
from bus.subjects import Subjects

PRESENCE_ERRORS = (Error, OSError)
"""What may be raised here while NATS is away, has lost the bucket or does not answer."""

ANSWER_SECONDS = 2.0
READ_AT_ONCE = 100
TOLD_AT_ONCE = 100
# A lease that has lapsed still tells when the person was last seen, until a worker has written that down.
KEPT_SECONDS = 90
OLDEST_SECONDS = 600


class Lease(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person is at this place for ``seconds`` from now on; ``seen`` (Unix time): when they last did something."""

    state: Literal["online", "away"]
    seconds: float
    seen: float


OnLease = Callable[[int, str, Lease | None], None]
"""Takes the person, the place (a worker's name), and the lease; None: they are not there any more."""

_decoder = msgspec.json.Decoder(Lease)


class BucketLost(Error):
    """There is no bucket, or it refuses what is put into it: ``ensure`` mends that."""


def bucket_config(subjects: Subjects) -> StreamConfig:
    """The bucket as it must be, in the words of JetStream. In memory: nothing in it is worth keeping."""
    return StreamConfig(
        name=f"KV_{subjects.presence}",
        subjects=[subjects.places],
        storage=StorageType.MEMORY,
        max_msgs_per_subject=1,
        max_age=OLDEST_SECONDS,
        discard=DiscardPolicy.NEW,
        allow_direct=True,
        allow_msg_ttl=True,
        allow_rollup_hdrs=True,
        deny_delete=True,
    )


class Bucket:
    """Presence as one worker sees it: ``tell`` puts, ``listen`` hears puts, ``read`` gives what was put before."""

    def __init__(self, bus: Bus, subjects: Subjects, worker: str) -> None:
        self._bus, self._subjects, self._worker = bus, subjects, worker

    async def ensure(self) -> float:
        """Make the bucket if it is missing or differs. Gives its age in seconds. Raises PRESENCE_ERRORS."""
        jetstream, config = self._bus.jetstream, bucket_config(self._subjects)
        try:
            info = await jetstream.add_stream(config)
        except APIError:
            # Somebody made it by hand. What is in it is said again by those who said it.
            try:
                await jetstream.delete_stream(str(config.name))
            except NotFoundError:
                pass
            info = await jetstream.add_stream(config)
        return max(0.0, time.time() - info.created.timestamp()) if info.created else 0.0

    async def tell(self, leases: dict[int, Lease | None]) -> None:
        """Put all of these; the bucket confirms the last one, which stands for all. Raises PRESENCE_ERRORS."""
        *most, last = leases.items()
        for number, (user_id, lease) in enumerate(most, 1):
            if not number % TOLD_AT_ONCE:
                await asyncio.sleep(0)
            payload, headers = _put(lease)
            await self._bus.client.publish(self._subjects.place(user_id, self._worker), payload, headers=headers)
        await self._tell_surely(*last)

    async def listen(self, user_id: int, on_lease: OnLease) -> Interest:
        """Call ``on_lease`` for each put for this person from now on."""

        def heard(subject: str, payload: bytes) -> None:
            on_lease(user_id, subject.rpartition(".")[2], _lease(payload))

        return await self._bus.listen(self._subjects.place(user_id), heard)

    async def read(self, user_ids: list[int], on_lease: OnLease) -> None:
        """Call ``on_lease`` for every place of these people, with what is left of the lease.

        Raises PRESENCE_ERRORS, BucketLost among them.
        """
        for start in range(0, len(user_ids), READ_AT_ONCE):
            await self._read_some(user_ids[start : start + READ_AT_ONCE], on_lease)

    async def _read_some(self, user_ids: list[int], on_lease: OnLease) -> None:
        status = await self._get([self._subjects.place(user_id) for user_id in user_ids], on_lease)
        if status == "413" and len(user_ids) > 1:
            # More places than one answer may hold.
            half = len(user_ids) // 2
            await self._read_some(user_ids[:half], on_lease)
            await self._read_some(user_ids[half:], on_lease)
        elif status not in ("204", "404", "413"):
            raise BucketLost

    async def _get(self, subjects: list[str], on_lease: OnLease) -> str:
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
                self._found(headers, answer.data, on_lease)
        finally:
            await answers.unsubscribe()

    def _found(self, headers: dict[str, Any], payload: bytes, on_lease: OnLease) -> None:
        lease = _lease(payload)
        if lease is None:
            return
        _, user_id, place = headers["Nats-Subject"].rsplit(".", 2)
        age = max(0.0, time.time() - datetime.fromisoformat(headers["Nats-Time-Stamp"]).timestamp())
        left = msgspec.structs.replace(lease, seconds=max(0.0, lease.seconds - age))
        on_lease(int(user_id), place, left)

    async def _tell_surely(self, user_id: int, lease: Lease | None) -> None:
        payload, headers = _put(lease)
        place = self._subjects.place(user_id, self._worker)
        try:
            answer = await self._bus.client.request(place, payload, ANSWER_SECONDS, headers=headers)
        except NoRespondersError:
            raise BucketLost from None
        if b'"error"' in answer.data:
            raise BucketLost(answer.data.decode(errors="replace"))


def _put(lease: Lease | None) -> tuple[bytes, dict[str, str]]:
    if lease is None:
        return b"", {"KV-Operation": "PURGE", "Nats-TTL": "1s"}
    return msgspec.json.encode(lease), {"Nats-TTL": f"{round(lease.seconds) + KEPT_SECONDS}s"}


def _lease(payload: bytes) -> Lease | None:
    try:
        return _decoder.decode(payload) if payload else None
    except msgspec.DecodeError:
        return None
