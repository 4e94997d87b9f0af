"""After restoring a backup: with a new epoch no cursor from before is believed, on workers that run too."""

import subprocess
import sys

import asyncpg
import pytest

from tests.site import ROOT, Person, Site, until


@pytest.fixture
async def chat(alice: Person, bob: Person) -> str:
    return await alice.starts_conversation(bob)


def renew(site: Site) -> str:
    """``bin/natter epoch renew``; the new epoch."""
    command = [sys.executable, "-m", "app.cli", "epoch", "renew"]
    environment = site.servers.environment()
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    return done.stdout.split()[3]


async def shown(person: Person, chat: str) -> tuple[int, str]:
    page = (await person.get(f"/conversations/{chat}/")).json()
    return page["seq"], page["epoch"]


async def until_shown(person: Person, chat: str, epoch: str) -> None:
    async def is_shown() -> bool:
        return (await shown(person, chat))[1] == epoch

    await until(is_shown)


async def test_every_open_page_fetches_itself_anew(site: Site, alice: Person, bob: Person, chat: str) -> None:
    await alice.writes(chat, "one")
    path = f"/ws/chat/{chat}/"
    before = (await shown(bob, chat))[1]
    async with bob.listens(path) as his, alice.listens("/ws/notifications/") as hers:
        await his.is_live()
        await hers.is_live()
        epoch = renew(site)
        await his.sees("reset")
        assert await his.closed() == 1000
        await hers.sees("reset")
        assert await hers.closed() == 1000
    await until_shown(bob, chat, epoch)
    assert epoch != before
    async with bob.listens(path, after=1, epoch=before) as late:
        await late.sees("reset")
    async with bob.listens(path, after=1, epoch=epoch) as fresh:
        assert (await fresh.sees("hello"))["resumed"] is True
        await fresh.is_live()


async def test_open_streams_are_told_for_each_of_their_topics(
    site: Site, alice: Person, bob: Person, chat: str
) -> None:
    await alice.writes(chat, "one")
    async with bob.streams(notifications=0, chat=(chat, 0)) as his, alice.streams(notifications=0) as hers:
        await his.is_live()
        await hers.is_live()
        known, before = his.last_id, his.frames[0]["epoch"]
        epoch = renew(site)
        for stream in (his, hers):
            assert await stream.closed() == 1000
        assert {frame["topic"] for frame in his.frames if frame["type"] == "reset"} == {
            f"user.{bob.id}",
            f"conversation.{chat}",
        }
        assert [frame["type"] for frame in hers.frames[-2:]] == ["reset", "closed"]
        told = his.last_id
    assert epoch != before
    assert known.endswith(before)
    # Who did not hear of it is told now; who did begins anew, and from then on has a cursor that is believed.
    async with bob.streams(notifications=0, last_id=known) as late:
        assert await late.closed() == 1000
        assert [frame["type"] for frame in late.frames if frame["type"] == "reset"]
    async with bob.streams(notifications=0, last_id=told) as fresh:
        await fresh.is_live()
        assert (fresh.frames[0]["epoch"], fresh.frames[0]["resumed"]) == (epoch, False)
        await fresh.sees("caught_up")
        newest = fresh.last_id
    await alice.writes(chat, "two")
    async with bob.streams(notifications=0, last_id=newest) as again:
        await again.sees("chat_message", message="two")
        assert (again.frames[0]["epoch"], again.frames[0]["resumed"]) == (epoch, True)


async def test_a_log_that_was_restored_goes_on_from_where_it_is(
    site: Site, alice: Person, bob: Person, chat: str
) -> None:
    path, topic = f"/ws/chat/{chat}/", f"conversation.{chat}"
    async with bob.listens(path) as his:
        await his.is_live()
        for number in range(1, 6):
            await alice.writes(chat, f"number {number}")
        await his.sees("chat_message", seq=5)
        await _goes_back(site, topic, 3)
        epoch = renew(site)
        assert await his.closed() == 1000
    await until_shown(bob, chat, epoch)
    async with bob.listens(path, after=3, epoch=epoch) as his:
        await his.is_live()
        await alice.writes(chat, "another number 4")
        assert (await his.sees("chat_message"))["seq"] == 4


async def _goes_back(site: Site, topic: str, head: int) -> None:
    """What a restored backup looks like: the newest events never happened."""
    connection = await asyncpg.connect(site.servers.postgres.url)
    try:
        async with connection.transaction():
            await connection.execute("UPDATE topics SET head = $2 WHERE name = $1", topic, head)
            await connection.execute("DELETE FROM log WHERE topic = $1 AND seq > $2", topic, head)
            await connection.execute(
                "DELETE FROM messages WHERE conversation_id = $1::text::uuid AND seq > $2",
                topic.partition(".")[2],
                head,
            )
            await connection.execute(
                "UPDATE conversations SET last_number = $2 WHERE id = $1::text::uuid", topic.partition(".")[2], head
            )
    finally:
        await connection.close()
