"""What is said of the people whom pages here show: heard from now on, and read from the bucket as it was before.

Each of them has a light Interest on the bucket, shared by all pages here.
"""

import asyncio
import logging
import time

from app.realtime.presence_people import People, PersonShown
from app.realtime.presence_shown import Display
from bus.connection import Bus
from bus.lease import Lease
from bus.presence import PRESENCE_ERRORS, Bucket, BucketLost

logger = logging.getLogger(__name__)


class Ear:
    """One per worker. What it hears and reads goes on to ``display``."""

    def __init__(self, bus: Bus, bucket: Bucket, people: People, display: Display) -> None:
        self._bus, self._bucket, self._people, self._display = bus, bucket, people, display
        self._heard_since: set[tuple[int, str]] = set()
        self._reading = asyncio.Lock()

    @property
    def is_reading(self) -> bool:
        """Whether it reads now; meanwhile nobody may be forgotten."""
        return self._reading.locked()

    async def read(self) -> None:
        """Listen to everyone new, and read what was said of them before. For all that wait at once."""
        async with self._reading:
            wanted = [user_id for user_id in self._people.unread if user_id in self._people.by_id]
            if not wanted:
                return
            self._heard_since.clear()
            for user_id in wanted:
                person = self._people.by_id[user_id]
                if person.interest is None:
                    person.interest = await self._bucket.listen(user_id, self._hear)
            try:
                # Read after NATS has the subscriptions: whatever is put later is heard.
                if not await self._bus.settle():
                    return
                await self._read_bucket(wanted)
            except PRESENCE_ERRORS as error:
                logger.warning("presence: cannot be read: %s", type(error).__name__)
                return
            self._people.unread.difference_update(wanted)
            self._display.look_at(wanted)

    async def forget(self, person: PersonShown) -> None:
        """Listen to them no more."""
        self._people.forget(person)
        if person.interest:
            await self._bus.leave(person.interest)

    def _hear(self, user_id: int, place: str, lease: Lease | None) -> None:
        person = self._people.by_id.get(user_id)
        if person:
            if self.is_reading:
                self._heard_since.add((user_id, place))
            now = time.monotonic()
            person.seen.heard(place, lease, now)
            self._display.look(person, now)

    async def _read_bucket(self, user_ids: list[int]) -> None:
        try:
            age = await self._bucket.read(user_ids, self._find)
        except BucketLost:
            await self._bucket.ensure()
            age = await self._bucket.read(user_ids, self._find)
        # One that was made just now, be it by another worker, has not heard from everyone yet.
        self._display.await_everyone(age)

    def _find(self, user_id: int, place: str, lease: Lease, put_at: float) -> None:
        person = self._people.by_id.get(user_id)
        if person and (user_id, place) not in self._heard_since:
            person.seen.found(place, lease, put_at, time.monotonic())
