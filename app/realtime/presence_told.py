"""Telling who is at this worker: what changed within half a second, and all of it again before it lapses."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable

from app.database import DATABASE_ERRORS
from app.realtime.connection import Connection
from app.realtime.presence_here import Here
from bus.canary import Canary
from bus.lease import Lease
from bus.presence import PRESENCE_ERRORS, Bucket, BucketLost

logger = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
WRITE_SECONDS = 60.0
FAREWELL_SECONDS = 2.0

WriteSeen = Callable[[dict[int, float]], Awaitable[None]]


class Teller:
    """One per worker. ``write_seen`` stores when people were last seen, once a minute for all of them together.

    ``clock`` gives Unix time, the same at all workers: what one of them saw is compared with what another one did.
    """

    def __init__(
        self, bucket: Bucket, canary: Canary, seconds: float, write_seen: WriteSeen, clock: Callable[[], float]
    ) -> None:
        self._bucket, self._canary, self._write_seen, self._clock = bucket, canary, write_seen, clock
        self.here = Here(seconds)
        self._again = 0.0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to tell."""
        self._tasks = [asyncio.create_task(work(), name=work.__name__) for work in (self._tell_all, self._write_all)]

    async def stop(self) -> None:
        """Tell once more, of those who went elsewhere, and fall silent."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        try:
            await asyncio.wait_for(self._tell(), FAREWELL_SECONDS)
        except (TimeoutError, *PRESENCE_ERRORS):
            pass  # the leases lapse by themselves
        await self._write()

    def arrive(self, connection: Connection, hidden: bool) -> None:
        """A page opened."""
        self.here.arrive(connection.user_id, connection, hidden, self._clock())

    def leave(self, connection: Connection) -> None:
        """A page is gone."""
        self.here.leave(connection.user_id, connection, self._clock())

    def active(self, connection: Connection, is_active: bool) -> None:
        """A page says whether its person is at it."""
        self.here.active(connection.user_id, connection, is_active, self._clock())

    def hide(self, user_id: int, hidden: bool) -> None:
        """A person hides their presence from now on, or shows it again."""
        self.here.hide(user_id, hidden)

    async def _tell_all(self) -> None:
        while True:
            try:
                await self._tell()
            except PRESENCE_ERRORS as error:
                logger.warning("presence: not told: %s", type(error).__name__)
            except Exception:
                logger.exception("presence: telling failed")
            await asyncio.sleep(BEAT_SECONDS)

    async def _tell(self) -> None:
        if not self._canary.alive:
            # Once it is heard again, everything is told: the bucket may have been lost.
            self._again = 0.0
            return
        everyone = time.monotonic() >= self._again
        told = self.here.tell(self._clock(), everyone)
        if everyone:
            self._again = time.monotonic() + self.here.seconds / 3
        if not told:
            return
        try:
            await self._put(told)
        except BaseException:
            self.here.retry(told)
            raise
        self.here.confirm(told, self._clock())

    async def _put(self, told: dict[int, Lease | None]) -> None:
        try:
            await self._bucket.tell(told)
        except BucketLost:
            logger.warning("presence: the bucket is lost, and made anew")
            await self._bucket.ensure()
            self._again = 0.0
            await self._bucket.tell(told)

    async def _write_all(self) -> None:
        while True:
            await asyncio.sleep(WRITE_SECONDS * (0.5 + secrets.randbelow(100) / 100))
            await self._write()

    async def _write(self) -> None:
        seen = self.here.unwritten()
        try:
            if seen:
                await self._write_seen(seen)
        except DATABASE_ERRORS as error:
            logger.warning("presence: last seen is not written: %s", type(error).__name__)
            self.here.rewrite(seen)
