"""Reactions: any emoji, once for a person, counted in the order in which they were announced."""

import asyncio
from uuid import UUID

import msgspec
import pytest

from app.actions import edits, messages, reactions
from app.actions.edits import Deleted
from app.actions.reactions import EMOJI_AT_MOST, TooManyEmoji
from app.emoji import is_emoji
from app.errors import Invalid, NotFound
from app.models import Conversation, Membership, Message, Reaction, ReactionFacts, User
from bus import events as e
from tests.actions.announced import announced
from tests.actions.conftest import someone


@pytest.fixture
async def said(alice: User, chat: Conversation) -> UUID:
    """A message of alice's."""
    return (await messages.send(alice.id, chat.id, "Bread?")).id


async def shown(chat: Conversation, message_id: UUID) -> list[tuple[str, int, tuple[str, ...]]]:
    found = await Message.said(chat.id, message_id)
    assert found is not None
    return [(one.emoji, one.count, one.usernames) for one in found.facts.reactions]


@pytest.mark.parametrize(
    "emoji", ["👍", "👍🏽", "❤️", "❤", "👩🏽‍🚒", "👨‍👩‍👧‍👦", "🏳️‍🌈", "🇩🇪", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "1️⃣", "‼️", "ℹ️", "🫩", "🫱🏻‍🫲🏿"]
)
def test_any_emoji_is_one(emoji: str) -> None:
    assert is_emoji(emoji)


@pytest.mark.parametrize(
    "text", ["", "a", "1", "👍👍", "👍 ", "<b>", "🇩", "\u200d", "\ufe0f", "👍\u200d", "🏽" * 3, "é", "𝕏"]
)
def test_nothing_else_is(text: str) -> None:
    assert not is_emoji(text)


async def test_the_newest_emoji_there_is_fits_the_column(alice: User, chat: Conversation, said: UUID) -> None:
    longest = "\u200d".join(["👩🏽"] * 8)
    assert (await reactions.react(alice, chat.id, said, longest)).emoji == longest


async def test_one_per_person_and_emoji_with_one_write_and_one_event(
    alice: User, bob: User, chat: Conversation, said: UUID
) -> None:
    for _ in range(3):
        await reactions.react(alice, chat.id, said, "👍")
    await reactions.react(bob, chat.id, said, "🍞")
    now = await reactions.react(bob, chat.id, said, "👍")
    assert (now.count, now.usernames) == (2, (alice.username, bob.username))
    assert await shown(chat, said) == [("👍", 2, (alice.username, bob.username)), ("🍞", 1, (bob.username,))]
    for _ in range(3):
        await reactions.unreact(alice, chat.id, said, "👍")
    assert await shown(chat, said) == [("🍞", 1, (bob.username,)), ("👍", 1, (bob.username,))]
    heard = [event for event in await announced(f"conversation.{chat.id}") if isinstance(event, e.MessageReacted)]
    counts = [msgspec.json.decode(event.reaction, type=ReactionFacts).count for event in heard]
    assert [(event.username, event.is_on) for event in heard] == [
        *((alice.username, True), (bob.username, True), (bob.username, True), (alice.username, False)),
    ]
    assert counts == [1, 1, 2, 1]


async def test_all_at_once_are_counted_one_after_another(alice: User, chat: Conversation, said: UUID) -> None:
    people = [await someone("person") for _ in range(25)]
    await Membership.bulk_create([Membership(conversation=chat, user=person) for person in people])
    await asyncio.gather(*[reactions.react(person, chat.id, said, "🎉") for person in people])
    heard = [event for event in await announced(f"conversation.{chat.id}") if isinstance(event, e.MessageReacted)]
    told = [msgspec.json.decode(event.reaction, type=ReactionFacts) for event in heard]
    assert [one.count for one in told] == list(range(1, 26))
    assert told[-1].usernames == tuple(event.username for event in heard[:20])
    assert (await Reaction.of(said, "🎉")) == told[-1]


async def test_only_members_react_and_only_to_what_is_there(
    alice: User, bob: User, mallory: User, chat: Conversation, said: UUID
) -> None:
    with pytest.raises(NotFound):
        await reactions.react(mallory, chat.id, said, "👍")
    with pytest.raises(Invalid) as refusal:
        await reactions.react(bob, chat.id, said, "yes")
    assert (refusal.value.code, list(refusal.value.fields)) == ("not_an_emoji", ["emoji"])
    await reactions.react(bob, chat.id, said, "👍")
    await edits.delete(alice.id, chat.id, said)
    assert await shown(chat, said) == []
    for change in (reactions.react, reactions.unreact):
        with pytest.raises(Deleted):
            await change(bob, chat.id, said, "👍")


async def test_there_is_an_end_of_different_emoji(alice: User, bob: User, chat: Conversation, said: UUID) -> None:
    for number in range(EMOJI_AT_MOST):
        await reactions.react(alice, chat.id, said, chr(0x1F600 + number))
    with pytest.raises(TooManyEmoji):
        await reactions.react(alice, chat.id, said, "🎉")
    assert (await reactions.react(bob, chat.id, said, "😀")).count == 2
    assert (await reactions.unreact(alice, chat.id, said, "🎉")).count == 0
