"""Telling who is at this worker: what changed within half a second, and all of it again before it lapses."""

import asyncio
import logging
import secrets
import time
from collections.abc import Awaitable, Callable

from app.database import DATABASE_ERRORS
from app.realtime.connection import Connection
from app.realtime.presence_state import Here
from bus.canary import Canary
from bus.presence import PRESENCE_ERRORS, Bucket, BucketLost, Lease

logger = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
WRITE_SECONDS = 60.0
FAREWELL_SECONDS = 2.0

WriteSeen = Callable[[dict[int, float]], Awaitable[None]]


class Teller:
    """One per worker. ``write_seen`` stores when people were last seen, once a minute for all of them together."""

    def __init__(self, bucket: Bucket, canary: Canary, seconds: float, write_seen: WriteSeen) -> None:
        self._bucket, self._canary, self._write_seen = bucket, canary, write_seen
        self._here = Here(seconds)
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
        self._here.arrive(connection.user_id, connection, hidden, time.time())

    def leave(self, connection: Connection) -> None:
        """A page is gone."""
        self._here.leave(connection.user_id, connection, time.time())

    def active(self, connection: Connection, is_active: bool) -> None:
        """A page says whether its person is at it."""
        self._here.active(connection.user_id, connection, is_active, time.time())

    def hide(self, user_id: int, hidden: bool) -> None:
        """A person hides their presence from now on, or shows it again."""
        self._here.hide(user_id, hidden)

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
        told = self._here.tell(time.time(), everyone)
        if everyone:
            self._again = time.monotonic() + self._here.seconds / 3
        if not told:
            return
        try:
            await self._put(told)
        except BaseException:
            self._here.retry(told)
            raise
        self._here.confirm(told, time.time())

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
        seen = self._here.unwritten()
        try:
            if seen:
                await self._write_seen(seen)
        except DATABASE_ERRORS as error:
            logger.warning("presence: last seen is not written: %s", type(error).__name__)
            self._here.rewrite(seen)
