"""Sending: dense numbers, the seq of the event, once for each client_id."""

import asyncio
from uuid import uuid4

import msgspec
import pytest

from app.actions import conversations, messages
from app.actions.conversations import message_notice_id
from app.actions.messages import ClientIdReused, Sent
from app.errors import Invalid, NotFound
from app.log import read, transaction
from app.log.transaction import ring_with
from app.models import Conversation, Membership, Message, Notification, User
from app.models.base import rows
from bus import events as e
from tests.actions.announced import announced


async def test_a_message_has_dense_numbers_and_the_seq_of_its_event(alice: User, bob: User, chat: Conversation) -> None:
    await asyncio.gather(*(messages.send(person.id, chat.id, "hi") for person in (alice, bob) for _ in range(15)))
    stored = await Message.page(chat.id, limit=50)
    assert [m.facts.number for m in stored] == [m.seq for m in stored] == list(range(1, 31))
    assert [m.facts.sent_at for m in stored] == sorted(m.facts.sent_at for m in stored)
    events = await announced(f"conversation.{chat.id}")
    assert [bytes(event.message) for event in events if isinstance(event, e.MessageSent)] == [
        msgspec.json.encode(message.facts) for message in stored
    ]


async def test_a_repeat_announces_nothing_and_takes_no_number(alice: User, chat: Conversation) -> None:
    client_id = uuid4()
    first = await messages.send(alice.id, chat.id, "once", client_id)
    assert first.is_new
    again = [await messages.send(alice.id, chat.id, "once ", client_id) for _ in range(3)]
    assert again == [first._replace(is_new=False)] * 3
    assert (await messages.send(alice.id, chat.id, "next")).number == 2
    assert await read.head(f"conversation.{chat.id}") == 2


async def test_the_same_client_id_at_once_in_two_conversations_is_one_message(
    alice: User, bob: User, mallory: User, chat: Conversation
) -> None:
    other, _ = await conversations.start(alice, [mallory.username])
    for _ in range(10):
        client_id = uuid4()
        results = await asyncio.gather(
            *(messages.send(alice.id, place, "hi", client_id) for place in (chat.id, other.id)), return_exceptions=True
        )
        assert sorted(isinstance(result, ClientIdReused) for result in results) == [False, True]
        assert await Message.filter(author=alice, client_id=client_id).count() == 1
    stored = await Message.filter(author=alice)
    for place in (chat.id, other.id):
        assert await read.head(f"conversation.{place}") == sum(m.conversation_id == place for m in stored)


async def test_text_is_checked_before_anything_is_written(alice: User, chat: Conversation) -> None:
    for text in ("", " \n", "x" * 4001, "a\x00", "\udfff"):
        with pytest.raises(Invalid):
            await messages.send(alice.id, chat.id, text)
    assert await read.head(f"conversation.{chat.id}") == 0


async def test_messages_that_come_together_are_one_transaction(
    alice: User, bob: User, mallory: User, chat: Conversation
) -> None:
    await messages.send(alice.id, chat.id, "the first makes the topic")
    rung: list[int] = []
    ring_with(lambda appended, jobs_due: rung.append(len(appended)))
    other, _ = await conversations.start(alice, [bob.username, mallory.username])
    await messages.send(bob.id, other.id, "here too")
    drafts = [(person.id, place.id) for _ in range(5) for person in (alice, bob) for place in (chat, other)]
    sent = await asyncio.gather(*(messages.send(*draft, "hello") for draft in drafts))
    assert rung[-1] == 20
    assert {message.number for message in sent} == set(range(2, 12))
    for person in (alice, bob):
        member = await Membership.get(conversation=chat, user=person)
        last = await Message.filter(conversation=chat, author=person).order_by("-number").first()
        assert last
        assert (member.read_number, member.read_seq) == (last.number, last.seq)


async def test_one_that_is_refused_does_not_touch_those_that_come_with_it(
    alice: User, mallory: User, chat: Conversation
) -> None:
    client_id = uuid4()
    sent = await asyncio.gather(
        messages.send(alice.id, chat.id, "a"),
        messages.send(mallory.id, chat.id, "let me in"),
        messages.send(alice.id, chat.id, "b", client_id),
        messages.send(alice.id, chat.id, "b", client_id),
        messages.send(alice.id, chat.id, "not b", client_id),
        return_exceptions=True,
    )
    assert [type(answer) for answer in sent] == [Sent, NotFound, Sent, Sent, ClientIdReused]
    assert sent[2] == sent[3]._replace(is_new=True)  # type: ignore[union-attr]
    assert [message.body for message in await Message.filter(conversation=chat).order_by("seq")] == ["a", "b"]


async def test_one_conversation_that_is_locked_keeps_up_no_other(
    alice: User, bob: User, mallory: User, chat: Conversation
) -> None:
    other, _ = await conversations.start(alice, [bob.username, mallory.username])
    for place in (chat, other):
        await messages.send(alice.id, place.id, "first")
    locked, done = asyncio.Event(), asyncio.Event()

    async def holds() -> None:
        async with transaction() as events:
            await events.lock([f"conversation.{chat.id}"])
            locked.set()
            await done.wait()

    holding = asyncio.create_task(holds())
    await locked.wait()
    waiting = [asyncio.create_task(messages.send(bob.id, chat.id, f"waits {n}")) for n in range(3)]
    assert (await messages.send(bob.id, other.id, "goes")).number == 2
    assert not any(task.done() for task in waiting)
    done.set()
    await holding
    assert [(await task).number for task in waiting] == [2, 3, 4]


async def test_an_outsider_leaves_no_trace_of_a_conversation_that_is_none(mallory: User) -> None:
    nowhere = uuid4()
    with pytest.raises(NotFound):
        await messages.send(mallory.id, nowhere, "hello?")
    assert await rows("SELECT 1 AS one FROM topics WHERE name = $1", f"conversation.{nowhere}") == []


async def test_who_answers_is_told_so_once(alice: User, bob: User, chat: Conversation) -> None:
    await messages.send(alice.id, chat.id, "hi")
    await Notification.create(
        id=message_notice_id(chat.id, bob.id), recipient=bob, kind="Message", message="hi", about="", data={}
    )
    await asyncio.gather(*(messages.send(bob.id, chat.id, text) for text in ("hello", "you")))
    events = [event for event in await announced(f"conversation.{chat.id}") if isinstance(event, e.MessageSent)]
    assert [event.answers for event in events] == [False, True, False]
