"""Coming back with a cursor: everything missed, once and in order, or the advice to fetch the page anew."""

import asyncpg
import pytest

from app.config import Settings
from app.database import database as open_database
from app.log.prune import prune
from tests.site import Person, Site

PATH = "/ws/notifications/"


@pytest.fixture
async def chat(alice: Person, bob: Person) -> str:
    return await alice.starts_conversation(bob)


def of(conversation: str) -> str:
    return f"/ws/chat/{conversation}/"


async def logs(site: Site, topic: str, count: int) -> None:
    """So many events of a kind that this version does not know happen in the topic."""
    connection = await asyncpg.connect(site.servers.postgres.url)
    try:
        async with connection.transaction():
            head = await connection.fetchval(
                "INSERT INTO topics (name, head, floor) VALUES ($1, $2, 0) "
                "ON CONFLICT (name) DO UPDATE SET head = topics.head + $2 RETURNING head",
                topic,
                count,
            )
            await connection.execute(
                'INSERT INTO log (topic, seq, body, at) SELECT $1, seq, \'{"type":"danced"}\', now() '
                "FROM generate_series($2::bigint, $3) AS seq",
                topic,
                head - count + 1,
                head,
            )
    finally:
        await connection.close()


async def is_reset(person: Person, path: str, after: int, epoch: str | None = None) -> bool:
    """Hello, reset, closed with 1000: nothing of the backlog, and no going on."""
    async with person.listens(path, after=after, epoch=epoch) as socket:
        assert await socket.closed() == 1000
        assert [frame["type"] for frame in socket.frames] == ["hello", "reset"]
        return socket.frames[0]["resumed"] is False and socket.frames[1] == {"type": "reset"}


async def test_a_cursor_brings_exactly_what_came_after_it(alice: Person, bob: Person, chat: str) -> None:
    sent = [await alice.writes(chat, f"number {number}") for number in range(8)]
    for after in range(9):
        async with bob.listens(of(chat), after=after) as his:
            assert (await his.next())["resumed"] is True
            assert [await his.next() for _ in range(8 - after)] == sent[after:]
            assert await his.next() == {"type": "caught_up", "seq": 8}


async def test_without_a_cursor_it_begins_now(alice: Person, bob: Person, chat: str) -> None:
    await alice.writes(chat, "before")
    async with bob.listens(of(chat)) as his:
        assert (await his.next())["resumed"] is False
        assert await his.next() == {"type": "caught_up", "seq": 1}
        await alice.writes(chat, "after")
        assert (await his.sees("chat_message"))["message"] == "after"


async def test_after_a_cut_nothing_is_missing_and_nothing_comes_twice(alice: Person, bob: Person, chat: str) -> None:
    seen: list[int] = []
    cursor = 0
    for round_number in range(5):
        async with bob.listens(of(chat), after=cursor) as his:
            while cursor < round_number * 10 + 5:
                if (await his.next())["type"] == "caught_up":
                    for number in range(10):
                        await alice.writes(chat, f"{round_number} {number}")
                seen += [frame["seq"] for frame in his.frames[-1:] if frame["type"] == "chat_message"]
                cursor = seen[-1] if seen else 0
    async with bob.listens(of(chat), after=cursor) as his:
        await his.is_live()
        seen += his.all_of("chat_message", "seq")
    assert seen == list(range(1, 51))


async def test_a_backlog_of_many_pages_is_complete(site: Site, alice: Person, bob: Person, chat: str) -> None:
    topic = f"conversation.{chat}"
    await logs(site, topic, 1500)
    async with bob.listens(of(chat), after=0) as his:
        await his.sees("caught_up", seq=1500)
        assert his.frames[1:-1] == [{"type": "skip", "seq": seq} for seq in range(1, 1501)]


async def test_two_thousand_behind_is_resumed_and_one_more_is_not(
    site: Site, alice: Person, bob: Person, chat: str
) -> None:
    await logs(site, f"conversation.{chat}", 2001)
    assert await is_reset(bob, of(chat), after=0)
    async with bob.listens(of(chat), after=1) as his:
        await his.sees("caught_up", seq=2001)
        assert his.all_of("skip", "seq") == list(range(2, 2002))


async def test_a_cursor_from_the_future_is_reset(alice: Person, bob: Person, chat: str) -> None:
    await alice.writes(chat, "one")
    assert await is_reset(bob, of(chat), after=2)
    assert await is_reset(bob, PATH, after=10**17)


async def test_a_cursor_of_another_epoch_is_reset_and_of_this_one_is_not(alice: Person, bob: Person, chat: str) -> None:
    await alice.writes(chat, "one")
    epoch = (await bob.get(f"/conversations/{chat}/")).json()["epoch"]
    assert await is_reset(bob, of(chat), after=0, epoch="another")
    assert await is_reset(bob, of(chat), after=1, epoch="another"), "even where the numbers agree"
    async with bob.listens(of(chat), after=0, epoch=epoch) as his:
        assert (await his.sees("chat_message"))["message"] == "one"
    async with bob.listens(of(chat), epoch="another") as his:
        await his.is_live()


async def test_below_the_floor_of_a_pruned_topic_is_reset(site: Site, alice: Person, bob: Person, chat: str) -> None:
    topic = f"conversation.{chat}"
    await logs(site, topic, 10)
    connection = await asyncpg.connect(site.servers.postgres.url)
    await connection.execute("UPDATE log SET at = now() - interval '8 days' WHERE topic = $1 AND seq <= 6", topic)
    await connection.close()
    async with open_database(Settings(database_url=site.servers.postgres.url)):
        while await prune(7):
            pass
    for after in (0, 5):
        assert await is_reset(bob, of(chat), after=after)
    for after in (6, 9, 10):
        async with bob.listens(of(chat), after=after) as his:
            await his.sees("caught_up", seq=10)
            assert his.all_of("skip", "seq") == list(range(after + 1, 11))


async def test_a_cursor_that_two_workers_know_is_good_on_both(
    site: Site, strict_site: Site, alice: Person, bob: Person, chat: str
) -> None:
    elsewhere = Person(strict_site, {})
    elsewhere.http.cookies = bob.http.cookies
    strict_site.people.append(elsewhere)
    async with bob.listens(of(chat)) as here, elsewhere.listens(of(chat)) as there:
        await here.is_live()
        await there.is_live()
        await alice.writes(chat, "one")
        assert await here.sees("chat_message") == await there.sees("chat_message")
    await alice.writes(chat, "two")
    async with elsewhere.listens(of(chat), after=1) as there:
        assert (await there.sees("chat_message"))["message"] == "two"
        assert (await there.next())["type"] == "caught_up"
