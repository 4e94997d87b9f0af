"""Who is at this worker and what to tell the others of it: pure logic, which is given the clock (Unix time)."""

from collections.abc import Hashable
from typing import Literal

from bus.lease import Lease

GRACE_SECONDS = 5.0
"""Who left their last page is still shown for so long: a reload comes back within it."""


class Guest:
    """A person at this worker: their pages, each with whether they are active at it."""

    __slots__ = ("hidden", "left", "pages", "seen", "state")

    def __init__(self) -> None:
        self.pages: dict[Hashable, bool] = {}
        self.hidden = False
        self.state: Literal["online", "away"] = "online"
        self.seen = self.left = 0.0

    def move(self, now: float) -> None:
        """Note what follows from the pages there are; the state stays that of the last of them."""
        if any(self.pages.values()):
            self.state, self.seen = "online", now
        elif self.pages:
            self.state = "away"
        self.left = now if self.pages else self.left


class Here:
    """Who is at this worker, and what to tell the others of it. ``now`` is Unix time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._guests: dict[int, Guest] = {}
        self._untold: set[int] = set()
        self._unwritten: dict[int, float] = {}

    @property
    def present(self) -> int:
        """How many people have a page open here, also those who hide it."""
        return sum(bool(guest.pages) for guest in self._guests.values())

    def arrive(self, user_id: int, page: Hashable, hidden: bool, now: float) -> None:
        """A page opened; its person counts as active until it says otherwise."""
        guest = self._guests.setdefault(user_id, Guest())
        guest.pages[page] = True
        guest.hidden = hidden
        self._moved(user_id, guest, now)

    def leave(self, user_id: int, page: Hashable, now: float) -> None:
        """A page is gone; perhaps it was never here."""
        guest = self._guests.get(user_id)
        if guest and page in guest.pages:
            guest.move(now)
            del guest.pages[page]
            self._moved(user_id, guest, now)

    def active(self, user_id: int, page: Hashable, is_active: bool, now: float) -> None:
        """A page says whether its person is at it."""
        guest = self._guests.get(user_id)
        if guest and guest.pages.get(page) not in (None, is_active):
            guest.move(now)
            guest.pages[page] = is_active
            self._moved(user_id, guest, now)

    def hide(self, user_id: int, hidden: bool) -> None:
        """The person hides their presence from now on, or shows it again."""
        guest = self._guests.get(user_id)
        if guest and guest.hidden != hidden:
            guest.hidden = hidden
            self._untold.add(user_id)
        if hidden:
            self._unwritten.pop(user_id, None)

    def tell(self, now: float, everyone: bool) -> dict[int, Lease | None]:
        """What has changed since it was told; with ``everyone``, of all who are here and do not hide."""
        told = {user_id: self._lease(self._guests[user_id], now) for user_id in self._untold}
        self._untold.clear()
        if everyone:
            shown = {user_id: guest for user_id, guest in self._guests.items() if not guest.hidden}
            told |= {user_id: self._lease(guest, now) for user_id, guest in shown.items()}
        return told

    def confirm(self, told: dict[int, Lease | None], now: float) -> None:
        """That was told: who has left is forgotten, everyone else was just seen."""
        for user_id in told.keys() - self._untold:
            if self._guests[user_id].pages:
                self._write(user_id, self._guests[user_id], now)
            else:
                del self._guests[user_id]

    def retry(self, told: dict[int, Lease | None]) -> None:
        """That could not be told: tell it again."""
        self._untold |= told.keys() & self._guests.keys()

    def unwritten(self) -> dict[int, float]:
        """When people were last seen here, of all for whom that is newer than what was given before."""
        given, self._unwritten = self._unwritten, {}
        return given

    def rewrite(self, given: dict[int, float]) -> None:
        """That could not be written: give it again."""
        self._unwritten = given | self._unwritten

    def _moved(self, user_id: int, guest: Guest, now: float) -> None:
        self._write(user_id, guest, now)
        self._untold.add(user_id)

    def _write(self, user_id: int, guest: Guest, now: float) -> None:
        guest.move(now)
        if guest.seen and not guest.hidden:
            self._unwritten[user_id] = guest.seen

    def _lease(self, guest: Guest, now: float) -> Lease | None:
        if guest.hidden:
            return None
        guest.move(now)
        seconds = self.seconds if guest.pages else max(0.0, GRACE_SECONDS - (now - guest.left))
        return Lease(state=guest.state, seconds=seconds, seen=guest.seen)
