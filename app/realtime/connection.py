"""A connection: one person at one topic, over a line. It is never waited for."""

from typing import Any

from app.models import UserFacts
from app.realtime.hub import Channel
from app.realtime.line import Line
from app.realtime.topics import LocalTopic

# One for all: every frozenset() takes 216 bytes, and most connections have nothing in any of these.
NONE: frozenset[Any] = frozenset()


class Connection:
    """What the hub, catching up and the effects know of an open page, whichever kind of line it has."""

    __slots__ = (
        "address",
        "after_post",
        "channels",
        "feed",
        "following",
        "held",
        "hides",
        "left",
        "line",
        "session_id",
        "topic",
        "user",
        "user_id",
        "watching",
    )

    def __init__(self, user: UserFacts, session_id: str, address: str, *, topic: str, line: Line) -> None:
        self.user, self.user_id, self.session_id, self.address = user, user.id, session_id, address
        self.topic = topic
        self.line = line
        self.channels: set[Channel] = set()
        self.held: list[LocalTopic] = []
        self.hides: frozenset[int] = NONE
        self.left: frozenset[str] = NONE
        self.watching: frozenset[LocalTopic] = NONE
        self.feed = False
        self.following: frozenset[int] = NONE
        self.after_post: int | None = None
        line.connections.append(self)

    @property
    def open(self) -> bool:
        """Whether frames can still reach the peer."""
        return self.line.open

    @property
    def buffered(self) -> int:
        """Bytes that wait to be taken by the peer."""
        return self.line.buffered

    @property
    def half_full(self) -> int:
        """Above this many buffered bytes a backlog waits."""
        return self.line.half_full

    def send(self, data: bytes) -> None:
        """Hand over ready-made frames; they leave when the loop turns."""
        self.line.send(self, data)

    def send_now(self, data: bytes) -> None:
        """Hand over ready-made frames and let them leave, after those handed over before."""
        self.line.send_now(self, data)

    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye with ``code``."""
        self.line.close(self, code, reason)

    async def drained(self) -> None:
        """Wait until the peer has taken most of what it was sent; for a backlog, never for live frames."""
        await self.line.drained()

    def tick(self, now: float) -> None:
        """Look at the clock."""
        self.line.tick(now)
