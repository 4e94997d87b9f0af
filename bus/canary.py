"""The canary: a worker's message to itself, twice a second. While it is late the bus is not to be trusted.

``is_connected`` of nats-py stays true under SIGSTOP, in a black hole and over a dead subscription; this does not.
"""

import asyncio
import time

from bus.connection import Bus
from bus.subjects import Subjects

EVERY_SECONDS = 0.5
LATE_SECONDS = 2.0


class Canary:
    """``alive`` is true while messages come through. ``age`` is the time since the last one, in seconds."""

    def __init__(self, bus: Bus, subjects: Subjects, worker: str) -> None:
        self._bus = bus
        self._subject = subjects.canary(worker)
        self._heard = 0.0
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to sing."""
        await self._bus.listen(self._subject, self._hear)
        self._task = asyncio.create_task(self._sing(), name="canary")

    def stop(self) -> None:
        """Fall silent."""
        if self._task:
            self._task.cancel()

    @property
    def age(self) -> float:
        """Seconds since the last message came back; infinite before the first."""
        return time.monotonic() - self._heard if self._heard else float("inf")

    @property
    def alive(self) -> bool:
        """Whether the bus carries messages now."""
        return self.age < LATE_SECONDS

    def _hear(self, subject: bytes, payload: bytes) -> None:
        self._heard = time.monotonic()

    async def _sing(self) -> None:
        while True:
            self._bus.publish(self._subject, b"")
            await asyncio.sleep(EVERY_SECONDS)
