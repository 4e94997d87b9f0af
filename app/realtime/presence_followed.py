"""Following the presence of those whom this worker's pages show, and of nobody else.

Each of them has a light Interest on the bucket, shared by all pages here. What was said before is read from the bucket,
what outlives presence from the database, for many people at once. While the canary is late everyone is unknown.
"""

import asyncio
import heapq
import logging
import time
from collections.abc import Coroutine
from datetime import UTC, datetime
from typing import Any

from app.database import DATABASE_ERRORS
from app.models import Attendance, User, iso
from app.realtime import frames
from app.realtime.connection import Connection
from app.realtime.hub import Hub
from app.realtime.presence_state import Seen
from app.realtime.websocket import frame
from bus.canary import Canary
from bus.connection import Bus
from bus.interest import Interest
from bus.presence import PRESENCE_ERRORS, Bucket, BucketLost, Lease

logger = logging.getLogger(__name__)

VIEW = "presence"
TICK_SECONDS = 0.25
READ_SECONDS = 1.0
LEFT_SECONDS = 5.0
STORED_SECONDS = 60.0
STORED_AT_ONCE = 1000


class PersonShown:
    """A person whom pages of this worker show. ``holders`` counts the pages."""

    __slots__ = ("holders", "interest", "left", "look_at", "seen", "user_id", "username")

    def __init__(self, stored: Attendance) -> None:
        self.user_id, self.username = stored.user_id, stored.username
        self.seen = Seen(stored.hides_presence, _moment(stored.last_seen_at))
        self.interest: Interest | None = None
        self.holders = 0
        self.left = 0.0
        self.look_at = float("inf")

    @property
    def topic(self) -> str:
        """The name of the person's channel in the hub."""
        return f"presence.{self.user_id}"

    def frame(self) -> bytes:
        """The person as pages show them now."""
        seen = self.seen.shown_last_seen
        last_seen = None if seen is None else iso(datetime.fromtimestamp(seen, UTC))
        return frame(frames.presence(self.user_id, self.username, self.seen.state, last_seen))


