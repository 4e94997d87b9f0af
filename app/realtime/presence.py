"""Presence in a worker: telling who is here, following those whom pages here show, and who hides it."""

import asyncio
from collections.abc import Callable

import msgspec

from app.realtime.connection import Connection
from app.realtime.hub import Hub
from app.realtime.presence_followed import Follower
from app.realtime.presence_told import Teller, WriteSeen
from bus.canary import Canary
from bus.connection import Bus
from bus.encoding import decode_ring
from bus.events import PresenceHidden
from bus.presence import PRESENCE_ERRORS, Bucket
from bus.subjects import Subjects

ENSURE_SECONDS = 3.0


class Presence:
    """One per worker. ``seconds`` is how long others believe that somebody is here without hearing it again.

    ``clock`` gives Unix time, the same at all workers.
    """

    def __init__(
        self,
        hub: Hub,
        bus: Bus,
        subjects: Subjects,
        canary: Canary,
        *,
        worker: str,
        replicas: int,
        seconds: float,
        write_seen: WriteSeen,
        clock: Callable[[], float],
    ) -> None:
        self._bus, self._subjects = bus, subjects
        self._bucket = Bucket(bus, subjects, worker, replicas)
        self._teller = Teller(self._bucket, canary, seconds, write_seen, clock)
        self._follower = Follower(hub, bus, self._bucket, canary, seconds)

    async def start(self) -> None:
        """Begin to tell and to follow."""
        try:
            await asyncio.wait_for(self._bucket.ensure(), ENSURE_SECONDS)
        except (TimeoutError, *PRESENCE_ERRORS):
            pass  # whoever tells first makes it
        # One for all people: it rings when somebody changes a setting, and so rarely.
        await self._bus.listen(self._subjects.event("user.*", "presence_hidden"), self._hidden_rang)
        self._teller.start()
        self._follower.start()

    async def stop(self) -> None:
        """Say that those who were here are not, and fall silent."""
        self._follower.stop()
        await self._teller.stop()

    def arrive(self, connection: Connection, hidden: bool) -> None:
        """A page of somebody opened, who counts as active until it says otherwise."""
        if connection.open:
            self._teller.arrive(connection, hidden)

    def leave(self, connection: Connection) -> None:
        """A page is gone: its person here, and whom it showed."""
        self._teller.leave(connection)
        self._follower.release(connection)

    def active(self, connection: Connection, is_active: bool) -> None:
        """A page says whether its person is at it."""
        self._teller.active(connection, is_active)

    async def follow(self, connection: Connection, user_ids: list[int]) -> None:
        """Show these people on the page from now on, and no others. Raises the database's errors."""
        await self._follower.follow(connection, user_ids)

    def show(self, connection: Connection, user_id: int) -> None:
        """Whether the two are hidden from each other has changed: show that person on the page again, or no more."""
        self._follower.show(connection, user_id)

    def hide(self, user_id: int, hidden: bool) -> None:
        """A person hides their presence from now on, or shows it again."""
        self._teller.hide(user_id, hidden)
        self._follower.hide(user_id, hidden)

    @property
    def present(self) -> int:
        """How many people have a page open at this worker."""
        return self._teller.here.present

    @property
    def followed(self) -> int:
        """Of how many people pages here show the presence."""
        return len(self._follower.people.by_id)

    @property
    def unknown(self) -> bool:
        """Whether nothing can be said of anybody, as NATS is silent."""
        return not self._follower.display.trusted

    @property
    def puts(self) -> int:
        """How many leases this worker has put."""
        return self._bucket.puts

    @property
    def changes(self) -> int:
        """How often pages here were shown another state of somebody."""
        return self._follower.display.changes

    def _hidden_rang(self, subject: bytes, payload: bytes) -> None:
        try:
            _, event = decode_ring(payload)
        except msgspec.DecodeError:
            return
        if isinstance(event, PresenceHidden):
            self.hide(event.user_id, event.hidden)
