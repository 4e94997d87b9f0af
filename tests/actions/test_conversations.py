"""Starting conversations, and what becomes of outsiders."""

from uuid import UUID, uuid4

import pytest

from app.actions import conversations, messages, positions
from app.errors import NotFound
from app.log import read
from app.models import Conversation, Membership, User
from bus import events as e
from bus import signals as s
from tests.actions.announced import announced


async def test_starting_tells_everyone_that_they_are_in(alice: User, bob: User, chat: Conversation) -> None:
    assert await Membership.filter(conversation=chat).count() == 2
    for person in (alice, bob):
        joined = e.ConversationJoined(user_id=person.id, conversation_id=str(chat.id))
        assert await announced(f"user.{person.id}") == [joined]
    assert await conversations.start(bob, [alice.username]) == (chat, False)
    assert len(await announced(f"user.{bob.id}")) == 1


async def test_an_outsider_leaves_no_trace_and_a_member_does(
    bob: User, mallory: User, chat: Conversation, said: list[s.Signal]
) -> None:
    for place in (chat.id, uuid4()):
        with pytest.raises(NotFound):
            await messages.send(mallory.id, place, "let me in")
        with pytest.raises(NotFound):
            await positions.read(mallory, place, 1)
        with pytest.raises(NotFound):
            await positions.delivered(mallory, place, 1)
        with pytest.raises(NotFound):
            await conversations.membership_of(mallory.id, place)
        assert await read.head(f"conversation.{place}") == 0
    assert said == []
    await messages.send(bob.id, chat.id, "hello")
    assert await read.head(f"conversation.{chat.id}") == 1


def test_the_id_of_unread_messages_is_one_for_each_conversation_and_reader() -> None:
    one, other = UUID(int=1), UUID(int=2)
    assert len({conversations.message_notice_id(c, reader) for c in (one, other) for reader in (1, 2)}) == 4
