"""Writing: the next seq of each topic, the log's rows and the jobs, in one statement of the caller's transaction."""

from collections.abc import Hashable, Iterable
from typing import Any, NamedTuple

from tortoise.backends.asyncpg.client import AsyncpgDBClient

from app.log.consequences import CONSEQUENCES
from bus.encoding import encode
from bus.events import Event


class Appended(NamedTuple):
    """An event as it stands in the log; ``body`` is its JSON."""

    topic: str
    seq: int
    name: str
    body: bytes


class Written(NamedTuple):
    """What was appended, in order, and whether a job of it is due at once."""

    appended: list[Appended]
    jobs_due: bool


# The topics' rows stay locked until the commit, so commit order is seq order and there are no gaps: whoever has seen
# n has nothing below n still to come. They are locked in sorted order, so that two transactions cannot embrace.
APPEND = """
WITH given AS (
    SELECT topic, body, place FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS given (topic, body, place)
), heads AS (
    INSERT INTO topics (name, head, floor) SELECT topic, count(*), 0 FROM given GROUP BY topic ORDER BY topic
    ON CONFLICT (name) DO UPDATE SET head = topics.head + excluded.head RETURNING name, head
), placed AS (
    SELECT topic, body, place, head - count(*) OVER (PARTITION BY topic)
        + row_number() OVER (PARTITION BY topic ORDER BY place) AS seq
    FROM given JOIN heads ON name = topic
), logged AS (
    INSERT INTO log (topic, seq, body, at) SELECT topic, seq, body, now() FROM placed ORDER BY place
), left_behind AS (
    INSERT INTO jobs (what, key, body, run_at, tries)
    SELECT what, key || '@' || floor(extract(epoch FROM clock_timestamp()))::bigint, body,
        clock_timestamp() + make_interval(secs => delay + CASE WHEN key IS NULL THEN 0 ELSE 1 END), 0
    FROM unnest($3::text[], $4::text[], $5::text[], $6::float8[]) AS job (what, key, body, delay)
    ON CONFLICT (what, key) DO NOTHING
)
SELECT seq FROM placed ORDER BY place
"""


async def append(connection: AsyncpgDBClient, events: list[Event]) -> Written:
    """Write the events to the log, and the jobs that they leave."""
    if not events:
        return Written([], False)
    topics, bodies = [event.topic for event in events], [encode(event) for event in events]
    texts = [body.decode() for body in bodies]
    jobs = _folded(job for event, text in zip(events, texts, strict=True) for job in _left_by(event, text))
    columns: list[list[Any]] = [list(column) for column in zip(*jobs, strict=True)] or [[], [], [], []]
    found = await connection.execute_query_dict(APPEND, [topics, texts, *columns])
    appended = [
        Appended(topic, row["seq"], event.name, body)
        for topic, row, event, body in zip(topics, found, events, bodies, strict=True)
    ]
    return Written(appended, any(delay == 0 for *_, delay in jobs))


Job = tuple[str, str | None, str, float]
"""What, key, body and delay in seconds."""


def _left_by(event: Event, text: str) -> list[Job]:
    return [
        (leave.what, leave.key(event) if leave.key else None, text, leave.delay())
        for leave in CONSEQUENCES.get(type(event), ())
        if leave.when(event)
    ]


def _folded(jobs: Iterable[Job]) -> list[Job]:
    # The table would fold them too, once each was brought there: 64 messages to one conversation are one.
    first: dict[Hashable, Job] = {}
    for place, job in enumerate(jobs):
        what, key, *_ = job
        first.setdefault(place if key is None else (what, key), job)
    return list(first.values())


# To plan a batch's statements takes as long as to run them, and the checks of foreign keys are planned for each row. So
# they are planned once, and from index to index: a plan that was made for a table that is still young (see
# ``SERVER_SETTINGS`` in ``app.database``) would read all of it later.
KEEP_PLANS = """(
    SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
        set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)
)"""


async def lock(connection: AsyncpgDBClient, topics: list[str], wait: bool) -> dict[str, int]:
    """Lock these topics until the commit, in sorted order, and give their heads.

    Without ``wait`` those that somebody else has locked are left out, and those in which nothing has happened yet; and
    the plans of what follows in this transaction are kept.
    """
    if wait:
        sql = (
            "INSERT INTO topics (name, head, floor) SELECT name, 0, 0 FROM unnest($1::text[]) AS new (name) "
            "ORDER BY name ON CONFLICT (name) DO UPDATE SET head = topics.head RETURNING name, head"
        )
    else:
        sql = (
            f"SELECT name, head FROM topics, {KEEP_PLANS} AS kept WHERE name = ANY($1::text[]) ORDER BY name "  # noqa: S608
            "FOR UPDATE OF topics SKIP LOCKED"
        )
    return {row["name"]: row["head"] for row in await connection.execute_query_dict(sql, [sorted(set(topics))])}
