"""The table of jobs: what each name in ``app.log.consequences`` runs, and how often it is tried."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from app.jobs import notices, replies, unread, withdrawals

Work = Callable[..., Awaitable[None]]
"""Gets the transaction's Events, and the event that left the job; or all those of the jobs that are done together."""


class Rule(NamedTuple):
    """``work`` runs in the transaction that finishes the job; after ``tries`` failures it is a dead letter.

    So many as ``together`` may be done in one transaction.
    """

    work: Work
    tries: int = 8
    together: int = 1


JOBS: dict[str, Rule] = {
    "notify_like": Rule(notices.notify_like),
    "withdraw_like": Rule(withdrawals.withdraw_like),
    "notify_comment": Rule(notices.notify_comment),
    "notify_mentions_in_post": Rule(notices.notify_mentions_in_post),
    "notify_mentions_in_message": Rule(notices.notify_mentions_in_message),
    "withdraw_mentions": Rule(withdrawals.withdraw_mentions),
    "remove_message": Rule(withdrawals.remove_message),
    "remove_blocked": Rule(withdrawals.remove_blocked),
    "notify_follow": Rule(notices.notify_follow),
    "withdraw_follow": Rule(withdrawals.withdraw_follow),
    "withdraw_unread": Rule(withdrawals.withdraw_unread),
    "remove_comment": Rule(withdrawals.remove_comment),
    "remove_post": Rule(withdrawals.remove_post),
    "read_answered": Rule(unread.read_answered),
    # Every conversation in which somebody writes leaves one each second. Few, as one may tell 200 people.
    "notify_unread": Rule(unread.notify_unread, together=8),
    "notify_reply": Rule(replies.notify_reply),
    "notify_thread": Rule(unread.notify_thread),
}


def retry_after(tries: int) -> float:
    """Seconds until the next try after ``tries`` failures: 1, 2, 4 … at most five minutes."""
    return float(min(2 ** (tries - 1), 300))
