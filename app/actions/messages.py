"""Sending a message: its number, its seq and its row in one transaction, once for each ``client_id``."""

from datetime import datetime
from uuid import UUID, uuid4

import msgspec
from tortoise.exceptions import IntegrityError

from app.actions.conversations import message_notice_id
from app.errors import Conflict, NotFound
from app.log import Events, read, transaction
from app.models import Message, User
from app.models.base import row
from app.models.message import chat_message
from app.text import checked, mentions_in, rendered
from bus import events as e
from bus.encoding import decode_event


class ClientIdReused(Conflict):
    """The same ``client_id`` came with another text or in another conversation."""

    code = "client_id_reused"
    message = "This client_id belongs to another message."


class _Repeat(Exception):
    """Leaves the transaction, giving the reserved seq back."""


async def send(author: User, conversation_id: UUID, text: str, client_id: UUID | None = None) -> tuple[Message, bool]:
    """Store a message and announce it; whether it is new. The same ``client_id`` gives back the first message.

    Raises Invalid (field ``message``), NotFound for outsiders, ClientIdReused.
    """
    body = checked(text, "message")
    try:
        async with transaction() as events:
            message = await _write(events, author, conversation_id, body, client_id)
            return message, True
    except (_Repeat, IntegrityError):
        # Somebody with this client_id was here before: in this conversation (_Repeat) or in another, just now.
        assert client_id is not None
        return await _first(author, conversation_id, body, client_id), False


async def frame_of(message: Message) -> msgspec.Raw:
    """The frame that announced the message, to the byte, while the log holds it; else as it would be today.

    They differ when the author has been verified meanwhile. The author must be loaded.
    """
    body = await read.at(f"conversation.{message.conversation_id}", message.seq)
    event = decode_event(body) if body else None
    if isinstance(event, e.MessageSent):
        return msgspec.Raw(chat_message(message.seq, bytes(event.message)))
    return message.frame()


async def _write(events: Events, author: User, conversation_id: UUID, body: str, client_id: UUID | None) -> Message:
    # The topic's lock comes first: whoever waits here sees all that was committed before.
    seq = await events.reserve(f"conversation.{conversation_id}")
    is_direct, number, sent_at = await _next_number(author, conversation_id, client_id)
    message = Message(
        id=uuid4(),
        conversation_id=conversation_id,
        author=author,
        number=number,
        seq=seq,
        client_id=client_id,
        body=body,
        html=rendered(body),
        sent_at=sent_at,
    )
    await message.save(force_create=True)
    answers = await _author_has_read(message)
    events.append(
        e.MessageSent(
            conversation_id=str(conversation_id),
            message=msgspec.Raw(msgspec.json.encode(message.facts())),
            direct=is_direct,
            answers=answers,
            mentions=mentions_in(body),
        )
    )
    return message


async def _next_number(author: User, conversation_id: UUID, client_id: UUID | None) -> tuple[bool, int, datetime]:
    """Count one message more. The time is the database's, so that it does not depend on a worker's clock."""
    found = await row(
        "UPDATE conversations SET last_number = last_number + 1, last_at = clock_timestamp() WHERE id = $1 "
        "AND EXISTS (SELECT 1 FROM memberships WHERE conversation_id = $1 AND user_id = $2) "
        "AND NOT EXISTS (SELECT 1 FROM messages WHERE author_id = $2 AND client_id = $3) "
        "RETURNING direct_key IS NOT NULL AS is_direct, last_number, last_at",
        conversation_id,
        author.id,
        client_id,
    )
    if found:
        return found["is_direct"], found["last_number"], found["last_at"]
    if client_id and await Message.filter(author=author, client_id=client_id).exists():
        raise _Repeat
    raise NotFound


async def _author_has_read(message: Message) -> bool:
    """Who writes has read what came before; unread stays a subtraction. True if they were being told of it."""
    found = await row(
        "UPDATE memberships SET read_seq = $3, read_number = $4, delivered_seq = $3 "
        "WHERE conversation_id = $1 AND user_id = $2 "
        "RETURNING EXISTS (SELECT 1 FROM notifications WHERE id = $5 AND NOT read) AS told",
        message.conversation_id,
        message.author_id,
        message.seq,
        message.number,
        message_notice_id(message.conversation_id, message.author_id),
    )
    return bool(found and found["told"])


async def _first(author: User, conversation_id: UUID, body: str, client_id: UUID) -> Message:
    first = await Message.get(author=author, client_id=client_id).select_related("author")
    if first.conversation_id != conversation_id or first.body != body:
        raise ClientIdReused
    return first
