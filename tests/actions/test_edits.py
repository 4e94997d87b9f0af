"""Editing and deleting one's own messages: who may, what is kept, and what is left nowhere."""

import asyncio
from collections.abc import Iterator
from uuid import UUID, uuid4

import msgspec
import pytest

from app.actions import conversations, edits, messages
from app.actions.edits import EDITS_AT_MOST, Deleted, NotYours, TooLate, TooManyEdits, edit_within
from app.errors import Invalid, NotFound
from app.jobs.runner import run_one
from app.models import Conversation, Message, MessageFacts, MessageVersion, Notification, User
from app.models.base import row, rows
from bus import events as e
from tests.actions.announced import announced


@pytest.fixture
async def said(alice: User, chat: Conversation) -> UUID:
    """A message of alice's."""
    return (await messages.send(alice.id, chat.id, "Teh first")).id


@pytest.fixture
def hours_ago() -> Iterator[None]:
    """Every message has been sent too long ago."""
    edit_within(0)
    yield
    edit_within(86400)


def facts(event: e.Event | None) -> MessageFacts:
    assert isinstance(event, e.MessageSent | e.MessageEdited | e.MessageDeleted)
    return msgspec.json.decode(event.message, type=MessageFacts)


async def everything_written() -> str:
    """All that is stored anywhere, as text."""
    tables = await rows("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    found = [await rows(f"SELECT t::text AS line FROM {table['tablename']} t") for table in tables]
    return "\n".join(line["line"] for lines in found for line in lines)


async def everything_follows() -> None:
    """Do every job that there is."""
    await row("UPDATE jobs SET run_at = now()")
    while await run_one():
        pass


async def test_an_edit_keeps_what_was_said_before(alice: User, chat: Conversation, said: UUID) -> None:
    for words in ("The first", "The very first"):
        now = await edits.edit(alice.id, chat.id, said, f" {words} ")
    assert (now.facts.message, now.facts.number, now.seq) == ("The very first", 1, 1)
    assert now == await Message.said(chat.id, said)
    assert [version.message for version in await MessageVersion.of(said)] == ["The first", "Teh first"]
    sent, one, two = await announced(f"conversation.{chat.id}")
    assert isinstance(two, e.MessageEdited)
    assert (two.message_seq, two.is_newest, facts(two)) == (1, True, now.facts)
    assert [facts(event).message for event in (sent, one)] == ["Teh first", "The first"]


async def test_the_same_words_again_are_no_edit(alice: User, chat: Conversation, said: UUID) -> None:
    assert (await edits.edit(alice.id, chat.id, said, "Teh first ")).facts.edited_at is None
    assert len(await announced(f"conversation.{chat.id}")) == 1


async def test_only_who_wrote_it_changes_it(
    alice: User, bob: User, mallory: User, chat: Conversation, said: UUID
) -> None:
    elsewhere, _ = await conversations.start(alice, [mallory.username])
    for who, where, error in ((bob, chat, NotYours), (mallory, chat, NotFound), (alice, elsewhere, NotFound)):
        with pytest.raises(error):
            await edits.edit(who.id, where.id, said, "mine now")
        with pytest.raises(error):
            await edits.delete(who.id, where.id, said)
    with pytest.raises(NotFound):
        await edits.delete(alice.id, uuid4(), said)
    assert (await edits.edit(alice.id, chat.id, said, "still mine")).facts.message == "still mine"


async def test_an_edit_is_checked_like_a_message(alice: User, chat: Conversation, said: UUID) -> None:
    for words in ("", " ", "x" * 4001, "a\x00"):
        with pytest.raises(Invalid):
            await edits.edit(alice.id, chat.id, said, words)
    assert len(await announced(f"conversation.{chat.id}")) == 1


@pytest.mark.usefixtures("hours_ago")
async def test_what_is_too_old_to_edit_can_still_be_deleted(alice: User, chat: Conversation, said: UUID) -> None:
    with pytest.raises(TooLate):
        await edits.edit(alice.id, chat.id, said, "too late")
    await edits.delete(alice.id, chat.id, said)
    found = await Message.said(chat.id, said)
    assert found is not None
    assert found.facts.is_deleted


async def test_there_is_an_end_of_edits(alice: User, chat: Conversation, said: UUID) -> None:
    for number in range(EDITS_AT_MOST):
        await edits.edit(alice.id, chat.id, said, f"version {number}")
    with pytest.raises(TooManyEdits):
        await edits.edit(alice.id, chat.id, said, "one more")
    assert len(await MessageVersion.of(said)) == EDITS_AT_MOST


async def test_what_was_deleted_is_written_nowhere(alice: User, bob: User, chat: Conversation) -> None:
    said = (await messages.send(alice.id, chat.id, "The secret first")).id
    await edits.edit(alice.id, chat.id, said, "The secret second")
    await messages.send(bob.id, chat.id, "What?")
    await edits.edit(alice.id, chat.id, said, "The secret third")
    assert "secret third" in await everything_written()
    await edits.delete(alice.id, chat.id, said)
    await everything_follows()
    left = await everything_written()
    assert "secret" not in left
    log = await announced(f"conversation.{chat.id}")
    assert [event.name if event else None for event in log] == [None, None, "message_sent", None, "message_deleted"]
    tombstone = facts(log[-1])
    assert (tombstone.is_deleted, tombstone.message, tombstone.html, tombstone.number) == (True, "", "", 1)
    assert isinstance(log[-1], e.MessageDeleted)
    assert not log[-1].is_newest
    with pytest.raises(Deleted):
        await edits.edit(alice.id, chat.id, said, "back again")


async def test_a_repeat_of_what_was_edited_or_deleted_is_still_a_repeat(alice: User, chat: Conversation) -> None:
    client_id = uuid4()
    first = await messages.send(alice.id, chat.id, "once", client_id)
    await edits.edit(alice.id, chat.id, first.id, "twice")
    again = await messages.send(alice.id, chat.id, "once", client_id)
    assert again == first._replace(is_new=False)
    with pytest.raises(messages.ClientIdReused):
        await messages.send(alice.id, chat.id, "twice", client_id)
    await edits.delete(alice.id, chat.id, first.id)
    gone = await messages.send(alice.id, chat.id, "once", client_id)
    assert (gone.seq, gone.is_new, msgspec.json.decode(gone.frame)["is_deleted"]) == (first.seq, False, True)


async def test_edits_and_messages_at_once_have_one_order(
    alice: User, bob: User, chat: Conversation, said: UUID
) -> None:
    doings = [edits.edit(alice.id, chat.id, said, f"edit {number}") for number in range(10)]
    doings += [messages.send(bob.id, chat.id, f"message {number}") for number in range(10)]  # type: ignore[misc]
    await asyncio.gather(*doings)
    log = await announced(f"conversation.{chat.id}")
    last = [event for event in log if isinstance(event, e.MessageEdited)][-1]
    found = await Message.said(chat.id, said)
    assert found is not None
    assert (len(log), facts(last)) == (21, found.facts)
    assert len(await MessageVersion.of(said)) == 10


@pytest.mark.usefixtures("quiet")
class TestConsequences:
    """What people were told follows what the message says now."""

    async def told(self, user: User) -> list[str]:
        return [found.kind for found in await Notification.filter(recipient=user)]

    async def test_mentions_follow_an_edit(self, alice: User, bob: User, chat: Conversation) -> None:
        sent = await messages.send(alice.id, chat.id, "hi")
        await edits.edit(alice.id, chat.id, sent.id, f"hi @{bob.username}")
        await everything_follows()
        assert "Mention" in await self.told(bob)
        await edits.edit(alice.id, chat.id, sent.id, "hi all")
        await everything_follows()
        assert "Mention" not in await self.told(bob)

    async def test_nobody_is_told_of_what_was_deleted(self, alice: User, bob: User, chat: Conversation) -> None:
        sent = await messages.send(alice.id, chat.id, f"hi @{bob.username}")
        await edits.delete(alice.id, chat.id, sent.id)
        await everything_follows()
        assert await self.told(bob) == []

    async def test_what_was_told_is_taken_back(self, alice: User, bob: User, chat: Conversation) -> None:
        sent = [await messages.send(alice.id, chat.id, words) for words in ("hi", f"hi @{bob.username}")]
        await row("UPDATE messages SET sent_at = now() - interval '1 minute'")
        await everything_follows()
        assert sorted(await self.told(bob)) == ["Mention", "Message"]
        await edits.delete(alice.id, chat.id, sent[1].id)
        await everything_follows()
        assert await self.told(bob) == ["Message"], "the other one is still unread"
        await edits.delete(alice.id, chat.id, sent[0].id)
        await everything_follows()
        assert await self.told(bob) == []
