"""What pages are shown of people, and when: as soon as it changes, by what is said or by time alone."""

import heapq
import time
from collections.abc import Iterable

from app.realtime.hub import Hub
from app.realtime.presence_people import People, PersonShown

VIEW = "presence"


class Display:
    """One per worker. ``seconds`` is how long a lease is.

    ``trusted`` is true while what is said arrives; else everyone is unknown. ``changes`` counts what was shown anew.
    """

    def __init__(self, hub: Hub, people: People, seconds: float) -> None:
        self._hub, self._people, self._seconds = hub, people, seconds
        self._due: list[tuple[float, int]] = []
        self._complete_at = 0.0
        self._was_trusted = False
        self.trusted = False
        self.changes = 0

    def look(self, person: PersonShown, now: float) -> None:
        """Show what is true of them now, if it is something else, and note when to look again."""
        known = person.user_id not in self._people.unread or person.seen.state != "unknown"
        terms = {"trusted": self.trusted and known, "complete": now >= self._complete_at}
        if person.seen.look(now, **terms):
            self.changes += 1
            self._hub.send((person.topic, VIEW), person.frame())
        due = person.seen.due(now, **terms)
        if due is not None and due < person.look_at:
            person.look_at = due
            heapq.heappush(self._due, (due, person.user_id))

    def look_at(self, user_ids: Iterable[int]) -> None:
        """The same for several."""
        now = time.monotonic()
        for user_id in tuple(user_ids):
            if user_id in self._people.by_id:
                self.look(self._people.by_id[user_id], now)

    def look_at_due(self, now: float) -> None:
        """Show what time alone has changed."""
        if self._complete_at and now >= self._complete_at:
            self._complete_at = 0.0
            self.look_at(self._people.by_id)
        while self._due and self._due[0][0] <= now:
            _, user_id = heapq.heappop(self._due)
            person = self._people.by_id.get(user_id)
            if person and person.look_at <= now:
                person.look_at = float("inf")
                self.look(person, now)

    def trust(self, trusted: bool) -> None:
        """The canary fell silent, or is heard again: what was said before holds until it can have been said anew."""
        self.trusted = trusted
        if trusted and self._was_trusted:
            self.await_everyone()
            for person in self._people.by_id.values():
                person.seen.extend(self._complete_at)
            self._people.read_again()
        self._was_trusted = self._was_trusted or trusted
        self.look_at(self._people.by_id)

    def await_everyone(self, since: float = 0.0) -> None:
        """For half a lease from then on (seconds ago), who has not been heard of may still be there."""
        left = self._seconds / 2 - since
        if left > 0:
            self._complete_at = max(self._complete_at, time.monotonic() + left)
