"""What is delivered: the frames of the wire format, made by the application's own code, with places for seq and stamp.

The floor and the peers hand out the very same JSON, so that everybody moves the same bytes.
"""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID, uuid4

import msgspec

from app.models import ActorFacts, MessageFacts, NotificationFacts, UserFacts, avatar_url, iso
from app.models.message import chat_message
from bus import events as e
from bus.encoding import encode, encode_ring

SEQ, STAMP, UUID_PLACE = "@SEQ@", "@STAMP@", "@UUID@"
STAMP_DIGITS = 19
TEXT_BYTES = 100


def stamped(size: int) -> str:
    """A text of ``size`` bytes that begins with a stamp, once that is filled in."""
    return f"t={STAMP} " + "x" * (size - STAMP_DIGITS - 3)


def message_facts(author: UserFacts, text: str) -> bytes:
    """The JSON of a message's facts."""
    now = datetime.now(UTC)
    facts = MessageFacts(
        message=text,
        html=text,
        username=author.username,
        user_id=author.id,
        user_avatar=avatar_url(author.username),
        timestamp=now.strftime("%H:%M"),
        sent_at=iso(now),
        message_id=str(uuid4()),
        number=1,
        client_id=str(uuid4()),
        is_verified=False,
        is_admin=False,
    )
    return msgspec.json.encode(facts)


def message_ring(conversation_id: UUID, author: UserFacts, size: int) -> str:
    """What rings on the bus for a message of ``size`` bytes of text."""
    facts = msgspec.Raw(message_facts(author, stamped(size)))
    return ring(e.MessageSent(conversation_id=str(conversation_id), message=facts))


def message_frame(size: int = TEXT_BYTES) -> str:
    """The ``chat_message`` frame of such a message."""
    author = UserFacts(id=1, username="user_000001", display_name="", avatar="")
    return with_seq(chat_message(0, message_facts(author, stamped(size))))


def notification_ring(user_id: int, actor: UserFacts) -> str:
    """What rings on the bus for a notification."""
    return ring(e.Notified(user_id=user_id, notification=msgspec.Raw(notification_facts(actor)), unread=1))


def notification_facts(actor: UserFacts) -> bytes:
    """The JSON of a notification's facts."""
    now = datetime.now(UTC)
    facts = NotificationFacts(
        id=str(uuid4()),
        message=stamped(40),
        notification_type="Like",
        actor=ActorFacts(id=actor.id, username=actor.username, avatar=avatar_url(actor.username)),
        timestamp=now.strftime("%Y-%m-%d %H:%M:%S"),
        sent_at=iso(now),
        read=False,
        data={"action_url": "/post/123/", "content_type": "post"},
    )
    return msgspec.json.encode(facts)


def notification_frame() -> str:
    """The ``notification`` frame of such a notification."""
    actor = UserFacts(id=1, username="user_000001", display_name="", avatar="")
    facts = notification_facts(actor).decode()
    return f'{{"type":"notification","seq":{SEQ},{facts[1:]}'


def ring(event: e.Event) -> str:
    """The payload that rings for the event, with a place for its seq."""
    return with_seq(encode_ring(0, encode(event)))


def with_seq(payload: bytes) -> str:
    """A payload made with seq 0, with a place for it instead."""
    return payload.decode().replace('"seq":0', f'"seq":{SEQ}', 1)
