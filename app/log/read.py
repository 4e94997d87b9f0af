"""Reading: the heads of topics, and what stands in the log after a cursor."""

from typing import NamedTuple

from app.models.base import row, rows


class Entry(NamedTuple):
    """One event of a topic as it was written; ``body`` is its JSON."""

    seq: int
    body: str


class Extent(NamedTuple):
    """What the log holds of a topic: the events ``floor < seq <= head``."""

    head: int
    floor: int


async def extent(topic: str) -> Extent:
    """The topic's head and floor; both 0 for one that nothing has happened in."""
    found = await row("SELECT head, floor FROM topics WHERE name = $1", topic)
    return Extent(found["head"], found["floor"]) if found else Extent(0, 0)


async def head(topic: str) -> int:
    """The topic's newest seq. Read it before the rows a page shows: then the page misses nothing after it."""
    return (await extent(topic)).head


async def heads(topics: list[str]) -> dict[str, int]:
    """The newest seq of each topic, 0 where nothing has happened. One query, however many topics."""
    found = await rows("SELECT name, head FROM topics WHERE name = ANY($1::text[])", topics)
    return dict.fromkeys(topics, 0) | {row["name"]: row["head"] for row in found}


async def after(topic: str, seq: int, limit: int = 500) -> list[Entry]:
    """The topic's next events after ``seq``, in order, at most ``limit``."""
    found = await rows(
        "SELECT seq, body FROM log WHERE topic = $1 AND seq > $2 ORDER BY seq LIMIT $3", topic, seq, limit
    )
    return [Entry(row["seq"], row["body"]) for row in found]


async def at(topic: str, seq: int) -> str | None:
    """The event at one place of a topic; None when the log does not hold it any more."""
    found = await row("SELECT body FROM log WHERE topic = $1 AND seq = $2", topic, seq)
    return found["body"] if found else None


async def after_many(cursors: dict[str, int], limit: int = 500) -> dict[str, list[Entry]]:
    """``after`` for several topics in one query; ``limit`` holds for each topic."""
    found = await rows(
        "SELECT topic, entry.seq, entry.body FROM unnest($1::text[], $2::bigint[]) AS wanted (topic, cursor), "
        "LATERAL (SELECT seq, body FROM log WHERE log.topic = wanted.topic AND log.seq > wanted.cursor "
        "ORDER BY log.seq LIMIT $3) AS entry ORDER BY topic, entry.seq",
        list(cursors),
        list(cursors.values()),
        limit,
    )
    entries: dict[str, list[Entry]] = {topic: [] for topic in cursors}
    for line in found:
        entries[line["topic"]].append(Entry(line["seq"], line["body"]))
    return entries
