"""A topic that somebody on this worker listens to: how far it has been handed out, and what came too early."""

import sys

from app.realtime.audience import Audience
from app.realtime.hub import Channel
from bus.events import Event
from bus.interest import Interest

GRACE_SECONDS = 5.0
VIEWS = {
    "conversation": ("chat", "activity"),
    "user": ("notifications",),
    "post": ("watch",),
    "author": ("feed",),
}
"""The ways of looking at a topic, by its kind."""


class View:
    """One way of looking at a topic. ``audience`` is who did when something last came; ask anew when it is empty."""

    __slots__ = ("audience", "channel", "name")

    def __init__(self, topic: str, name: str) -> None:
        self.name = name
        self.channel: Channel = topic, name
        self.audience: Audience | None = None


class LocalTopic:
    """``position`` is the seq of the last event handed out here; it counts from ``established`` on. Few have ``early``.

    ``kind`` is ``conversation``, ``user``, ``post`` or ``author``; ``views`` are the ways of looking at it.
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
        "views",
    )

    def __init__(self, name: str) -> None:
        self.name = name
        self.kind = sys.intern(name.partition(".")[0])
        self.views = tuple([View(name, view) for view in VIEWS[self.kind]])
        self.position = 0
        self.established = False
        self.establishing = False
        self.interest: Interest | None = None
        self.early: dict[int, Event | None] | None = None
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
