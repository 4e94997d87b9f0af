"""A topic that somebody on this worker listens to: how far it has been handed out, and what came too early."""

import sys

from bus.events import Event
from bus.interest import Interest

GRACE_SECONDS = 5.0


class LocalTopic:
    """``position`` is the seq of the last event handed out here; it counts from ``established`` on.

    ``kind`` is ``conversation``, ``user``, ``post`` or ``author``.
    """

    __slots__ = (
        "early",
        "established",
        "establishing",
        "healing",
        "holders",
        "interest",
        "kind",
        "left",
        "name",
        "position",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.kind = sys.intern(name.partition(".")[0])
        self.position = 0
        self.established = False
        self.establishing = False
        self.interest: Interest | None = None
        self.early: dict[int, Event | None] = {}
        self.healing = False
        self.holders = 0
        self.left = 0.0

    def establish(self, head: int) -> None:
        """Everything up to ``head`` was there before us; what follows is handed out."""
        self.position = head
        self.established = True

    def abandoned(self, now: float) -> bool:
        """Nobody has held it for a while. The grace keeps a reload from unsubscribing and subscribing again."""
        return not self.holders and not self.establishing and now - self.left > GRACE_SECONDS
