"""``transaction()``: rows, events and jobs are committed together, and only then does the bus ring.

Tortoise's own ``in_transaction`` is not used: it leaks a pooled connection when a task is cancelled while it begins,
and after a crash of PostgreSQL it leaves a stale connection in the task's context for ever. Here the context is reset
first, and commit or rollback and the release run shielded from the caller's cancellation.
"""

import asyncio
import logging
from collections.abc import Awaitable
from types import TracebackType
from typing import Any, Protocol

from tortoise.backends.asyncpg.client import TransactionWrapper
from tortoise.connection import ConnectionToken, get_connections

from app.log.append import Appended, append, lock
from app.models.base import client
from bus.events import Event

logger = logging.getLogger(__name__)

ACQUIRE_SECONDS = 5.0


class Bell(Protocol):
    """What rings after a commit: the bus, or nothing at all in a command that has none."""

    def __call__(self, appended: list[Appended], jobs_due: bool) -> None:
        """These were committed, and perhaps a job is due."""


def _silence(appended: list[Appended], jobs_due: bool) -> None:
    """The log is the truth; without a bell, workers hear of it by comparing heads."""


class _Bell:
    ring: Bell = staticmethod(_silence)


def ring_with(bell: Bell) -> None:
    """Ring ``bell`` after each commit of this process. It must neither block nor raise."""
    _Bell.ring = bell


class Events:
    """What a transaction will announce. Lives as long as its ``async with`` block."""

    def __init__(self) -> None:
        self.appended: list[Event] = []
        self._locked: dict[str, int] | None = None

    def append(self, event: Event) -> None:
        """Announce ``event`` if, and as soon as, the block is left without an error."""
        if self._locked is not None and event.topic not in self._locked and event.topic < max(self._locked):
            raise ValueError("a transaction that locked topics may only append to those, and to what sorts after them")
        self.appended.append(event)

    async def lock(self, topics: list[str], *, wait: bool = True) -> dict[str, int]:
        """Lock topics until the commit and give their heads: the next event of each has the seq after that.

        For rows that store the seq of their event. Without ``wait``, topics that somebody else has locked are left
        out, and those in which nothing has happened yet. They are locked once, and only they may be written then, or
        topics that sort after them: any other lock afterwards would be a deadlock waiting to happen.
        """
        if self._locked is not None or self.appended:
            raise ValueError("topics are locked once, before anything is appended")
        self._locked = await lock(client(), topics, wait)
        return self._locked


class transaction:
    """``async with transaction() as events:`` — see the module. Cannot be nested (ValueError)."""

    async def __aenter__(self) -> Events:
        pool_client = client()
        if isinstance(pool_client, TransactionWrapper):
            raise ValueError("transaction() inside transaction()")
        if pool_client._pool is None:
            await pool_client.create_connection(with_db=True)
        assert pool_client._pool is not None
        self._pool = pool_client._pool
        self._wrapper = TransactionWrapper(pool_client)
        connection: Any = await self._pool.acquire(timeout=ACQUIRE_SECONDS)
        self._wrapper._connection = self._connection = connection
        self._token: ConnectionToken = get_connections().set("default", self._wrapper)
        try:
            await self._wrapper.begin()
        except BaseException:
            get_connections().reset(self._token)
            await _to_the_end(self._release())
            raise
        self._events = Events()
        return self._events

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        get_connections().reset(self._token)
        await _to_the_end(self._roll_back() if kind else self._commit())

    async def _commit(self) -> None:
        events = self._events
        try:
            written = await append(self._wrapper, events.appended)
            await self._wrapper.commit()
        except BaseException:
            await self._roll_back()
            raise
        await self._release()
        _Bell.ring(*written)

    async def _roll_back(self) -> None:
        try:
            await self._wrapper.rollback()
        except Exception as error:
            # The connection is broken; PostgreSQL has rolled back or will, and release() throws it away.
            logger.warning("rollback failed: %s", type(error).__name__)
        finally:
            await self._release()

    async def _release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await self._pool.release(connection)


_running: set[asyncio.Task[None]] = set()


async def _to_the_end(work: Awaitable[None]) -> None:
    """Await ``work`` so that a cancellation of the caller does not stop it half-way."""
    task = asyncio.ensure_future(work)
    _running.add(task)
    task.add_done_callback(_running.discard)
    await asyncio.shield(task)
