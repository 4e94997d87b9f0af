"""Following the presence of those whom this worker's pages show, and of nobody else.

What was said before is read from the bucket, what outlives presence from the database, for many people at once. While
the canary is late everyone is unknown.
"""

import asyncio
import logging
import time
from collections.abc import Coroutine
from typing import Any

from app.database import DATABASE_ERRORS
from app.models import User
from app.realtime.connection import Connection
from app.realtime.hub import Hub
from app.realtime.presence_heard import Ear
from app.realtime.presence_people import People
from app.realtime.presence_shown import VIEW, Display
from bus.canary import Canary
from bus.connection import Bus
from bus.presence import Bucket

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.25
READ_SECONDS = 1.0
STORED_SECONDS = 60.0
STORED_AT_ONCE = 1000


class Follower:
    """One per worker. ``seconds`` is how long a lease is."""

    def __init__(self, hub: Hub, bus: Bus, bucket: Bucket, canary: Canary, seconds: float) -> None:
        self._hub, self._canary = hub, canary
        self.people = People()
        self.display = Display(hub, self.people, seconds)
        self._ear = Ear(bus, bucket, self.people, self.display)
        self._tasks: set[asyncio.Task[None]] = set()
        bus.when_back(self.people.read_again)

    def start(self) -> None:
        """Begin to look at the clock."""
        self._spawn(self._tick_all())
        self._spawn(self._compare_all())

    def stop(self) -> None:
        """Follow nobody any more."""
        for task in tuple(self._tasks):
            task.cancel()

    async def follow(self, connection: Connection, user_ids: list[int]) -> None:
        """Show these people on the page from now on, and no others. Raises the database's errors."""
        # Before anything is awaited: whom nobody holds may be forgotten meanwhile.
        held = self.people.hold(user_ids)
        try:
            met = await self.people.meet([user_id for user_id in user_ids if user_id not in held])
            held |= self.people.hold(met)
        except BaseException:
            self.people.let_go(held)
            raise
        self._hold(connection, held)
        if not connection.open:
            self.release(connection)
            return
        await self._know(held)
        # In one turn of the loop: nothing changes between what is sent here and what is sent later.
        for user_id in connection.following:
            self.show(connection, user_id)

    def show(self, connection: Connection, user_id: int) -> None:
        """Show one of those whom the page follows, or nothing of them while the two are hidden from each other."""
        if user_id not in connection.following:
            return
        person = self.people.by_id[user_id]
        if user_id in connection.hides:
            self._hub.leave((person.topic, VIEW), connection)
            connection.send(person.blank())
        else:
            self._hub.join((person.topic, VIEW), connection)
            connection.send(person.frame())

    def release(self, connection: Connection) -> None:
        """The page is gone."""
        self._hold(connection, frozenset())

    def hide(self, user_id: int, hidden: bool) -> None:
        """A person hides their presence from now on, or shows it again."""
        person = self.people.by_id.get(user_id)
        if person:
            person.seen.hide(hidden)
            self.display.look(person, time.monotonic())

    def _hold(self, connection: Connection, held: frozenset[int]) -> None:
        before, connection.following = connection.following, held
        for user_id in before - held:
            self._hub.leave((self.people.by_id[user_id].topic, VIEW), connection)
        self.people.let_go(before)

    async def _know(self, user_ids: frozenset[int]) -> None:
        """Wait a moment for what was said of them before; without it they are unknown for now."""
        if self._canary.alive and user_ids & self.people.unread:
            await asyncio.wait({self._spawn(self._ear.read())}, timeout=READ_SECONDS)

    async def _tick_all(self) -> None:
        while True:
            try:
                await self._tick()
            except Exception:
                logger.exception("presence: following failed")
            await asyncio.sleep(TICK_SECONDS)

    async def _tick(self) -> None:
        now = time.monotonic()
        if self._canary.alive != self.display.trusted:
            self.display.trust(self._canary.alive)
        self.display.look_at_due(now)
        await self._forget_those_left(now)
        if self.display.trusted and self.people.unread and not self._ear.is_reading:
            self._spawn(self._ear.read())

    async def _forget_those_left(self, now: float) -> None:
        for person in tuple(self.people.by_id.values()):
            # Asked for each one anew: while the last one left, somebody may have come back to this one.
            if not self._ear.is_reading and self.people.is_left(person, now):
                await self._ear.forget(person)

    async def _compare_all(self) -> None:
        while True:
            await asyncio.sleep(STORED_SECONDS)
            try:
                await self._compare()
            except DATABASE_ERRORS as error:
                logger.warning("presence: the database does not answer: %s", type(error).__name__)
            except Exception:
                logger.exception("presence: comparing failed")

    async def _compare(self) -> None:
        """Who hides is told when it happens, and that may be lost: compare with the database now and then."""
        user_ids = list(self.people.by_id)
        for start in range(0, len(user_ids), STORED_AT_ONCE):
            for stored in await User.attendances(user_ids[start : start + STORED_AT_ONCE]):
                self.hide(stored.user_id, stored.hides_presence)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
