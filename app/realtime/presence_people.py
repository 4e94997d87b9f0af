"""The people whom pages of this worker show: each once, however many pages show them, and how many do."""

import time
from collections.abc import Iterable
from datetime import UTC, datetime

from app.models import Attendance, User, iso
from app.realtime import frames
from app.realtime.presence_seen import Seen
from app.realtime.websocket import frame
from bus.interest import Interest

LEFT_SECONDS = 5.0


class PersonShown:
    """A person whom pages show. ``holders`` counts the pages, ``look_at`` is when time alone changes something."""

    __slots__ = ("holders", "interest", "left", "look_at", "seen", "user_id", "username")

    def __init__(self, stored: Attendance) -> None:
        self.user_id, self.username = stored.user_id, stored.username
        self.seen = Seen(stored.hides_presence, stored.last_seen_at.timestamp() if stored.last_seen_at else None)
        self.interest: Interest | None = None
        self.holders = 0
        self.left = 0.0
        self.look_at = float("inf")

    @property
    def topic(self) -> str:
        """The name of the person's channel in the hub."""
        return f"presence.{self.user_id}"

    def blank(self) -> bytes:
        """What pages are shown whose people are hidden from this one: nothing."""
        return frame(frames.presence(self.user_id, self.username, "unknown", None))

    def frame(self) -> bytes:
        """The person as pages show them now."""
        seen = self.seen.shown_last_seen
        last_seen = None if seen is None else iso(datetime.fromtimestamp(seen, UTC))
        return frame(frames.presence(self.user_id, self.username, self.seen.state, last_seen))


class People:
    """By id. ``unread``: of whom it is not known, or not any more, what was said before we listened."""

    def __init__(self) -> None:
        self.by_id: dict[int, PersonShown] = {}
        self.unread: set[int] = set()

    async def meet(self, user_ids: list[int]) -> list[int]:
        """Of these people, whom nobody shows yet, those that exist. Raises the database's errors."""
        found = await User.attendances(user_ids) if user_ids else []
        for stored in found:
            if stored.user_id not in self.by_id:
                self.by_id[stored.user_id] = PersonShown(stored)
                self.unread.add(stored.user_id)
        return [stored.user_id for stored in found]

    def hold(self, user_ids: Iterable[int]) -> frozenset[int]:
        """One page more shows these; those of them whom we have met."""
        held = frozenset(user_ids) & self.by_id.keys()
        for user_id in held:
            self.by_id[user_id].holders += 1
        return held

    def let_go(self, user_ids: frozenset[int]) -> None:
        """One page less shows these."""
        for user_id in user_ids:
            person = self.by_id[user_id]
            person.holders -= 1
            person.left = time.monotonic()

    def is_left(self, person: PersonShown, now: float) -> bool:
        """Whether no page has shown them for a while, in which one that was reloaded would have come back."""
        return not person.holders and now - person.left > LEFT_SECONDS

    def forget(self, person: PersonShown) -> None:
        """Nobody shows them any more."""
        del self.by_id[person.user_id]
        self.unread.discard(person.user_id)

    def read_again(self) -> None:
        """Something may have been missed, of anybody."""
        self.unread.update(self.by_id)