class Follower:
    """One per worker. ``seconds`` is how long a lease is."""

    def __init__(self, hub: Hub, bus: Bus, bucket: Bucket, canary: Canary, seconds: float) -> None:
        self._hub, self._bus, self._bucket, self._canary, self._seconds = hub, bus, bucket, canary, seconds
        self._people: dict[int, PersonShown] = {}
        self._unread: set[int] = set()
        self._heard_since: set[tuple[int, str]] = set()
        self._due: list[tuple[float, int]] = []
        self._trusted = self._was_trusted = False
        self._complete_at = self._stored_at = 0.0
        self._reading = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()
        bus.when_back(self._read_again)

    def start(self, bucket_age: float) -> None:
        """Begin to look at the clock. A bucket that is younger than a while has not heard from everyone yet."""
        self._await_everyone(bucket_age)
        self._spawn(self._tick_all())

    def stop(self) -> None:
        """Follow nobody any more."""
        for task in tuple(self._tasks):
            task.cancel()

    # Pages

    async def follow(self, connection: Connection, user_ids: list[int]) -> None:
        """Show these people on the page from now on, and no others. Raises the database's errors."""
        # Before anything is awaited: whom nobody holds may be dropped meanwhile.
        held = self._hold(user_ids)
        try:
            held |= self._hold(await self._meet([user_id for user_id in user_ids if user_id not in held]))
        except BaseException:
            self._let_go(held)
            raise
        self._show(connection, held)
        if not connection.open:
            self.release(connection)
            return
        await self._know(held)
        # In one turn of the loop: nothing changes between what is sent here and what is sent later.
        for user_id in connection.following:
            person = self._people[user_id]
            self._hub.join((person.topic, VIEW), connection)
            connection.send(person.frame())

    def release(self, connection: Connection) -> None:
        """The page is gone."""
        self._show(connection, frozenset())

    def _show(self, connection: Connection, held: frozenset[int]) -> None:
        before, connection.following = connection.following, held
        for user_id in before - held:
            self._hub.leave((self._people[user_id].topic, VIEW), connection)
        self._let_go(before)

    async def _meet(self, user_ids: list[int]) -> list[int]:
        """Of these people, whom nobody shows yet, those that exist."""
        found = await User.attendances(user_ids) if user_ids else []
        for stored in found:
            if stored.user_id not in self._people:
                self._people[stored.user_id] = PersonShown(stored)
                self._unread.add(stored.user_id)
        return [stored.user_id for stored in found]

    def _hold(self, user_ids: list[int]) -> frozenset[int]:
        held = frozenset(user_ids) & self._people.keys()
        for user_id in held:
            self._people[user_id].holders += 1
        return held

    def _let_go(self, user_ids: frozenset[int]) -> None:
        for user_id in user_ids:
            person = self._people[user_id]
            person.holders -= 1
            person.left = time.monotonic()

    async def _know(self, user_ids: frozenset[int]) -> None:
        """Wait a moment for what was said of them before; without it they are unknown for now."""
        if self._canary.alive and user_ids & self._unread:
            await asyncio.wait({self._spawn(self._read())}, timeout=READ_SECONDS)

    # What is said

    def hide(self, user_id: int, hidden: bool) -> None:
        """A person hides their presence from now on, or shows it again."""
        person = self._people.get(user_id)
        if person:
            person.seen.hide(hidden)
            self._look(person, time.monotonic())

    def _heard(self, user_id: int, place: str, lease: Lease | None) -> None:
        person = self._people.get(user_id)
        if person:
            if self._reading.locked():
                self._heard_since.add((user_id, place))
            now = time.monotonic()
            person.seen.heard(place, lease, now)
            self._look(person, now)

    def _found(self, user_id: int, place: str, lease: Lease | None) -> None:
        person = self._people.get(user_id)
        if person and (user_id, place) not in self._heard_since:
            person.seen.heard(place, lease, time.monotonic())

    async def _read(self) -> None:
        """Listen to everyone new, and read what was said of them before. For all that wait at once."""
        async with self._reading:
            wanted = [user_id for user_id in self._unread if user_id in self._people]
            if not wanted:
                return
            self._heard_since.clear()
            for user_id in wanted:
                person = self._people[user_id]
                if person.interest is None:
                    person.interest = await self._bucket.listen(user_id, self._heard)
            try:
                # Read after NATS has the subscriptions: whatever is put later is heard.
                if not await self._bus.settle():
                    return
                await self._read_bucket(wanted)
            except PRESENCE_ERRORS as error:
                logger.warning("presence: cannot be read: %s", type(error).__name__)
                return
            self._unread.difference_update(wanted)
            self._look_at_all(wanted)

    async def _read_bucket(self, user_ids: list[int]) -> None:
        try:
            await self._bucket.read(user_ids, self._found)
        except BucketLost:
            self._await_everyone(await self._bucket.ensure())

    def _read_again(self) -> None:
        """Something may have been missed."""
        self._unread.update(self._people)

    # Time

    def _look(self, person: PersonShown, now: float) -> None:
        known = person.user_id not in self._unread or person.seen.state != "unknown"
        terms = {"trusted": self._trusted and known, "complete": now >= self._complete_at}
        if person.seen.look(now, **terms):
            self._hub.send((person.topic, VIEW), person.frame())
        due = person.seen.due(now, **terms)
        if due is not None and due < person.look_at:
            person.look_at = due
            heapq.heappush(self._due, (due, person.user_id))

    def _look_at_all(self, user_ids: list[int]) -> None:
        now = time.monotonic()
        for user_id in user_ids:
            if user_id in self._people:
                self._look(self._people[user_id], now)

    async def _tick_all(self) -> None:
        while True:
            try:
                await self._tick()
            except DATABASE_ERRORS as error:
                logger.warning("presence: the database does not answer: %s", type(error).__name__)
            except Exception:
                logger.exception("presence: following failed")
            await asyncio.sleep(TICK_SECONDS)

    async def _tick(self) -> None:
        now = time.monotonic()
        if self._canary.alive != self._trusted:
            self._trust(self._canary.alive)
        if self._complete_at and now >= self._complete_at:
            self._complete_at = 0.0
            self._look_at_all(list(self._people))
        while self._due and self._due[0][0] <= now:
            _, user_id = heapq.heappop(self._due)
            person = self._people.get(user_id)
            if person and person.look_at <= now:
                person.look_at = float("inf")
                self._look(person, now)
        await self._drop_unheld(now)
        if self._trusted and self._unread and not self._reading.locked():
            self._spawn(self._read())
        if now - self._stored_at > STORED_SECONDS:
            self._stored_at = now
            await self._compare()

    def _trust(self, trusted: bool) -> None:
        """The canary fell silent, or is heard again: what was said before holds until it can have been said anew."""
        self._trusted = trusted
        if trusted and self._was_trusted:
            self._await_everyone()
            for person in self._people.values():
                person.seen.extend(self._complete_at)
            self._read_again()
        self._was_trusted = self._was_trusted or trusted
        self._look_at_all(list(self._people))

    def _await_everyone(self, since: float = 0.0) -> None:
        self._complete_at = time.monotonic() + max(0.0, self._seconds / 2 - since)

    async def _drop_unheld(self, now: float) -> None:
        for person in tuple(self._people.values()):
            # Asked for each one anew: while the last one left, somebody may have come back to this one.
            if not person.holders and not self._reading.locked() and now - person.left > LEFT_SECONDS:
                del self._people[person.user_id]
                self._unread.discard(person.user_id)
                if person.interest:
                    await self._bus.leave(person.interest)

    async def _compare(self) -> None:
        """Who hides is told when it happens, and that may be lost: compare with the database now and then."""
        user_ids = list(self._people)
        for start in range(0, len(user_ids), STORED_AT_ONCE):
            for stored in await User.attendances(user_ids[start : start + STORED_AT_ONCE]):
                self.hide(stored.user_id, stored.hides_presence)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _moment(at: datetime | None) -> float | None:
    return at.timestamp() if at else None
