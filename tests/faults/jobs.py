"""Acts: workers that die in the middle of jobs. Each consequence happens exactly once."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from typing import Any

import asyncpg

from app.actions import comments, follows, likes, posts
from app.config import Settings
from app.database import DATABASE_ERRORS, database
from app.models import User
from tests.faults.stage import Stage

AUTHORS, READERS = 5, 20
DONE_SECONDS = 120
LAST_TRY = 7


async def die_in_jobs(stage: Stage) -> None:
    """Workers die before and after the commits of jobs; likes, comments and follows are still told once each."""
    url = stage.rig.postgres.url
    ids = list({page.member.id for page in stage.crowd.pages})
    async with stage.outage(), database(Settings(database_url=url)):
        before = {pid for unit in stage.rig.units for pid in unit.worker_pids}
        people = await User.filter(id__in=ids).limit(AUTHORS + READERS)
        await _fails_for_ever(url)
        expected: Counter[tuple[int, str]] = Counter()
        for _ in range(stage.scale.times):
            expected += await _something_happens(people[:AUTHORS], people[AUTHORS:])
        # Who follows again follows already.
        expected += Counter({(author.id, "Follow"): len(people) - AUTHORS for author in people[:AUTHORS]})
        await _until_done(stage, url)
        told = await _told(url, [author.id for author in people[:AUTHORS]])
    stage.must(told["notifications"] == expected, f"notifications: {told['notifications'] - expected} too many")
    stage.must(expected == told["notifications"], f"notifications: {expected - told['notifications']} are missing")
    stage.must(told["events"] == sum(expected.values()), f"{told['events']} events for {sum(expected.values())}")
    stage.exact("dead letters", told["dead"], 1)
    stage.must(told["tried"] > 0, "the job that always fails was not put off")
    after = {pid for unit in stage.rig.units for pid in unit.worker_pids}
    stage.must(bool(before - after), "no worker died")
    await stage.ready()


async def _something_happens(authors: list[User], readers: list[User]) -> Counter[tuple[int, str]]:
    """Likes, comments and follows; how many notifications of the first two kinds each author is owed by them."""
    owed: Counter[tuple[int, str]] = Counter()
    for author in authors:
        post = await posts.publish(author, "Something to like")
        for reader in readers:
            await likes.like(reader, post.id)
            await comments.comment_on(reader, post.id, "Nice")
            await follows.follow(reader, author.username)
            for kind in ("Like", "Comment"):
                owed[author.id, kind] += 1
            await asyncio.sleep(random.uniform(0, 0.02))
    return owed


async def _fails_for_ever(url: str) -> None:
    """Two jobs that can only fail: one before its last try, one at its first."""
    connection = await asyncpg.connect(url)
    try:
        await connection.executemany(
            "INSERT INTO jobs (what, key, body, run_at, tries) VALUES ('notify_like', $1, '{}', now(), $2)",
            [("dies", LAST_TRY), ("lives", 0)],
        )
    finally:
        await connection.close()


async def _until_done(stage: Stage, url: str) -> None:
    for _ in range(DONE_SECONDS * 5):
        try:
            connection = await asyncpg.connect(url)
            try:
                if not await connection.fetchval("SELECT count(*) FROM jobs WHERE key IS DISTINCT FROM 'lives'"):
                    return
            finally:
                await connection.close()
        except DATABASE_ERRORS:
            pass
        await asyncio.sleep(0.2)
    stage.must(False, "the jobs are not done")


async def _told(url: str, authors: list[int]) -> dict[str, Any]:
    connection = await asyncpg.connect(url)
    try:
        found = await connection.fetch(
            "SELECT recipient_id, kind, count(*) AS count FROM notifications WHERE recipient_id = ANY($1::int[]) "
            "GROUP BY 1, 2",
            authors,
        )
        return {
            "notifications": Counter({(line["recipient_id"], line["kind"]): line["count"] for line in found}),
            "events": await connection.fetchval(
                "SELECT count(*) FROM log WHERE topic = ANY($1::text[]) AND body::jsonb ->> 'type' = 'notified'",
                [f"user.{author}" for author in authors],
            ),
            "dead": await connection.fetchval("SELECT count(*) FROM dead_letters WHERE key = 'dies'"),
            "tried": await connection.fetchval("SELECT tries FROM jobs WHERE key = 'lives'"),
        }
    finally:
        await connection.close()
