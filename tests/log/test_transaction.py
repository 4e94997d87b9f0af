"""``transaction()``: rows, events and jobs together or not at all, whatever is cancelled, refused or killed."""

import asyncio
import random
import sys
from uuid import uuid4

import asyncpg
import pytest

from app.config import Settings
from app.database import DATABASE_ERRORS
from app.database import database as open_database
from app.log import read, transaction
from app.log.append import Appended
from app.log.transaction import ring_with
from app.models import Site
from app.models.base import client, row, rows
from bus import events as e
from tests.site import Servers, until


def liked(post_id: int = 1) -> e.PostLiked:
    return e.PostLiked(post_id=post_id, actor_id=2, likes=3, comments=4)


def new_post() -> int:
    return uuid4().int % 10**9


async def jobs() -> list[str]:
    return [job["what"] for job in await rows("SELECT what FROM jobs ORDER BY id")]


async def test_rows_events_and_jobs_are_committed_together_and_then_it_rings(quiet: str) -> None:
    rung: list[tuple[list[Appended], bool]] = []
    ring_with(lambda appended, jobs_due: rung.append((appended, jobs_due)))
    post, key = new_post(), uuid4().hex
    async with transaction() as events:
        await Site.create(key=key, value="kept")
        events.append(liked(post))
        assert rung == []
    assert await Site.filter(key=key).exists()
    (entry,) = await read.after(f"post.{post}", 0)
    assert entry.body == f'{{"type":"post_liked","post_id":{post},"actor_id":2,"likes":3,"comments":4}}'
    assert await jobs() == ["notify_like"]
    ((appended, jobs_due),) = rung
    assert [(a.topic, a.seq, a.name, a.body.decode()) for a in appended] == [
        (f"post.{post}", 1, "post_liked", entry.body)
    ]
    assert jobs_due


async def test_an_error_undoes_all_of_it_and_nothing_rings(quiet: str) -> None:
    rung: list[object] = []
    ring_with(lambda appended, jobs_due: rung.append(appended))
    post, key = new_post(), uuid4().hex

    async def fails() -> None:
        async with transaction() as events:
            await Site.create(key=key, value="gone")
            events.append(liked(post))
            raise KeyError

    with pytest.raises(KeyError):
        await fails()
    assert not await Site.filter(key=key).exists()
    assert await read.extent(f"post.{post}") == (0, 0)
    assert await jobs() == []
    assert rung == []


async def test_it_cannot_be_nested(quiet: str) -> None:
    async with transaction():
        with pytest.raises(ValueError, match="inside"):
            async with transaction():
                pass
    async with transaction():
        pass


async def test_several_events_of_several_topics_each_get_their_place(quiet: str) -> None:
    one, other = new_post(), new_post()
    async with transaction() as events:
        for post in (one, other, one, one):
            events.append(liked(post))
    assert await read.heads([f"post.{one}", f"post.{other}", "post.0"]) == {
        f"post.{one}": 3,
        f"post.{other}": 1,
        "post.0": 0,
    }
    assert [entry.seq for entry in await read.after(f"post.{one}", 0)] == [1, 2, 3]


async def test_concurrent_appends_are_dense_and_in_commit_order(quiet: str) -> None:
    """With a fifth of them failing; whoever rings later has a higher seq."""
    rung: list[int] = []
    ring_with(lambda appended, jobs_due: rung.extend(entry.seq for entry in appended))
    post, chance = new_post(), random.Random(1)

    async def write(number: int) -> None:
        for _ in range(10):
            try:
                async with transaction() as events:
                    events.append(liked(post))
                    await row("SELECT pg_sleep($1)", chance.random() / 500)
                    if chance.random() < 0.2:
                        raise KeyError
            except KeyError:
                pass

    await asyncio.gather(*(write(number) for number in range(20)))
    entries = await read.after(f"post.{post}", 0)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert 100 < len(entries) < 200
    assert sorted(rung) == list(range(1, len(entries) + 1))


async def test_a_reader_who_has_seen_n_has_nothing_below_n_still_to_come(quiet: str) -> None:
    post = new_post()
    seen: list[int] = []
    writing = True

    async def look() -> None:
        while writing:
            seen.extend(entry.seq for entry in await read.after(f"post.{post}", seen[-1] if seen else 0))

    async def write() -> None:
        for _ in range(25):
            async with transaction() as events:
                events.append(liked(post))

    looking = asyncio.create_task(look())
    await asyncio.gather(*(write() for _ in range(6)))
    writing = False
    await looking
    seen += [entry.seq for entry in await read.after(f"post.{post}", seen[-1])]
    assert seen == list(range(1, 151))


async def test_several_topics_in_any_order_are_no_deadlock(quiet: str) -> None:
    posts = [new_post() for _ in range(6)]

    async def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(10):
            chosen = chance.sample(posts, 4)
            async with transaction() as events:
                for post in chosen:
                    events.append(liked(post))

    await asyncio.gather(*(write(seed) for seed in range(10)))
    heads = await read.heads([f"post.{post}" for post in posts])
    assert sum(heads.values()) == 400


async def test_the_head_of_a_locked_topic_tells_the_next_seqs(quiet: str) -> None:
    post = new_post()
    async with transaction() as events:
        events.append(liked(post))
    async with transaction() as events:
        assert await events.lock([f"post.{post}"]) == {f"post.{post}": 1}
        events.append(liked(post))
        events.append(liked(post))
    assert [entry.seq for entry in await read.after(f"post.{post}", 0)] == [1, 2, 3]


async def test_a_lock_alone_moves_no_head(quiet: str) -> None:
    post = new_post()
    async with transaction() as events:
        assert await events.lock([f"post.{post}"]) == {f"post.{post}": 0}
    assert await read.head(f"post.{post}") == 0


