"""How one keeps conversations: pinned, muted, archived, unread again; told to one's own pages and nobody else."""

from datetime import UTC, datetime, timedelta

import pytest

from app.actions import conversations, keeping, messages
from app.actions.keeping import TooManyPins, keep, mark_unread
from app.errors import Invalid, NotFound
from app.models import Conversation, ConversationFacts, Membership, User
from bus import events as e
from tests.actions.announced import announced
from tests.actions.conftest import someone


async def listed(user: User, show: str = "") -> list[ConversationFacts]:
    return await Conversation.listed(user.id, None, 10, show)


async def test_what_is_pinned_stands_first_and_is_told_once(alice: User, chat: Conversation) -> None:
    carol = await someone("carol")
    newer, _ = await conversations.start(alice, [carol.username])
    await messages.send(alice.id, newer.id, "hi")
    await keep(alice.id, chat.id, pinned=True)
    await keep(alice.id, chat.id, pinned=True)
    assert [(one.id, one.is_pinned) for one in await listed(alice)] == [(str(chat.id), True), (str(newer.id), False)]
    kept = [event for event in await announced(f"user.{alice.id}") if isinstance(event, e.ConversationKept)]
    assert kept == [e.ConversationKept(user_id=alice.id, conversation_id=str(chat.id), is_pinned=True)]
    await keep(alice.id, chat.id, pinned=False)
    assert [one.id for one in await listed(alice)] == [str(newer.id), str(chat.id)]


async def test_only_so_many_can_be_pinned(alice: User, monkeypatch: pytest.MonkeyPatch, chat: Conversation) -> None:
    monkeypatch.setattr(keeping, "PINS_AT_MOST", 1)
    carol = await someone("carol")
    other, _ = await conversations.start(alice, [carol.username])
    await keep(alice.id, chat.id, pinned=True)
    with pytest.raises(TooManyPins):
        await keep(alice.id, other.id, pinned=True)
    assert [one.is_pinned for one in await listed(alice)] == [True, False]


async def test_the_archive_gives_back_what_is_spoken_in_unless_it_is_muted(
    alice: User, bob: User, chat: Conversation
) -> None:
    await keep(alice.id, chat.id, archived=True)
    assert await listed(alice) == []
    assert [one.is_archived for one in await listed(alice, "archived")] == [True]
    assert len(await listed(bob)) == 1
    await messages.send(bob.id, chat.id, "are you there?")
    assert [one.is_archived for one in await listed(alice)] == [False]
    await keep(alice.id, chat.id, archived=True, mute="on")
    await messages.send(bob.id, chat.id, "hello?")
    assert await listed(alice) == []
    await keep(alice.id, chat.id, mute="off")
    assert len(await listed(alice)) == 1


async def test_muting_lasts_as_long_as_was_said(alice: User, chat: Conversation) -> None:
    await keep(alice.id, chat.id, mute="8h")
    until = (await Membership.get(user=alice, conversation=chat)).muted_until
    assert until is not None
    assert timedelta(hours=7, minutes=59) < until - datetime.now(UTC) <= timedelta(hours=8)
    await Membership.filter(user=alice, conversation=chat).update(muted_until=datetime.now(UTC) - timedelta(seconds=1))
    assert [one.muted_until for one in await listed(alice)] == [None]
    with pytest.raises(Invalid):
        await keep(alice.id, chat.id, mute="forever")


async def test_a_list_shows_what_is_unread_or_groups(alice: User, bob: User, chat: Conversation) -> None:
    carol = await someone("carol")
    group, _ = await conversations.start(alice, [bob.username, carol.username])
    await messages.send(bob.id, chat.id, "hi")
    assert [one.id for one in await listed(alice, "unread")] == [str(chat.id)]
    assert [one.id for one in await listed(alice, "groups")] == [str(group.id)]


async def test_what_is_unread_again_is_so_for_oneself_alone(alice: User, bob: User, chat: Conversation) -> None:
    sent = [await messages.send(bob.id, chat.id, str(number)) for number in range(4)]
    await conversations.mark_read(alice.id, chat.id, sent[-1].seq)
    await mark_unread(alice.id, chat.id, sent[2].seq)
    await mark_unread(alice.id, chat.id, sent[3].seq)
    assert [one.unread for one in await listed(alice)] == [2]
    [position] = await Membership.positions(chat.id, bob.id, 9)
    assert position.read_seq == sent[-1].seq
    told = [event for event in await announced(f"user.{alice.id}") if isinstance(event, e.MarkedUnread)]
    assert [(event.number, event.marks) for event in told] == [(2, 1)]
    place = await conversations.mark_read(alice.id, chat.id, sent[-1].seq)
    assert place is not None
    assert (place.number, place.marks) == (4, 1)


async def test_mallory_keeps_nothing_of_others(mallory: User, chat: Conversation) -> None:
    with pytest.raises(NotFound):
        await keep(mallory.id, chat.id, pinned=True)
    with pytest.raises(NotFound):
        await mark_unread(mallory.id, chat.id, 1)
