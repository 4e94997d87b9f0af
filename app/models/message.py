"""A message: its place in the conversation (``number``, dense), its place in the log (``seq``), text and HTML."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
from tortoise import fields
from tortoise.expressions import Q
from tortoise.models import Model

from app.models.base import Row, rows
from app.models.conversation import Conversation, picture_url
from app.models.membership import Membership
from app.models.post import iso
from app.models.user import User, avatar_url


class MessageFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The one projection of a message; the ``chat_message`` frame is ``type``, ``seq`` and these fields."""

    message: str
    html: str
    username: str
    user_id: int
    user_avatar: str
    timestamp: str
    sent_at: str
    message_id: str
    number: int
    client_id: str | None
    is_verified: bool
    is_admin: bool


def chat_message(seq: int, facts: bytes) -> bytes:
    """The ``chat_message`` frame of a message, from its place in the log and the JSON of its facts.

    The one place that builds it: a live frame, the history and the answer to a repeat are the same bytes.
    """
    return b'{"type":"chat_message","seq":%d,%b' % (seq, facts[1:])


class Said(NamedTuple):
    """A message, and its place in the log of its conversation."""

    seq: int
    facts: MessageFacts

    def frame(self) -> msgspec.Raw:
        """Its ``chat_message`` frame."""
        return msgspec.Raw(chat_message(self.seq, msgspec.json.encode(self.facts)))


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a conversation stands for one member: its newest message, and how far the member has read.

    ``title`` and ``avatar`` are a group's own, or empty.
    ``undelivered`` is the seq of that message when it is a direct one that has reached none of the member's pages.
    """

    id: str
    read_number: int
    title: str
    avatar: str
    newest: MessageFacts | None
    undelivered: int | None


LARGEST_SEQ = 2**63 - 1
PAGE = """
SELECT m.id, m.author_id, number, seq, client_id, body, html, sent_at, username, is_verified, is_admin
FROM messages m JOIN users author ON author.id = m.author_id WHERE conversation_id = $1
"""


class Message(Model):
    """The same ``client_id`` from the same author is the same message."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "models.Conversation", related_name="messages"
    )
    conversation_id: UUID
    author: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="messages")
    author_id: int
    number = fields.IntField()
    seq = fields.BigIntField()
    client_id: UUID | None = fields.UUIDField(null=True)
    body = fields.TextField()
    html = fields.TextField()
    sent_at: datetime = fields.DatetimeField()

    class Meta:
        table = "messages"
        unique_together = (("conversation", "number"), ("conversation", "seq"), ("author", "client_id"))

    def facts(self) -> MessageFacts:
        """This message; its author must be loaded."""
        return MessageFacts(
            message=self.body,
            html=self.html,
            username=self.author.username,
            user_id=self.author_id,
            user_avatar=avatar_url(self.author.username),
            timestamp=self.sent_at.strftime("%H:%M"),
            sent_at=iso(self.sent_at),
            message_id=str(self.id),
            number=self.number,
            client_id=str(self.client_id) if self.client_id else None,
            is_verified=self.author.is_verified,
            is_admin=self.author.is_admin,
        )

    def frame(self) -> msgspec.Raw:
        """This message as its ``chat_message`` frame; its author must be loaded."""
        return Said(self.seq, self.facts()).frame()

    @classmethod
    async def page(
        cls, conversation_id: UUID, *, before: int | None = None, after: int | None = None, limit: int
    ) -> list[Said]:
        """At most ``limit`` messages, oldest first: the newest, those below seq ``before`` or those above ``after``."""
        if after is not None:
            found = await rows(f"{PAGE} AND seq > $2 ORDER BY seq LIMIT $3", conversation_id, after, limit)
            return [_said(line) for line in found]
        seq = LARGEST_SEQ if before is None else before
        found = await rows(f"{PAGE} AND seq < $2 ORDER BY seq DESC LIMIT $3", conversation_id, seq, limit)
        return [_said(line) for line in reversed(found)]

    @classmethod
    async def standings(cls, user_id: int, conversation_ids: list[str]) -> list[Standing]:
        """Where these conversations stand for a member; those the user is not in are left out."""
        members = await Membership.filter(user_id=user_id, conversation_id__in=conversation_ids).select_related(
            "conversation"
        )
        newest = (
            {
                message.conversation_id: message
                for message in await cls.filter(
                    Q(
                        *[Q(conversation_id=m.conversation_id, number=m.conversation.last_number) for m in members],
                        join_type="OR",
                    )
                ).select_related("author")
            }
            if members
            else {}
        )
        return [_standing(member, newest.get(member.conversation_id)) for member in members]


def _said(line: Row) -> Said:
    name: str = line["username"]
    sent_at = iso(line["sent_at"])
    facts = MessageFacts(
        message=line["body"],
        html=line["html"],
        username=name,
        user_id=line["author_id"],
        user_avatar=avatar_url(name),
        timestamp=sent_at[11:16],
        sent_at=sent_at,
        message_id=str(line["id"]),
        number=line["number"],
        client_id=str(line["client_id"]) if line["client_id"] else None,
        is_verified=line["is_verified"],
        is_admin=line["is_admin"],
    )
    return Said(line["seq"], facts)


def _standing(member: Membership, newest: Message | None) -> Standing:
    arrives = newest and member.conversation.direct_key and member.delivered_seq < newest.seq
    return Standing(
        id=str(member.conversation_id),
        read_number=member.read_number,
        title=member.conversation.title,
        avatar=picture_url(member.conversation_id, member.conversation.picture),
        newest=newest.facts() if newest else None,
        undelivered=newest.seq if newest and arrives else None,
    )