async def test_without_waiting_only_what_is_free_and_exists_is_locked(quiet: str) -> None:
    free, taken, new = (f"post.{new_post()}" for _ in range(3))
    for topic in (free, taken):
        async with transaction() as events:
            events.append(liked(int(topic[5:])))
    locked, done = asyncio.Event(), asyncio.Event()

    async def holds() -> None:
        async with transaction() as events:
            await events.lock([taken])
            locked.set()
            await done.wait()

    holding = asyncio.create_task(holds())
    await locked.wait()
    async with transaction() as events:
        assert await events.lock([new, taken, free], wait=False) == {free: 1}
    done.set()
    await holding
    async with transaction() as events:
        assert await events.lock([new, taken, free]) == {new: 0, free: 1, taken: 1}


async def test_who_locks_writes_only_there_or_after(quiet: str) -> None:
    other, post = sorted((new_post(), new_post()), key=str)

    async def misuses(how: str) -> None:
        async with transaction() as events:
            if how == "late":
                events.append(liked(other))
            await events.lock([f"post.{post}"])
            if how == "twice":
                await events.lock([f"post.{post}"])
            events.append(liked(other))

    for how in ("twice", "late", "with an event of a topic before it"):
        with pytest.raises(ValueError, match="topic"):
            await misuses(how)
    assert await read.heads([f"post.{post}", f"post.{other}"]) == {f"post.{post}": 0, f"post.{other}": 0}


async def test_random_cancellations_leave_no_connection_behind(quiet_url: str) -> None:
    """A pool of three; Tortoise's own in_transaction() loses two or three connections in 400 such rounds."""
    chance = random.Random(2)
    post = new_post()
    async with open_database(Settings(database_url=quiet_url, database_connections=3)):

        async def work() -> None:
            async with transaction() as events:
                await row("SELECT 1 AS one")
                events.append(liked(post))

        committed = 0
        for _ in range(600):
            tasks = [asyncio.create_task(work()) for _ in range(2)]
            await asyncio.sleep(chance.random() * 0.004)
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
            committed += sum(result is None for result in results)
            assert all(result is None or isinstance(result, asyncio.CancelledError) for result in results)
        pool = client()._pool

        async def all_are_back() -> bool:
            assert pool is not None
            return bool(pool.get_idle_size() == pool.get_size())

        await until(all_are_back, 3)
        await asyncio.gather(*(row("SELECT pg_sleep(0.01)") for _ in range(9)))
        head = await read.head(f"post.{post}")
        assert head >= committed, "a cancelled commit may have happened, an uncancelled one has"
        assert len(await read.after(f"post.{post}", 0, 10_000)) == head
        idle = await rows(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND state LIKE 'idle in transaction%'"
        )
        assert idle == []
        assert 100 < committed < 1100, "the cancellations did not come at random points"


async def test_a_pool_that_is_used_up_is_waited_for_and_then_given_up(
    quiet_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    # By its module's name: the package has a class of the same one.
    monkeypatch.setattr(sys.modules["app.log.transaction"], "ACQUIRE_SECONDS", 0.2)
    async with open_database(Settings(database_url=quiet_url, database_connections=2)):
        first, second = transaction(), transaction()

        async def hold(held: transaction, done: asyncio.Event) -> None:
            async with held:
                await done.wait()

        done = asyncio.Event()
        holding = [asyncio.create_task(hold(held, done)) for held in (first, second)]
        await asyncio.sleep(0.05)
        with pytest.raises(DATABASE_ERRORS):
            async with transaction():
                pass
        done.set()
        await asyncio.gather(*holding)
        async with transaction():
            pass


async def test_a_long_lived_task_works_again_after_a_crash_of_the_database(fragile_servers: Servers) -> None:
    """With Tortoise's own, a task whose transaction died fails for ever after."""
    postgres = fragile_servers.postgres
    async with open_database(Settings(database_url=postgres.url)):
        post = new_post()
        beats: list[str] = []
        in_the_middle = asyncio.Event()

        async def live_long() -> None:
            while True:
                try:
                    async with transaction() as events:
                        events.append(liked(post))
                        in_the_middle.set()
                        await row("SELECT pg_sleep(0.02)")
                    beats.append("ok")
                except DATABASE_ERRORS:
                    beats.append("failed")
                    await asyncio.sleep(0.05)

        task = asyncio.create_task(live_long())

        async def beats_well() -> bool:
            return beats[-3:] == ["ok"] * 3

        await until(beats_well)
        in_the_middle.clear()
        await in_the_middle.wait()
        postgres.kill()

        async def fails() -> bool:
            return "failed" in beats

        await until(fails)
        postgres.start()  # in this thread: a server dies with the one that started it
        await until(beats_well)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        entries = await read.after(f"post.{post}", 0, 10_000)
        assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
        assert len(entries) >= beats.count("ok")


async def test_what_hangs_is_ended_by_the_database(quiet: str) -> None:
    settings = {line["name"]: line["setting"] for line in await rows("SELECT name, setting FROM pg_settings")}
    assert settings["statement_timeout"] == "5000"
    assert 0 < int(settings["lock_timeout"]) <= 5000
    assert 0 < int(settings["idle_in_transaction_session_timeout"]) <= 30_000


async def test_a_statement_that_fails_does_not_poison_the_task(quiet: str) -> None:
    with pytest.raises((asyncpg.PostgresError, *DATABASE_ERRORS)):
        async with transaction():
            await row("SELECT 1 / 0")
    async with transaction():
        assert await row("SELECT 1 AS one") == {"one": 1}
