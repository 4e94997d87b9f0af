"""Pruning and scrubbing: what goes from the log, and how a reader knows."""

from uuid import uuid4

import msgspec
import pytest

from app.log import prune as prune_module
from app.log import read, transaction
from app.log.prune import prune
from app.log.scrub import SCRUBBED, scrub_comment, scrub_topic
from app.models.base import rows
from bus import events as e
from bus.encoding import decode_event


async def logged(topic_id: int, count: int) -> str:
    async with transaction() as events:
        for _ in range(count):
            events.append(e.PostLiked(post_id=topic_id, actor_id=2, likes=3, comments=4))
    return f"post.{topic_id}"


async def aged(topic: str, up_to: int, days: float) -> None:
    await rows(
        "UPDATE log SET at = now() - make_interval(days => $3) WHERE topic = $1 AND seq <= $2", topic, up_to, days
    )


def new_id() -> int:
    return uuid4().int % 10**9


async def test_what_is_older_goes_and_the_topic_remembers_its_floor(quiet: str) -> None:
    topic, other = await logged(new_id(), 10), await logged(new_id(), 3)
    await aged(topic, 6, 8)
    assert await prune(7) == 6
    assert await read.extent(topic) == (10, 6)
    assert [entry.seq for entry in await read.after(topic, 0)] == [7, 8, 9, 10]
    assert await read.extent(other) == (3, 0)
    assert await prune(7) == 0


async def test_a_floor_never_sinks_and_seqs_go_on_after_all_is_gone(quiet: str) -> None:
    post = new_id()
    topic = await logged(post, 4)
    await aged(topic, 4, 8)
    while await prune(7):
        pass
    assert await read.extent(topic) == (4, 4)
    await logged(post, 1)
    assert [entry.seq for entry in await read.after(topic, 0)] == [5]
    assert await prune(7) == 0
    assert await read.extent(topic) == (5, 4)


async def test_it_goes_in_small_batches(quiet: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prune_module, "BATCH", 4)
    topic = await logged(new_id(), 10)
    await aged(topic, 10, 8)
    assert [await prune(7) for _ in range(4)] == [4, 4, 2, 0]
    assert await read.extent(topic) == (10, 10)


async def test_after_many_reads_each_topic_from_its_own_cursor(quiet: str) -> None:
    one, other = await logged(new_id(), 5), await logged(new_id(), 5)
    found = await read.after_many({one: 2, other: 4, "post.0": 0}, limit=2)
    assert {topic: [entry.seq for entry in entries] for topic, entries in found.items()} == {
        one: [3, 4],
        other: [5],
        "post.0": [],
    }


async def test_a_deleted_comment_leaves_the_log_and_its_place_stays(quiet: str) -> None:
    post = new_id()
    async with transaction() as events:
        for comment_id in (1, 2):
            comment = msgspec.Raw(msgspec.json.encode({"id": comment_id, "body": f"secret {comment_id}"}))
            events.append(e.CommentAdded(post_id=post, actor_id=1, likes=0, comments=1, comment=comment))
    await scrub_comment(post, 1)
    bodies = [entry.body for entry in await read.after(f"post.{post}", 0)]
    assert bodies[0] == SCRUBBED
    assert "secret 2" in bodies[1]
    assert decode_event(SCRUBBED) is None, "so that every reader makes a skip of it"
    await scrub_topic(f"post.{post}")
    assert [entry.body for entry in await read.after(f"post.{post}", 0)] == [SCRUBBED] * 2
