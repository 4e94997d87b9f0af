"""The table of consequences: each names a job that exists, and repeats fold as it says."""

from uuid import uuid4

import msgspec

from app.jobs.table import JOBS, retry_after
from app.log import transaction
from app.log.consequences import CONSEQUENCES
from app.models.base import rows
from bus import events as e


def test_every_consequence_has_a_job_with_a_retry_rule() -> None:
    named = {leave.what for leaves in CONSEQUENCES.values() for leave in leaves}
    assert named == set(JOBS)
    for rule in JOBS.values():
        assert 1 < rule.tries <= 20
        assert rule.work.__doc__
    for leaves in CONSEQUENCES.values():
        for leave in leaves:
            assert leave.delay() >= 0
            assert len(leave.what) <= 40


def test_retries_back_off_and_never_wait_longer_than_five_minutes() -> None:
    assert [retry_after(tries) for tries in (1, 2, 3, 4, 9, 10, 30)] == [1, 2, 4, 8, 256, 300, 300]


def message(conversation: str, *mentions: str) -> e.MessageSent:
    return e.MessageSent(conversation_id=conversation, message=msgspec.Raw(b'{"message_id":"x"}'), mentions=mentions)


async def left() -> list[str]:
    return [job["what"] for job in await rows("SELECT what FROM jobs ORDER BY what")]


async def test_repeats_of_a_key_within_a_second_are_one_job(quiet: str) -> None:
    conversation, other = uuid4().hex, uuid4().hex
    for _ in range(10):
        async with transaction() as events:
            events.append(message(conversation))
            events.append(message(conversation))
    assert 1 <= (await left()).count("notify_unread") <= 2, "a second may have begun meanwhile"
    before = len(await left())
    async with transaction() as events:
        events.append(message(other))
    assert len(await left()) == before + 1


async def test_a_job_is_left_only_where_there_is_something_to_do(quiet: str) -> None:
    async with transaction() as events:
        events.append(message(uuid4().hex, "bob"))
        events.append(e.PostPublished(author_id=1, post_id=1, username="alice"))
        events.append(e.PostPublished(author_id=1, post_id=2, username="alice", mentions=("bob",)))
        events.append(e.PostListed(post_id=1, username="alice"))
    assert await left() == ["notify_mentions_in_message", "notify_mentions_in_post", "notify_unread"]


async def test_a_delayed_job_is_not_due_yet(quiet: str) -> None:
    async with transaction() as events:
        events.append(message(uuid4().hex))
    (job,) = await rows("SELECT extract(epoch FROM run_at - clock_timestamp())::float AS wait FROM jobs")
    assert 4.5 < job["wait"] <= 6.5
