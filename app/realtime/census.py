"""How many sockets each user and each address has, over all workers of the site.

Every worker tells the others of each of its sockets that opens or closes, and of all of them now and then. A worker
that has not been heard for a while no longer counts. During an outage of NATS the counts stand still.
"""

import asyncio
import time
from collections import Counter

import msgspec

from bus.connection import Bus
from bus.subjects import Subjects

RETELL_SECONDS = 5.0
FORGET_SECONDS = 16.0


class Told(msgspec.Struct, frozen=True):
    """One worker's counts: all of them (``whole``), or just those that changed."""

    worker: str
    whole: bool
    counts: dict[str, int]


class Census:
    """Keys are ``user:<id>`` and ``address:<address>``."""

    def __init__(self, bus: Bus, subjects: Subjects, worker: str) -> None:
        self._bus, self._subject, self._worker = bus, subjects.sockets, worker
        self._here: Counter[str] = Counter()
        self._changed: set[str] = set()
        self._elsewhere: dict[str, tuple[float, dict[str, int]]] = {}
        self._decoder = msgspec.json.Decoder(Told)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to listen and to tell."""
        await self._bus.listen(self._subject, self._hear)
        self._task = asyncio.create_task(self._retell(), name="census")

    def stop(self) -> None:
        """Fall silent; the others forget us."""
        if self._task:
            self._task.cancel()
        self._tell(True, {})

    def count(self, key: str) -> int:
        """The sockets of ``key`` over all workers, as far as is known."""
        return self._here[key] + sum(counts.get(key, 0) for _, counts in self._elsewhere.values())

    def add(self, *keys: str) -> None:
        """A socket opened here."""
        self._here.update(keys)
        self._change(keys)

    def remove(self, *keys: str) -> None:
        """A socket closed here."""
        self._here.subtract(keys)
        self._change(keys)

    def _change(self, keys: tuple[str, ...]) -> None:
        if not self._changed:
            asyncio.get_running_loop().call_soon(self._tell_changed)
        self._changed.update(keys)

    def _tell_changed(self) -> None:
        # Of everybody who came and went in one turn of the loop, together.
        self._tell(False, {key: self._here[key] for key in self._changed})
        for key in self._changed:
            if self._here[key] <= 0:
                del self._here[key]
        self._changed.clear()

    def _tell(self, whole: bool, counts: dict[str, int]) -> None:
        self._bus.publish(self._subject, msgspec.json.encode(Told(self._worker, whole, counts)))

    def _hear(self, subject: bytes, payload: bytes) -> None:
        told = self._decoder.decode(payload)
        if told.worker == self._worker:
            return
        known = {} if told.whole else self._elsewhere.get(told.worker, (0.0, {}))[1]
        counts = {key: count for key, count in (known | told.counts).items() if count > 0}
        self._elsewhere[told.worker] = (time.monotonic(), counts)

    async def _retell(self) -> None:
        while True:
            self._tell(True, dict(self._here))
            oldest = time.monotonic() - FORGET_SECONDS
            self._elsewhere = {w: kept for w, kept in self._elsewhere.items() if kept[0] > oldest}
            await asyncio.sleep(RETELL_SECONDS)
