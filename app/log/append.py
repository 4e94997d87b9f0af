"""Writing: the next seq of each topic, the log's rows and the jobs, all inside the caller's transaction."""

from collections import Counter
from typing import Any, NamedTuple

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from app.log.consequences import CONSEQUENCES
from app.models.base import client
from bus.encoding import encode
from bus.events import Event


class Appended(NamedTuple):
    """An event as it stands in the log; ``body`` is its JSON."""

    topic: str
    seq: int
    name: str
    body: bytes


async def next_seqs(counts: dict[str, int], connection: AsyncpgDBClient | None = None) -> dict[str, int]:
    """Take ``counts[topic]`` seqs of each topic and give the last of each. Locks the topics, in sorted order.

    The rows stay locked until the commit, so commit order is seq order and there are no gaps: whoever has seen n
    has nothing below n still to come.
    """
    topics = sorted(counts)
    found = await (connection or client()).execute_query_dict(
        "INSERT INTO topics (name, head, floor) "
        "SELECT name, taken, 0 FROM unnest($1::text[], $2::bigint[]) AS new (name, taken) ORDER BY name "
        "ON CONFLICT (name) DO UPDATE SET head = topics.head + excluded.head RETURNING name, head",
        [topics, [counts[topic] for topic in topics]],
    )
    return {row["name"]: row["head"] for row in found}


async def append(connection: AsyncpgDBClient, events: list[Event], reserved: tuple[str, int] | None) -> list[Appended]:
    """Write the events to the log and give them with their seqs, in order."""
    if not events:
        if reserved:
            raise ValueError(f"a seq of {reserved[0]} was reserved, and no event appended")
        return []
    wanted = Counter(event.topic for event in events)
    if reserved:
        wanted[reserved[0]] -= 1
    heads = await next_seqs({t: n for t, n in wanted.items() if n}, connection) if +wanted else {}
    seqs = {topic: heads[topic] - wanted[topic] for topic in heads}
    if reserved:
        # The reserved seq comes first; what was taken after it follows without a gap, as the row is locked.
        seqs[reserved[0]] = reserved[1] - 1
    appended = []
    for event in events:
        seqs[event.topic] += 1
        appended.append(Appended(event.topic, seqs[event.topic], event.name, encode(event)))
    await connection.execute_query_dict(
        "INSERT INTO log (topic, seq, body, at) "
        "SELECT topic, seq, body, now() FROM unnest($1::text[], $2::bigint[], $3::text[]) AS new (topic, seq, body)",
        [[a.topic for a in appended], [a.seq for a in appended], [a.body.decode() for a in appended]],
    )
    return appended


async def leave_jobs(connection: AsyncpgDBClient, events: list[Event]) -> bool:
    """Write the jobs that the events leave. True when one of them is due at once."""
    jobs: list[tuple[str, str | None, str, float]] = []
    for event in events:
        for leave in CONSEQUENCES.get(type(event), ()):
            if not leave.when(event):
                continue
            key = leave.key(event) if leave.key else None
            jobs.append((leave.what, key, encode(event).decode(), leave.delay()))
    if not jobs:
        return False
    columns: list[list[Any]] = [list(column) for column in zip(*jobs, strict=True)]
    await connection.execute_query_dict(
        "INSERT INTO jobs (what, key, body, run_at, tries) "
        "SELECT what, key || '@' || floor(extract(epoch FROM clock_timestamp()))::bigint, body, "
        "clock_timestamp() + make_interval(secs => delay + CASE WHEN key IS NULL THEN 0 ELSE 1 END), 0 "
        "FROM unnest($1::text[], $2::text[], $3::text[], $4::float8[]) AS new (what, key, body, delay) "
        "ON CONFLICT (what, key) DO NOTHING",
        columns,
    )
    return any(delay == 0 for *_, delay in jobs)
