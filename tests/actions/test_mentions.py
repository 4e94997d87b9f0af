"""Mentions in conversations: everyone at once, asked first where that is many people, and who can be named."""

import pytest

from app.actions import conversations, messages
from app.actions.mentions import ConfirmAll
from app.models import Conversation, Membership, Message, User
from bus import events as e
from tests.actions.announced import announced
from tests.actions.conftest import someone


async def group_of(starter: User, people: int) -> Conversation:
    others = [await someone("member") for _ in range(people - 1)]
    return (await conversations.start(starter, [other.username for other in others], "Many"))[0]


async def test_everyone_is_mentioned_at_once_where_few_are(alice: User) -> None:
    few = await group_of(alice, 20)
    await messages.send(alice.id, few.id, "@All hear me")
    [event] = await announced(f"conversation.{few.id}")
    assert isinstance(event, e.MessageSent)
    assert event.mentions == ("all",)


async def test_who_tells_many_people_is_asked_first(alice: User) -> None:
    many = await group_of(alice, 21)
    with pytest.raises(ConfirmAll, match="all 21 people") as asked:
        await messages.send(alice.id, many.id, "@all hear me")
    assert asked.value.code == "confirm_all"
    assert list(asked.value.fields) == ["to_all"]
    assert not await Message.filter(conversation=many).exists()
    await messages.send(alice.id, many.id, "`@all` is code")
    assert (await messages.send(alice.id, many.id, "@all hear me", to_all=True)).number == 2


async def test_the_others_of_a_conversation_are_found_by_name(alice: User, bob: User, mallory: User) -> None:
    chat, _ = await conversations.start(alice, [bob.username])
    assert mallory.username not in [one.username for one in await Membership.search(chat.id, "", alice.id, 9)]
    assert [one.username for one in await Membership.search(chat.id, "BO", alice.id, 9)] == [bob.username]
    assert await Membership.search(chat.id, "%", alice.id, 9) == []
