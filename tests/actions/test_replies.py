"""Replies: they quote what is in the conversation, and only what it still says."""

import asyncio
from uuid import uuid4

import msgspec
import pytest

from app.actions import conversations, edits, messages
from app.actions.messages import ClientIdReused, Sent
from app.errors import Invalid, NotFound
from app.models import Conversation, Message, MessageFacts, User
from app.models.message import QuoteFacts
from bus import events as e
from tests.actions.announced import announced


async def quotes(chat: Conversation) -> list[str | None]:
    """What the messages quote, as the page shows it."""
    return [said.facts.reply_to and said.facts.reply_to.preview for said in await Message.page(chat.id, limit=50)]


async def logged(chat: Conversation) -> list[str | None]:
    """The same, as the log has it."""
    found = []
    for event in await announced(f"conversation.{chat.id}"):
        if isinstance(event, e.MessageSent | e.MessageEdited):
            facts = msgspec.json.decode(event.message, type=MessageFacts)
            found.append(facts.reply_to and facts.reply_to.preview)
    return found


async def test_a_reply_quotes_and_everyone_hears_the_same(alice: User, bob: User, chat: Conversation) -> None:
    asked = await messages.send(alice.id, chat.id, "Bread?\nOr not?")
    answer = await messages.send(bob.id, chat.id, "Yes.", reply_to=asked.id)
    [_, said] = await Message.page(chat.id, limit=50)
    assert said.facts.reply_to == QuoteFacts(
        message_id=str(asked.id), seq=1, username=alice.username, preview="Bread? Or not?"
    )
    assert bytes(said.frame()) == bytes(answer.frame)
    assert await logged(chat) == [None, "Bread? Or not?"]


async def test_only_what_is_in_the_conversation_can_be_quoted(
    alice: User, bob: User, mallory: User, chat: Conversation
) -> None:
    elsewhere, _ = await conversations.start(alice, [mallory.username])
    secret = await messages.send(alice.id, elsewhere.id, "between us")
    sent = await asyncio.gather(
        messages.send(bob.id, chat.id, "tell me", reply_to=secret.id),
        messages.send(bob.id, chat.id, "what?", reply_to=uuid4()),
        messages.send(mallory.id, chat.id, "I know", reply_to=secret.id),
        messages.send(bob.id, chat.id, "anyway"),
        return_exceptions=True,
    )
    assert [type(answer) for answer in sent] == [Invalid, Invalid, NotFound, Sent]
    assert list(sent[0].fields) == ["reply_to"]  # type: ignore[union-attr]
    assert await quotes(chat) == [None]


async def test_a_quote_says_what_its_message_says_now(alice: User, bob: User, chat: Conversation) -> None:
    asked = await messages.send(alice.id, chat.id, "Braed?")
    for words in ("Yes.", "No."):
        await messages.send(bob.id, chat.id, words, reply_to=asked.id)
    await edits.edit(alice.id, chat.id, asked.id, "Bread?")
    assert await quotes(chat) == [None, "Bread?", "Bread?"]
    answer = await messages.send(bob.id, chat.id, "Maybe.", reply_to=asked.id)
    await edits.edit(bob.id, chat.id, answer.id, "Definitely.")
    await edits.delete(alice.id, chat.id, asked.id)
    assert await quotes(chat) == [None, *["Message deleted"] * 3]
    assert await logged(chat) == ["Message deleted"] * 4, "its own words are gone from the log, and so are the quotes"
    late = await messages.send(bob.id, chat.id, "Oh.", reply_to=asked.id)
    assert msgspec.json.decode(late.frame)["reply_to"]["preview"] == "Message deleted"


async def test_a_repeat_replies_to_the_same(alice: User, bob: User, chat: Conversation) -> None:
    one, other = [await messages.send(alice.id, chat.id, words) for words in ("one", "other")]
    client_id = uuid4()
    first = await messages.send(bob.id, chat.id, "yes", client_id, one.id)
    assert await messages.send(bob.id, chat.id, "yes", client_id, one.id) == first._replace(is_new=False)
    for reply_to in (other.id, None):
        with pytest.raises(ClientIdReused):
            await messages.send(bob.id, chat.id, "yes", client_id, reply_to)
