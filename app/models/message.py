"""A message: its place in the conversation or its thread (``number``, dense), in the log (``seq``), text and HTML."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.base import Row, row, rows
from app.models.conversation import DELETED, Conversation, picture_url, preview
from app.models.post import iso
from app.models.reaction import ReactionFacts, reactions_of
from app.models.user import User, avatar_url


class QuoteFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The message that a reply answers: its place, its author, and the beginning of what it says now."""

    message_id: str
    seq: int
    username: str
    preview: str


class RepliesFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The thread that hangs on a message: how many are in it, when the last came, and who wrote last, at most 3."""

    count: int
    last_at: str
    usernames: tuple[str, ...]


class MessageFacts(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The one projection of a message; the ``chat_message`` frame is ``type``, ``seq`` and these fields.

    Those with a default are left out where they say nothing: of most messages. ``is_removed``: not by its author, but
    by the owner or an admin of the group. ``thread`` is the ``message_id`` of the message on which the thread hangs
    that this one is in; then ``number`` counts there.
    """

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
    edited_at: str | None = None
    is_deleted: bool = False
    is_removed: bool = False
    reactions: tuple[ReactionFacts, ...] = ()
    reply_to: QuoteFacts | None = None
    thread: str | None = None
    replies: RepliesFacts | None = None

    @property
    def preview(self) -> str:
        """What the list of conversations shows of it."""
        return DELETED if self.is_deleted else preview(self.message)


def chat_message(seq: int, facts: bytes) -> bytes:
    """The ``chat_message`` frame of a message, from its place in the log and the JSON of its facts.

    The one place that builds it: a live frame, the history and the answer to a repeat are the same bytes.
    """
    return b'{"type":"chat_message","seq":%d,%b' % (seq, facts[1:])


class Said(NamedTuple):
    """A message, and its place in the log of its conversation.

    ``chosen`` are the viewer's own emoji on it, of those that more people chose than its facts name.
    """

    seq: int
    facts: MessageFacts
    chosen: tuple[str, ...] = ()

    def frame(self) -> msgspec.Raw:
        """Its ``chat_message`` frame."""
        return msgspec.Raw(chat_message(self.seq, msgspec.json.encode(self.facts)))


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a conversation stands for one member: its newest message, and how far the member has read.

    ``title`` and ``avatar`` are a group's, the title as that member sees it; of two people they are empty.
    ``undelivered`` is the seq of that message when it is a direct one that has reached none of the member's pages.
    """

    id: str
    read_number: int
    unread_marks: int
    title: str
    avatar: str
    newest: MessageFacts | None
    undelivered: int | None


LARGEST_SEQ = 2**63 - 1
COLUMNS = """
m.id, m.author_id, m.number, m.seq, m.client_id, m.body, m.html, m.sent_at, m.edited_at, m.deleted_at, m.is_removed,
m.reacted, m.thread_id, m.replies, m.replied_at, m.repliers, author.username, author.is_verified, author.is_admin
"""
QUOTED = """
quoted.id AS quoted_id, quoted.seq AS quoted_seq, quoted.body AS quoted_body,
quoted.deleted_at IS NOT NULL AS quoted_deleted, quoted_author.username AS quoted_username,
quoted.author_id AS quoted_author_id
"""
CHOSEN = """
CASE WHEN m.reacted IS NOT NULL THEN array(SELECT emoji FROM reactions WHERE message_id = m.id AND user_id = $2) END
AS chosen
"""
SAID = f"""
SELECT {COLUMNS}, {QUOTED}, {CHOSEN} FROM messages m JOIN users author ON author.id = m.author_id
LEFT JOIN messages quoted ON quoted.id = m.reply_to LEFT JOIN users quoted_author ON quoted_author.id = quoted.author_id
"""  # noqa: S608
PAGE = f"{SAID} WHERE m.conversation_id = $1 AND m.thread_id IS NULL"
STANDINGS = f"""
SELECT c.id AS of, c.title, c.picture, c.direct_key, member.read_number, member.unread_marks, member.delivered_seq,
       o.names, {COLUMNS}, NULL AS quoted_id, NULL AS chosen
FROM memberships member JOIN conversations c ON c.id = member.conversation_id
LEFT JOIN messages m ON m.conversation_id = c.id AND m.number = c.last_number AND m.thread_id IS NULL
    AND NOT c.is_blocked
