"""Sending: dense numbers, the seq of the event, once for each client_id."""

import asyncio
from uuid import uuid4

import msgspec
import pytest

from app.actions import conversations, messages
from app.actions.messages import ClientIdReused
from app.errors import Invalid
from app.log import read
from app.models import Conversation, Message, User
from bus import events as e
from tests.actions.announced import announced


async def test_a_message_has_dense_numbers_and_the_seq_of_its_event(alice: User, bob: User, chat: Conversation) -> None:
    await asyncio.gather(*(messages.send(person.id, chat.id, "hi") for person in (alice, bob) for _ in range(15)))
    stored = await Message.filter(conversation=chat).order_by("number").select_related("author")
    assert [m.number for m in stored] == [m.seq for m in stored] == list(range(1, 31))
    assert [m.sent_at for m in stored] == sorted(m.sent_at for m in stored)
    events = await announced(f"conversation.{chat.id}")
    assert [bytes(event.message) for event in events if isinstance(event, e.MessageSent)] == [
        msgspec.json.encode(message.facts()) for message in stored
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
