"""The table that says which jobs an event leaves. The functions they name are in ``app.jobs``."""

from collections.abc import Callable
from typing import Any, NamedTuple

from bus import events as e


class _Patience:
    unread_seconds = 5.0


def tell_unread_after(seconds: float) -> None:
    """In this process: tell people of a message when it has been unread for ``seconds``."""
    _Patience.unread_seconds = seconds


def unread_seconds() -> float:
    """How long a message must be unread before somebody is told of it."""
    return _Patience.unread_seconds


def at_once() -> float:
    """The delay of a job that waits for nothing."""
    return 0.0


class Leave(NamedTuple):
    """A job to leave: ``what`` runs ``delay()`` seconds later; repeats of one ``key`` within a second fold into one.

    ``when`` says whether this event leaves it at all.

    A folded job's key holds the second it was left in, so that a newer event never waits for, or is swallowed by,
    a job that already runs.
    """

    what: str
    delay: Callable[[], float] = at_once
    key: Callable[[Any], str] | None = None
    when: Callable[[Any], bool] = lambda event: True


CONSEQUENCES: dict[type[e.Event], tuple[Leave, ...]] = {
    e.MessageSent: (
        Leave("notify_unread", delay=unread_seconds, key=lambda event: event.topic),
        Leave("read_answered", when=lambda event: bool(event.answers)),
        Leave("notify_mentions_in_message", when=lambda event: bool(event.mentions)),
        Leave("notify_reply", delay=unread_seconds, when=lambda event: event.replied_to is not None),
    ),
    e.ThreadMessageSent: (
        Leave("notify_thread", delay=unread_seconds, key=lambda event: f"thread.{event.thread_id}"),
        Leave("read_answered", when=lambda event: bool(event.answers)),
        Leave("notify_mentions_in_message", when=lambda event: bool(event.mentions)),
    ),
    e.MemberLeft: (Leave("withdraw_unread"),),
    e.MessageEdited: (
        Leave("notify_mentions_in_message", when=lambda event: bool(event.mentions)),
        Leave("withdraw_mentions", when=lambda event: bool(event.unmentioned)),
    ),
    e.MessageDeleted: (Leave("remove_message"),),
    e.PersonBlocked: (Leave("remove_blocked"),),
    e.PostPublished: (Leave("notify_mentions_in_post", when=lambda event: bool(event.mentions)),),
    e.PostLiked: (Leave("notify_like"),),
    e.PostUnliked: (Leave("withdraw_like"),),
    e.CommentAdded: (Leave("notify_comment"),),
    e.CommentDeleted: (Leave("remove_comment"),),
    e.PostDeleted: (Leave("remove_post"),),
    e.Followed: (Leave("notify_follow"),),
    e.Unfollowed: (Leave("withdraw_follow"),),
}
