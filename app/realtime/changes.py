"""What changes while somebody is being told how things stand.

Who comes is told from the database what frames without a seq say: what a group is called, how a conversation is kept,
which threads are followed. They listen already while that is read, so the frame of a newer change may reach them before
the older answer, which would then be the last word. What changed meanwhile is therefore left out of the answer.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from bus import events as e

Thing = tuple[str, int | str, str]


def group(conversation_id: str) -> Thing:
    """What a group is called and looks like."""
    return "group", "", conversation_id


def keeping(user_id: int, conversation_id: str) -> Thing:
    """How somebody keeps a conversation."""
    return "keeping", user_id, conversation_id


def following(user_id: int, thread_id: str) -> Thing:
    """Whether somebody follows a thread."""
    return "following", user_id, thread_id


def _group(event: e.GroupEvent) -> Thing:
    return group(event.conversation_id)


CHANGED: dict[type[e.Event], Callable[[Any], Thing]] = {
    e.GroupRenamed: _group,
    e.GroupPictureChanged: _group,
    e.MemberJoined: _group,
    e.MemberLeft: _group,
    e.ConversationKept: lambda event: keeping(event.user_id, event.conversation_id),
    e.ThreadFollowed: lambda event: following(event.user_id, event.thread_id),
}


class Changes:
    """One per worker. ``hear`` gets at least the events of ``CHANGED``, after they were handed out."""

    def __init__(self) -> None:
        self._noting: list[set[Thing]] = []

    @contextmanager
    def noted(self) -> Iterator[set[Thing]]:
        """The things that change from now on until this is left."""
        things: set[Thing] = set()
        self._noting.append(things)
        try:
            yield things
        finally:
            # By identity: equal ones of others are not this one.
            self._noting[:] = [one for one in self._noting if one is not things]

    def hear(self, event: e.Event) -> None:
        """An event was handed out."""
        if self._noting and (changed := CHANGED.get(type(event))):
            thing = changed(event)
            for things in self._noting:
                things.add(thing)
