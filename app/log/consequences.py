"""The table that says which jobs an event leaves. The functions they name are in ``app.jobs``."""

from collections.abc import Callable
from typing import Any, NamedTuple

from bus import events as e

UNREAD_SECONDS = 5.0


class Leave(NamedTuple):
    """A job to leave: ``what`` runs ``delay`` seconds later; repeats of one ``key`` within a second fold into one.

    ``when`` says whether this event leaves it at all.

    A folded job's key holds the second it was left in, so that a newer event never waits for, or is swallowed by,
    a job that already runs.
    """

    what: str
    delay: float = 0.0
    key: Callable[[e.Event], str] | None = None
    when: Callable[[Any], bool] = lambda event: True


CONSEQUENCES: dict[type[e.Event], tuple[Leave, ...]] = {
    e.MessageSent: (
        Leave("notify_unread", delay=UNREAD_SECONDS, key=lambda event: event.topic),
        Leave("notify_mentions_in_message", when=lambda event: bool(event.mentions)),
    ),
    e.PostPublished: (Leave("notify_mentions_in_post", when=lambda event: bool(event.mentions)),),
    e.PostLiked: (Leave("notify_like"),),
    e.PostUnliked: (Leave("withdraw_like"),),
    e.CommentAdded: (Leave("notify_comment"),),
    e.Followed: (Leave("notify_follow"),),
    e.Unfollowed: (Leave("withdraw_follow"),),
}
