"""The pulse: whether PostgreSQL answers now, and what its clock says; asked twice a second on a connection of its own.

A server that is frozen refuses nothing: it is only silent, and so would be every page that asks it. Here one question
finds that out for all of them. It goes past the pool, which may be full while the database is well.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

import asyncpg

from app.config import Settings
from app.database import DATABASE_ERRORS, connect_alone

logger = logging.getLogger(__name__)

EVERY_SECONDS = 0.5
EVERY_SECONDS_IN_TROUBLE = 0.2
LATE_SECONDS = 1.0
HUNG_SECONDS = 6.0
PRECISE_SECONDS = 0.1

Answer = TypeVar("Answer")


class Pulse:
    """``alive`` is true while PostgreSQL answers within a second."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._task: asyncio.Task[None] | None = None
        self._answered = 0.0
        self._ahead: float | None = None
        self._loss: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def start(self) -> None:
        """Ask for the first time, and from then on. Raises OSError or asyncpg's errors when that fails."""
        await self._ask()
        self._task = asyncio.create_task(self._beat(), name="pulse")

    def stop(self) -> None:
        """Ask no more."""
        if self._task:
            self._task.cancel()
        self._hang_up()

    @property
    def alive(self) -> bool:
        """Whether it is worth asking the database anything."""
        return not self._loss.done()

    @property
    def age(self) -> float:
        """Seconds since the last answer; infinite before the first."""
        return time.monotonic() - self._answered if self._answered else float("inf")

    def now(self) -> float:
        """Unix time by the clock of the database, which is the same for all hosts; also while it does not answer."""
        return time.monotonic() + (self._ahead or 0.0)

    async def in_time(self, work: Coroutine[Any, Any, Answer], deadline: float) -> Answer:
        """What ``work`` gives. Raises TimeoutError as soon as the database is known to be silent, and at ``deadline``.

        ``deadline`` is of the monotonic clock. The work is cancelled then, but not awaited: giving back the connection
        of a cancelled query waits for the server as well.
        """
        if not self.alive:
            work.close()
            raise TimeoutError
        task = asyncio.ensure_future(work)
        either: set[asyncio.Future[Any]] = {task, self._loss}
        left = max(0.0, deadline - time.monotonic())
        try:
            await asyncio.wait(either, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if not task.done():
                task.cancel()
                task.add_done_callback(_forget)
        if task.done():
            return task.result()
        raise TimeoutError

    async def _beat(self) -> None:
        while True:
            asking = asyncio.ensure_future(self._try())
            done, _ = await asyncio.wait({asking}, timeout=LATE_SECONDS)
            if not done:
                self._lose()
                # It answers in the moment in which the server goes on. If the connection is lost, it never does.
                await asyncio.wait({asking}, timeout=HUNG_SECONDS)
            if asking.done() and asking.result():
                self._find()
            else:
                self._lose()
                asking.cancel()
                self._hang_up()
            await asyncio.sleep(EVERY_SECONDS if self.alive else EVERY_SECONDS_IN_TROUBLE)

    async def _try(self) -> bool:
        # Twice: a connection may end although the server is well.
        for _ in range(2):
            try:
                await self._ask()
                return True
            except Exception as error:
                if not isinstance(error, DATABASE_ERRORS):
                    logger.exception("pulse: cannot ask")
                self._hang_up()
        return False

    async def _ask(self) -> None:
        if self._connection is None:
            self._connection = await connect_alone(self._settings)
        began = time.monotonic()
        moment = await self._connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
        self._answered = time.monotonic()
        # A slow answer tells less of the clock than what is known by now.
        if self._ahead is None or self._answered - began < PRECISE_SECONDS:
            self._ahead = moment - (began + self._answered) / 2

    def _lose(self) -> None:
        if self.alive:
            logger.warning("pulse: the database does not answer")
            self._loss.set_result(None)

    def _find(self) -> None:
        if not self.alive:
            logger.info("pulse: the database answers again")
            self._loss = asyncio.get_running_loop().create_future()

    def _hang_up(self) -> None:
        connection, self._connection = self._connection, None
        if connection:
            connection.terminate()


def _forget(task: asyncio.Future[Any]) -> None:
    """So that nobody complains that its error was never looked at."""
    if not task.cancelled():
        task.exception()
