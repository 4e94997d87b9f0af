"""The runner: each job's effect exactly once, whatever dies; tried again with patience; kept when hopeless."""

import asyncio
from contextvars import Context
from typing import Any
from uuid import uuid4

import pytest

from app.jobs import runner
from app.jobs.runner import Runner, replay_dead_letters, run_one
from app.jobs.table import JOBS, Rule
from app.log import Events, read, transaction
from app.models import DeadLetter, Job
from app.models.base import row, rows
from bus import events as e
from tests.site import until

TARGET = "target"


@pytest.fixture
def post() -> int:
    return uuid4().int % 10**9


@pytest.fixture
async def effects(quiet: str, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """``notify_like`` announces something that leaves no job, to the user with the post's id; its calls are counted."""
    calls: list[int] = []

    async def work(events: Events, event: e.PostLiked) -> None:
        calls.append(event.post_id)
        events.append(e.SessionEnded(user_id=event.post_id, session_id="done"))

    monkeypatch.setitem(JOBS, "notify_like", Rule(work))
    return calls


async def leaves(post: int) -> None:
    async with transaction() as events:
        events.append(e.PostLiked(post_id=post, actor_id=1, likes=1, comments=0))


async def effects_of(post: int) -> int:
    return await read.head(f"user.{post}")


async def due_at_once() -> None:
    await rows("UPDATE jobs SET run_at = now() - interval '1 second' RETURNING id")


async def test_a_job_is_done_and_gone(effects: list[int], post: int) -> None:
    await leaves(post)
    assert await run_one()
    assert not await run_one()
    assert effects == [post]
    assert await effects_of(post) == 1
    assert await Job.all().count() == 0


async def test_a_runner_that_dies_before_the_commit_has_done_nothing(
    effects: list[int], post: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting, rule = asyncio.Event(), JOBS["notify_like"]

    async def hangs(events: Events, event: Any) -> None:
        await rule.work(events, event)
        waiting.set()
        await asyncio.sleep(60)

    monkeypatch.setitem(JOBS, "notify_like", Rule(hangs))
    await leaves(post)
    dying = asyncio.create_task(run_one())
    await waiting.wait()
    assert not await run_one(), "it is in hand, and nobody waits for it"
    dying.cancel()
    await asyncio.gather(dying, return_exceptions=True)
    monkeypatch.setitem(JOBS, "notify_like", rule)

    async def is_free_again() -> bool:
        return await run_one()

    await until(is_free_again)
    assert effects == [post, post]
    assert await effects_of(post) == 1, "called twice, done once"


async def test_many_runners_do_each_job_once(effects: list[int], post: int) -> None:
    for number in range(50):
        await leaves(post + number)
    while any(await asyncio.gather(*(run_one() for _ in range(8)))):
        pass
    assert sorted(effects) == [post + number for number in range(50)]


async def test_a_failed_job_is_put_off_longer_each_time_and_ends_as_a_dead_letter(
    effects: list[int], post: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(events: Events, event: Any) -> None:
        events.append(e.PostDeleted(post_id=post + 10**9, author_id=1))
        raise ValueError("not today")

    monkeypatch.setitem(JOBS, "notify_like", Rule(fails, tries=3))
    await leaves(post)
    for tries, wait in ((1, 1), (2, 2)):
        assert await run_one()
        job = await Job.get()
        assert (job.tries, job.error) == (tries, "ValueError: not today")
        found = await row("SELECT extract(epoch FROM run_at - clock_timestamp())::float AS wait FROM jobs")
        assert found is not None
        assert wait - 0.5 < found["wait"] <= wait
        assert not await run_one(), "it is not due"
        await due_at_once()
    assert await run_one()
    assert await Job.all().count() == 0
    letter = await DeadLetter.get()
    assert (letter.what, letter.error) == ("notify_like", "ValueError: not today")
    assert await effects_of(post) == 0, "what a failed try announced is not announced"


async def test_jobs_of_a_kind_are_done_together_and_none_suffers_for_another(
    effects: list[int], post: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule, tried = JOBS["notify_like"], []

    async def work(events: Events, *left_by: e.PostLiked) -> None:
        tried.append(len(left_by))
        for event in left_by:
            if event.post_id == post + 1:
                raise ValueError("not this one")
            await rule.work(events, event)

    monkeypatch.setitem(JOBS, "notify_like", Rule(work, together=3))
    for number in range(4):
        await leaves(post + number)
    assert await run_one()
    assert tried == [3, 1, 1, 1]
    assert [await effects_of(post + number) for number in range(4)] == [1, 0, 1, 0]
    assert await Job.filter(tries=1, error="ValueError: not this one").count() == 1
    assert await run_one()
    assert not await run_one(), "the one to blame is not due"
    assert (tried[-1], await effects_of(post + 3)) == (1, 1)


async def test_what_only_one_of_several_waits_for_in_vain_holds_up_none_of_the_others(
    effects: list[int], post: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = JOBS["notify_like"]

    async def work(events: Events, *left_by: e.PostLiked) -> None:
        for event in left_by:
            if event.post_id == post:
                await row("SELECT name FROM topics WHERE name = $1 FOR UPDATE NOWAIT", f"user.{post}")
            await rule.work(events, event)

    monkeypatch.setitem(JOBS, "notify_like", Rule(work, together=3))
    async with transaction() as events:
        await events.lock([f"user.{post}"])
    for number in range(3):
        await leaves(post + number)
    async with transaction() as events:
        await events.lock([f"user.{post}"])
        assert await asyncio.create_task(run_one(), context=Context())
    assert [await effects_of(post + number) for number in range(3)] == [0, 1, 1]
    assert (await Job.get()).tries == 0, "it was not to blame"
    assert await run_one()
    assert await effects_of(post) == 1


async def test_a_dead_letter_can_be_replayed_when_it_is_mended(
    effects: list[int], post: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(events: Events, event: Any) -> None:
        raise ValueError

    rule = JOBS["notify_like"]
    monkeypatch.setitem(JOBS, "notify_like", Rule(fails, tries=1))
    await leaves(post)
    assert await run_one()
    assert await replay_dead_letters() == 1
    assert await run_one()
    assert await DeadLetter.all().count() == 1
    monkeypatch.setitem(JOBS, "notify_like", rule)
    assert await replay_dead_letters() == 1
    assert await replay_dead_letters() == 0
    assert await run_one()
    assert (effects, await DeadLetter.all().count()) == ([post], 0)


async def test_a_job_that_always_fails_holds_nobody_up(
    effects: list[int], post: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(events: Events, event: Any) -> None:
        raise ValueError

    monkeypatch.setitem(JOBS, "withdraw_like", Rule(fails))
    async with transaction() as events:
        events.append(e.PostUnliked(post_id=post, actor_id=1, likes=1, comments=0))
    await leaves(post)
    running = Runner()
    running.start()
    running.ring()

    async def done() -> bool:
        return await effects_of(post) == 1

    await until(done, 3)
    await running.stop()
    assert (await Job.get()).what == "withdraw_like"


async def test_a_job_of_a_later_version_is_kept_for_it(quiet: str) -> None:
    for what, body in (("dance", '{"type":"post_liked"}'), ("notify_like", '{"type":"danced"}')):
        await rows(
            "INSERT INTO jobs (what, body, run_at, tries) VALUES ($1, $2, now() - interval '1 s', 0) RETURNING id",
            what,
            body,
        )
    assert await run_one()
    assert await run_one()
    assert await Job.filter(tries=1, error__contains="in this version").count() == 2


async def test_a_statement_that_fails_in_a_job_costs_a_try_and_no_more(
    effects: list[int], post: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fails(events: Events, event: Any) -> None:
        await row("SELECT 1 / 0")

    monkeypatch.setitem(JOBS, "notify_like", Rule(fails))
    await leaves(post)
    assert await run_one()
    assert (await Job.get()).tries == 1


async def test_the_runner_needs_no_ring_and_survives_a_surprise(
    effects: list[int], post: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "POLL_SECONDS", 0.05)
    take, surprised = runner._take, []

    async def surprise() -> Any:
        if not surprised:
            surprised.append(True)
            raise RuntimeError
        return await take()

    monkeypatch.setattr(runner, "_take", surprise)
    running = Runner()
    running.start()
    await leaves(post)

    async def done() -> bool:
        return await effects_of(post) == 1

    await until(done, 3)
    await running.stop()
    assert surprised