LEFT JOIN users author ON author.id = m.author_id
LEFT JOIN LATERAL (
    SELECT array_agg(coalesce(nullif(u.display_name, ''), u.username) ORDER BY u.username) AS names
    FROM (
        SELECT user_id FROM memberships
        WHERE conversation_id = c.id AND user_id <> $1 AND c.title = '' AND c.direct_key IS NULL
        ORDER BY user_id LIMIT 4
    ) AS others
    JOIN users u ON u.id = others.user_id
) AS o ON true
WHERE member.user_id = $1 AND c.id = ANY($2::uuid[])
"""  # noqa: S608


class Message(Model):
    """The same ``client_id`` from the same author is the same message.

    ``edited_seq`` is the seq of the event that announced its present words, if they are not the first. Of one that was
    deleted for everyone the place is left, and no words; ``is_removed``: by somebody else than its author. What it is a
    ``reply_to`` is in the same conversation. ``reacted`` sums up its reactions, as JSON.

    With a ``thread_id`` it is in the thread that hangs on that message, and ``number`` counts there. Of that one
    ``replies``, ``replied_at`` and ``repliers`` (usernames, with spaces between) sum up its thread, once it has one.
    """

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
    edited_at: datetime | None = fields.DatetimeField(null=True)
    edited_seq: int | None = fields.BigIntField(null=True)
    deleted_at: datetime | None = fields.DatetimeField(null=True)
    is_removed = fields.BooleanField(default=False, db_default=False)
    reply_to: UUID | None = fields.UUIDField(null=True)
    reacted: str | None = fields.TextField(null=True)
    thread_id: UUID | None = fields.UUIDField(null=True)
    replies: int | None = fields.IntField(null=True)
    replied_at: datetime | None = fields.DatetimeField(null=True)
    repliers: str | None = fields.TextField(null=True)

    class Meta:
        table = "messages"
        # Number and seq are unique too, in the conversation or the thread: partial indexes, which cannot be said here.
        unique_together = (("author", "client_id"),)

    @classmethod
    async def said(cls, conversation_id: UUID, message_id: UUID, viewer_id: int | None = None) -> Said | None:
        """One message of a conversation, or of a thread in it."""
        sql = f"{SAID} WHERE m.conversation_id = $1 AND m.id = $3"
        found = await row(sql, conversation_id, viewer_id, message_id)
        return said_of(found) if found else None

    @classmethod
    async def page(
        cls,
        conversation_id: UUID,
        viewer_id: int | None = None,
        *,
        before: int | None = None,
        after: int | None = None,
        limit: int,
    ) -> list[Said]:
        """At most ``limit`` messages, oldest first: the newest, those below seq ``before`` or those above ``after``.

        Those in threads are not among them.
        """
        if after is not None:
            sql = f"{PAGE} AND m.seq > $3 ORDER BY m.seq LIMIT $4"
            found = await rows(sql, conversation_id, viewer_id, after, limit)
            return [said_of(line) for line in found]
        seq = LARGEST_SEQ if before is None else before
        sql = f"{PAGE} AND m.seq < $3 ORDER BY m.seq DESC LIMIT $4"
        found = await rows(sql, conversation_id, viewer_id, seq, limit)
        return [said_of(line) for line in reversed(found)]

    @classmethod
    async def standings(cls, user_id: int, conversation_ids: list[str]) -> list[Standing]:
        """Where these conversations stand for a member; those the user is not in are left out."""
        return [_standing(line) for line in await rows(STANDINGS, user_id, conversation_ids)]


def said_of(line: Row) -> Said:
    """The message in the columns of SAID."""
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
        edited_at=iso(line["edited_at"]) if line["edited_at"] else None,
        is_deleted=line["deleted_at"] is not None,
        is_removed=line["is_removed"],
        reactions=reactions_of(line["reacted"]),
        reply_to=quote_of(line),
        thread=str(line["thread_id"]) if line["thread_id"] else None,
        replies=replies_of(line),
    )
    chosen = [
        one.emoji for one in facts.reactions if one.count > len(one.usernames) and one.emoji in (line["chosen"] or ())
    ]
    return Said(line["seq"], facts, tuple(chosen))


def quote_of(line: Row) -> QuoteFacts | None:
    """The quote in the columns QUOTED, if there is one."""
    if line["quoted_id"] is None:
        return None
    return QuoteFacts(
        message_id=str(line["quoted_id"]),
        seq=line["quoted_seq"],
        username=line["quoted_username"],
        preview=DELETED if line["quoted_deleted"] else preview(line["quoted_body"]),
    )


def replies_of(line: Row) -> RepliesFacts | None:
    """What hangs on the message in this row, if there is a thread."""
    if line["replies"] is None:
        return None
    return RepliesFacts(
        count=line["replies"], last_at=iso(line["replied_at"]), usernames=tuple(line["repliers"].split())
    )


def _standing(line: Row) -> Standing:
    newest = said_of(line) if line["id"] else None
    arrives = newest and line["direct_key"] and line["delivered_seq"] < newest.seq
    return Standing(
        id=str(line["of"]),
        read_number=line["read_number"],
        unread_marks=line["unread_marks"],
        title=line["title"] or ", ".join(line["names"] or []),
        avatar=picture_url(line["of"], line["picture"]),
        newest=newest.facts if newest else None,
        undelivered=newest.seq if newest and arrives else None,
    )
