"""The plans that are kept for messages go from index to index, also those made while the tables were empty."""

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from app.actions import message_batch, numbering, thread_batch
from app.log import Events, append, transaction
from app.models.base import client, row, rows


async def locks_a_topic(events: Events) -> None:
    topic = f"conversation.{uuid4()}"
    await rows("INSERT INTO topics (name, head, floor) VALUES ($1, 0, 0) RETURNING name", topic)
    assert await events.lock([topic], wait=False) == {topic: 0}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


@pytest.mark.parametrize(
    "sql",
    [
        numbering.OF_OTHERS,
        numbering.OF_REPLIES,
        numbering.OF_THREADS,
        message_batch.WRITE,
        thread_batch.WRITE,
        thread_batch.HEARERS,
        append.APPEND,
    ],
)
async def test_a_plan_for_empty_tables_reads_none_of_them_whole(quiet: str, sql: str) -> None:
    async with transaction() as events:
        await locks_a_topic(events)
        connection = client()._connection
        assert connection
        await connection.execute(f"PREPARE kept AS {sql}")
        nothing = ", ".join(["NULL"] * len(set(re.findall(r"\$\d+", sql))))
        [[found]] = await connection.fetch(f"EXPLAIN (FORMAT JSON) EXECUTE kept ({nothing})")
        await connection.execute("DEALLOCATE kept")
    plan = msgspec.json.decode(found)[0]["Plan"]
    scans = [node for node in nodes(plan) if "Index Name" in node or node["Node Type"] == "Seq Scan"]
    assert scans or sql == append.APPEND
    for scan in scans:
        assert scan.get("Index Cond"), f"{scan['Node Type']} of {scan.get('Relation Name', scan.get('Index Name'))}"


async def test_other_transactions_know_nothing_of_it(quiet: str) -> None:
    async with transaction() as events:
        await locks_a_topic(events)
    for name, value in (("plan_cache_mode", "force_custom_plan"), ("enable_seqscan", "on")):
        assert await row("SELECT current_setting($1) AS set", name) == {"set": value}
