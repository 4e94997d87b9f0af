"""Sending a message: its number, its seq and its row in one transaction, once for each ``client_id``.

Messages that come while others are being written are written together, in the next transaction (group commit). One
that comes alone waits for nobody.
"""

from collections.abc import Sequence
from functools import partial
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
from tortoise.exceptions import IntegrityError

from app.actions.blocks import Blocked
from app.actions.mentions import confirm_everyone
from app.actions.message_batch import Stored, write
from app.actions.numbering import Draft, Refusal
from app.batches import Batches
from app.database import DATABASE_AWAY
from app.errors import Conflict, NotFound
from app.log import read
from app.models import Message, MessageVersion
from app.models.message import chat_message
from app.text import checked, mentions_in, refused, rendered
from bus import events as e
from bus.encoding import decode_event


class ClientIdReused(Conflict):
    """The same ``client_id`` came with another text or in another conversation."""

    code = "client_id_reused"
    message = "This client_id belongs to another message."


class Sent(NamedTuple):
    """A message that is stored. ``frame`` announces it, to the byte the same for everyone."""

    id: UUID
    seq: int
    number: int
    frame: msgspec.Raw
    is_new: bool


async def send(
    author_id: int,
    conversation_id: UUID,
    text: str,
    client_id: UUID | None = None,
    reply_to: UUID | None = None,
    *,
    thread: UUID | None = None,
    to_all: bool = False,
) -> Sent:
    """Store a message and announce it. The same ``client_id`` gives back the first message.

    ``thread`` is a message of the conversation: this one comes into the thread that hangs on it. ``reply_to`` is
    another message of the conversation, or of that thread. ``to_all``: an ``@all`` in it is meant. Raises Invalid
    (fields ``message``, ``reply_to``, ``thread``), ConfirmAll, NotFound for outsiders, Blocked, ClientIdReused, and the
    database's errors.
    """
    body = checked(text, "message")
    words = (body, rendered(body), mentions_in(body))
    topic = f"conversation.{conversation_id}"
    draft = Draft(uuid4(), author_id, conversation_id, topic, client_id, *words, reply_to, thread)
    if draft.mentions:
        await confirm_everyone(conversation_id, draft.mentions, to_all)
    answer = await _batches.ask(draft)
    if answer is Refusal.BUSY:
        # Somebody else writes in this conversation, or nobody ever has: wait for that without keeping up the others.
        answer = await _waiting.ask(draft, key=draft.topic)
    if isinstance(answer, Stored):
        frame = msgspec.Raw(chat_message(answer.seq, answer.facts))
        return Sent(draft.id, answer.seq, answer.number, frame, True)
    if answer is Refusal.REPEATED:
        return await _first(draft)
    if answer is Refusal.BLOCKED:
        raise Blocked
    if answer is Refusal.UNQUOTABLE:
        raise refused("no_such_message", "reply_to", "What you reply to is not in this conversation.")
    if answer is Refusal.NO_THREAD:
        raise refused("no_such_message", "thread", "There is no such thread in this conversation.")
    raise NotFound


async def _first(draft: Draft) -> Sent:
    first = await Message.get(author_id=draft.author_id, client_id=draft.client_id)
    words = await _first_words(first)
    place = (first.conversation_id, first.thread_id, first.reply_to)
    given = (draft.conversation_id, draft.thread, draft.reply_to)
    if place != given or words not in (None, draft.body):
        raise ClientIdReused
    return Sent(first.id, first.seq, first.number, await _frame_of(first), False)


async def _first_words(message: Message) -> str | None:
    """What it said when it was sent; None when nobody knows any more."""
    if message.deleted_at:
        return None
    first = await MessageVersion.filter(message_id=message.id, seq=message.seq).first()
    return first.body if first else message.body


async def _frame_of(message: Message) -> msgspec.Raw:
    """The frame that announced the message, to the byte, while the log holds it; else as it would be today.

    They differ when the author has been verified meanwhile, or has edited or deleted it.
    """
    body = await read.at(f"conversation.{message.conversation_id}", message.seq)
    event = decode_event(body) if body else None
    if isinstance(event, e.MessageSent | e.ThreadMessageSent):
        return msgspec.Raw(chat_message(message.seq, bytes(event.message)))
    said = await Message.said(message.conversation_id, message.id)
    assert said is not None
    return said.frame()


async def _write(drafts: list[Draft], *, wait: bool) -> Sequence[Stored | Refusal | Exception]:
    try:
        return await write(drafts, wait=wait)
    except DATABASE_AWAY:
        raise
    except Exception as error:
        if len(drafts) == 1:
            return [Refusal.REPEATED if isinstance(error, IntegrityError) else error]
    # Nothing of it is stored. One of them is to blame, such as one whose client_id is just being used elsewhere; the
    # others must not suffer for it.
    return [answer for draft in drafts for answer in await _write([draft], wait=True)]


_batches: Batches[Draft, Stored | Refusal] = Batches(partial(_write, wait=False), apart=lambda draft: draft.topic)
_waiting: Batches[Draft, Stored | Refusal] = Batches(partial(_write, wait=True))
