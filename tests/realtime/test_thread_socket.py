"""Threads, live: everybody in the conversation gets what is said there, and who follows hears of it elsewhere."""

import pytest

from tests.shapes import A_MOMENT
from tests.site import Person


@pytest.fixture
async def group(alice: Person, bob: Person, carol: Person) -> str:
    return await alice.starts_conversation(bob, carol, title="Team")


async def test_what_is_said_in_a_thread_reaches_the_chat_and_who_follows_hears_of_it_elsewhere(
    alice: Person, bob: Person, carol: Person, group: str
) -> None:
    root = (await alice.writes(group, "Bread?"))["message_id"]
    async with (
        alice.listens("/ws/notifications/") as hers,
        carol.listens("/ws/notifications/") as carols,
        carol.listens(f"/ws/chat/{group}/") as chat,
    ):
        for socket in (hers, carols, chat):
            await socket.is_live()
        answer = await bob.post(f"/conversations/{group}/messages", {"message": "Rye.", "thread": root})
        frame = await chat.sees("chat_message")
        assert frame == answer.json()
        assert (frame["thread"], frame["number"], frame["seq"]) == (root, 1, 2)
        assert await hers.sees("thread_activity") == {
            "type": "thread_activity",
            "conversation_id": group,
            "thread": root,
            "last_number": 1,
            "preview": "Rye.",
            "username": "bob",
            "sent_at": A_MOMENT,
        }
        await chat.says("follow_thread", thread=root)
        assert (await carols.sees("thread_followed"))["last_number"] == 1
        await bob.post(f"/conversations/{group}/messages", {"message": "Or wheat.", "thread": root})
        assert (await carols.sees("thread_activity"))["last_number"] == 2
        assert len(carols.all_of("thread_activity", "preview")) == 1, "she did not follow the first one"
        await chat.says("read_thread", thread=root, seq=3)
        assert (await carols.sees("thread_read"))["number"] == 2
        assert hers.all_of("conversation_activity", "preview") == ["Bread?"], (
            "the list shows what the conversation says"
        )


async def test_who_comes_is_told_where_the_followed_threads_stand(alice: Person, bob: Person, group: str) -> None:
    roots = [(await alice.writes(group, text))["message_id"] for text in ("Bread?", "Jam?")]
    for root in roots:
        await bob.post(f"/conversations/{group}/messages", {"message": "Yes.", "thread": root})
    await alice.put(f"/conversations/{group}/threads/{roots[1]}/read", {"seq": 4})
    async with alice.listens("/ws/notifications/") as hers:
        told = [await hers.sees("thread_followed") for _ in roots]
    assert [(one["thread"], one["is_followed"], one["last_number"], one["read_number"]) for one in told] == [
        (roots[0], True, 1, 0),
        (roots[1], True, 1, 1),
    ]


async def test_a_thread_comes_after_a_cursor_like_everything_else(alice: Person, bob: Person, group: str) -> None:
    root = await alice.writes(group, "Bread?")
    said = await bob.post(f"/conversations/{group}/messages", {"message": "Rye.", "thread": root["message_id"]})
    async with alice.listens(f"/ws/chat/{group}/", after=root["seq"]) as chat:
        await chat.is_live()
        assert [frame for frame in chat.frames if frame["type"] == "chat_message"] == [said.json()]


async def test_a_refusal_says_what_was_wrong(alice: Person, bob: Person, group: str) -> None:
    async with bob.listens(f"/ws/chat/{group}/") as chat:
        await chat.is_live()
        await chat.says("chat_message", message="Rye.", thread="00000000-0000-0000-0000-000000000000")
        refusal = await chat.sees("error")
        assert (refusal["code"], refusal["field"]) == ("no_such_message", "thread")
