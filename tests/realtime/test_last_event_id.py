"""What a ``Last-Event-ID`` may say, and what it may not: a clear error or a reset, and nothing else happens."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import asyncpg
import pytest

from tests.realtime.test_cursors import logs
from tests.site import Person, Site

TABLES = ("conversations", "memberships", "messages")


@pytest.fixture
async def chat(alice: Person, bob: Person) -> str:
    return await alice.starts_conversation(bob)


async def rows(site: Site, chat: str) -> list[Any]:
    """All that there is to the conversation, in the tables and in the log."""
    connection = await asyncpg.connect(site.servers.postgres.url)
    try:
        held = [await connection.fetch(f"SELECT * FROM {table} ORDER BY 1") for table in TABLES]
        topic = f"conversation.{chat}"
        held.append(await connection.fetch("SELECT * FROM topics WHERE name = $1", topic))
        held.append(await connection.fetch("SELECT * FROM log WHERE topic = $1 ORDER BY seq", topic))
        return held
    finally:
        await connection.close()


@asynccontextmanager
async def nothing_happens(site: Site, chat: str) -> AsyncIterator[None]:
    """No row of the conversation changes, and the worker has nothing to complain of."""
    said, before = site.log.stat().st_size, await rows(site, chat)
    yield
    assert await rows(site, chat) == before
    with site.log.open() as log:
        log.seek(said)
        complaints = [line for line in log if "Traceback" in line or '"level": "error"' in line]
    assert complaints == []


@pytest.mark.parametrize(
    "last_id",
    [
        "7",
        "null",
        "%00",
        "notifications=1%00",
        "notifications=1&notifications=1",
        "notifications=1&epoch=a&epoch=b",
        "chat={chat}:-1",
        "chat={chat}:1e3",
        "chat={chat}:9223372036854775808",
        "chat={chat}%00:1",
        "chat={chat}:1&chat={chat}:1",
        "chat=../../{chat}:1",
        "chat='; DROP TABLE log; --:1",
        "notifications=1&" * 400,
        "Grüße",
    ],
)
async def test_what_is_malformed_is_refused(site: Site, alice: Person, chat: str, last_id: str) -> None:
    async with nothing_happens(site, chat):
        said = last_id.replace("{chat}", chat).encode()
        answer = await alice.asks_for_a_stream(f"chat={chat}:0", last_event_id=said)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_cursor")
        assert answer.json()["error"]["message"].endswith(".")


@pytest.mark.parametrize(
    "last_id",
    [
        "chat={chat}:3&epoch={epoch}",
        "chat={chat}:999999999999999999&epoch={epoch}",
        "chat={chat}:0&epoch={epoch}",
        "chat={chat}:2&epoch=another",
        "notifications=0&chat={chat}:2&epoch=another",
        "chat={chat}:2&epoch=" + "x" * 2000,
        "notifications=999999999999999999&chat={chat}:2&epoch={epoch}",
    ],
    ids=["the future", "a far future", "below the floor", "another epoch", "of two topics", "no epoch", "one of two"],
)
async def test_what_cannot_be_resumed_is_reset_and_said_so_in_the_id(
    site: Site, alice: Person, bob: Person, chat: str, last_id: str
) -> None:
    await logs(site, f"conversation.{chat}", 2)
    await _forgets_the_first(site, chat)
    epoch = (await alice.get(f"/conversations/{chat}/")).json()["epoch"]
    async with nothing_happens(site, chat):
        said = last_id.format(chat=chat, epoch=epoch)
        async with alice.streams(notifications=0, last_id=said) as hers:
            assert await hers.closed() == 1000
            kinds = [frame["type"] for frame in hers.frames]
            assert (kinds.count("reset"), kinds[-1]) == (1, "closed")
            [lost] = [frame["topic"] for frame in hers.frames if frame["type"] == "reset"]
            begun = [frame for frame in hers.frames if frame["type"] == "hello" and frame["topic"] == lost]
            assert [(hello["resumed"], hello["epoch"]) for hello in begun] == [(False, epoch)]
            again = hers.last_id
        # Who comes back with that id has fetched the page: from now on.
        assert ("notifications=&" if lost == f"user.{alice.id}" else f"chat={chat}:&") in again
        assert again.endswith(f"epoch={epoch}")
    async with bob.streams(notifications=0, last_id=f"chat={chat}:2&epoch={epoch}") as his:
        await his.sees("caught_up", seq=2)


async def _forgets_the_first(site: Site, chat: str) -> None:
    """As pruning does."""
    connection = await asyncpg.connect(site.servers.postgres.url)
    try:
        topic = f"conversation.{chat}"
        await connection.execute("DELETE FROM log WHERE topic = $1 AND seq = 1", topic)
        await connection.execute("UPDATE topics SET floor = 1 WHERE name = $1", topic)
    finally:
        await connection.close()


async def test_a_conversation_of_others_is_refused_like_one_that_does_not_exist(
    site: Site, alice: Person, mallory: Person, chat: str
) -> None:
    own = await mallory.starts_conversation(alice)
    async with nothing_happens(site, chat):
        for last_id in (f"chat={chat}:0", f"notifications=0&chat={chat}:0&epoch=x"):
            # The address names one of hers; what the page says that it knew is believed no more than that.
            query = f"notifications=0&chat={own}:0"
            refused = await mallory.asks_for_a_stream(query, last_event_id=last_id)
            missing = await mallory.asks_for_a_stream(query, last_event_id=last_id.replace(chat, str(uuid4())))
            assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
            assert refused.content == missing.content
    async with alice.streams(notifications=0, last_id=f"chat={chat}:0") as hers:
        await hers.sees("caught_up", topic=f"conversation.{chat}")
