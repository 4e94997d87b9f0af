"""Pruning: the log keeps some days; each topic remembers its floor, so that a cursor below it is told to refetch."""

from app.models.base import row

BATCH = 1000


async def prune(days: float) -> int:
    """Delete one batch of events older than ``days`` and raise their topics' floors. Gives how many were deleted.

    Deleted and floored in one statement: a reader never meets a hole that the floor does not explain.
    """
    found = await row(
        "WITH old AS (SELECT id FROM log WHERE at < now() - make_interval(secs => $1) ORDER BY at LIMIT $2 "
        "FOR UPDATE SKIP LOCKED), "
        "gone AS (DELETE FROM log USING old WHERE log.id = old.id RETURNING topic, seq), "
        "floors AS (SELECT topic, max(seq) AS floor FROM gone GROUP BY topic ORDER BY topic), "
        "raised AS (UPDATE topics SET floor = greatest(topics.floor, floors.floor) "
        "FROM floors WHERE topics.name = floors.topic) "
        "SELECT count(*) AS gone FROM gone",
        days * 86400,
        BATCH,
    )
    return int(found["gone"]) if found else 0
