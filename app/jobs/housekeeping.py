"""Housekeeping: what has had its time is deleted, in small batches, so that no table grows for ever."""

from app.config import Settings
from app.log.prune import prune
from app.models.base import rows

BATCH = 1000

EXPIRED = {
    "throttles": "until < now() - interval '1 day'",
    "sessions": "ended_at < now() - interval '7 days' "
    "OR (kind = 'cookie' AND seen_at < now() - make_interval(secs => $1))",
    "receipts": "at < now() - interval '7 days'",
    "rejected": "at < now() - interval '30 days'",
}
"""What is deleted of which table; ``$1`` is how many seconds a browser stays signed in without being used."""


async def tidy(settings: Settings) -> int:
    """Delete one batch of everything that has expired. Gives how many rows went; 0 when all is tidy."""
    gone = await prune(settings.log_days)
    for table, expired in EXPIRED.items():
        found = await rows(
            f"WITH old AS (SELECT ctid FROM {table} WHERE {expired} LIMIT {BATCH}) "  # noqa: S608 - our own words
            f"DELETE FROM {table} USING old WHERE {table}.ctid = old.ctid RETURNING 1 AS gone",
            *([settings.session_days * 86400] if "$1" in expired else []),
        )
        gone += len(found)
    return gone
