"""A conversation between two people (direct) or more (a group)."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid4

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.markup import unmarked
from app.models.base import Row, row, rows
from app.models.block import all_hidden_from
from app.models.kept import KEPT, SHOWN, moment_of
from app.models.post import iso
from app.models.quiet_line import LINES, Line
from app.models.user import User, avatar_url


class ConversationFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation as one of its members sees it in the list: named after the other person, or by its title.

    ``username`` and ``user_id`` are the other person's, and empty and None in a group; a group's ``avatar`` is empty
    until it has a picture (the pages draw one). ``unread`` is that member's, ``preview`` the newest message's text;
    ``members`` counts everyone. ``draft`` begins what the member has begun to write; the four before it say how the
    member keeps it.
    """

    id: str
    title: str
    avatar: str
    username: str
    user_id: int | None
    last_number: int
    unread: int
    preview: str
    preview_username: str
    sent_at: str
    is_group: bool
    members: int
    is_pinned: bool
    is_archived: bool
    archived_number: int | None
    muted_until: str | None
    draft: str


class Opened(NamedTuple):
    """A conversation as one of its members opens it: how far they have read, and the head of its topic at that time.

    ``is_blocked``: the other's messages are hidden, and nobody writes. ``hides`` are all who are hidden from the
    member, their usernames by id; ``lines`` the newest quiet lines of its history, oldest first. ``role`` is the
    member's. ``is_told``: a notification that they have not read points here.
    """

    facts: ConversationFacts
    read_seq: int
    read_number: int
    head: int
    draft: str
    role: str
    is_blocked: bool
    is_told: bool
    hides: dict[int, str]
    lines: list[Line]


_COLUMNS = f"""
SELECT c.id, c.title, c.is_blocked, c.picture, c.direct_key, c.members, c.last_number, c.last_at, m.read_number,
       left(m.draft, 300) AS drafted, n.body AS preview, n.deleted_at AS newest_deleted_at,
       a.username AS preview_username, o.user_id, o.username, o.display_name, o.names,
       {KEPT}
"""
CALLED = """LEFT JOIN LATERAL (
    SELECT min(u.id) AS user_id, min(u.username) AS username, min(u.display_name) AS display_name,
           array_agg(coalesce(nullif(u.display_name, ''), u.username) ORDER BY u.username) AS names
    FROM (
        SELECT user_id FROM memberships
        WHERE conversation_id = c.id AND user_id <> $1 AND (c.title = '' OR c.direct_key IS NOT NULL)
        ORDER BY user_id LIMIT 4
    ) AS others
    JOIN users u ON u.id = others.user_id
) AS o ON true
"""
"""The others in a conversation ``c``, for ``title_of``: only where they give it its name; of a group the first few."""

_OF_MEMBER = f"""
FROM memberships m
JOIN conversations c ON c.id = m.conversation_id
LEFT JOIN messages n ON n.conversation_id = c.id AND n.number = c.last_number
    AND n.thread_id IS NULL AND NOT (c.is_blocked AND n.author_id <> $1)
LEFT JOIN users a ON a.id = n.author_id
{CALLED}
WHERE m.user_id = $1
"""
_IS_TOLD = """
EXISTS (SELECT FROM notifications
        WHERE recipient_id = $1 AND NOT read AND data->>'action_url' = '/conversations/' || c.id || '/') AS is_told
"""
# The pinned ones stand on the first page, beside the others.
_IN_ORDER = """
AND ($2::timestamptz IS NULL OR (m.pinned_at IS NULL AND (date_trunc('milliseconds', c.last_at), c.id) < ($2, $3)))
ORDER BY m.pinned_at IS NULL, date_trunc('milliseconds', c.last_at) DESC, c.id DESC
LIMIT $4 + (SELECT count(*) FROM memberships WHERE user_id = $1 AND pinned_at IS NOT NULL)
"""


class Conversation(Model):
    """``last_number`` is the dense number of its newest message; ``direct_key`` makes a pair's conversation one.

    ``members`` is how many are in it, ``picture`` the hash of a group's picture or empty.
    ``is_blocked``: one of the two it is between blocks the other.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    title = fields.CharField(max_length=120, default="")
    picture = fields.CharField(max_length=32, default="", db_default="")
    members = fields.IntField(default=2, db_default=2)
    is_blocked = fields.BooleanField(default=False, db_default=False)
    direct_key: fields.Field[str | None] = fields.CharField(max_length=40, null=True, unique=True)
    last_number = fields.IntField(default=0)
    last_at: datetime = fields.DatetimeField(auto_now_add=True)
    created_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "conversations"

    @staticmethod
    def direct_key_of(one: User, other: User) -> str:
        """The key that two people's direct conversation has, whoever starts it."""
        low, high = sorted((one.id, other.id))
        return f"{low}:{high}"

    @classmethod
    async def listed(
        cls, user_id: int, before: tuple[datetime, UUID] | None, limit: int, show: str = ""
    ) -> list[ConversationFacts]:
        """The user's conversations: the pinned ones, then ``limit`` others, newest message first in both.

        With ``before`` only others, after that place in the order. ``show`` is one of ``SHOWN``.
        """
        moment, last_id = before or (None, None)
        found = await rows(
            _COLUMNS + _OF_MEMBER + SHOWN[show] + _IN_ORDER,
            user_id,
            moment,
            last_id,
            limit,
        )
        return [_facts(line) for line in found]

    @classmethod
    async def opened_by(cls, user_id: int, conversation_id: UUID, before: int | None = None) -> Opened | None:
        """One conversation as this member sees it, with the lines before a seq; None for outsiders.

        What is read after this shows at least what happened up to the head.
        """
        head = "coalesce((SELECT head FROM topics WHERE name = 'conversation.' || c.id), 0) AS head"
        hides = f"array(SELECT (id, username) FROM users WHERE id = ANY({all_hidden_from('$1')})) AS hides"  # noqa: S608
        columns = f"{_COLUMNS}, m.read_seq, m.draft, m.role, {head}, {hides}, {_IS_TOLD}, {LINES}"
        found = await row(f"{columns} {_OF_MEMBER} AND c.id = $2", user_id, conversation_id, before)
        if found is None:
            return None
        lines = [Line(*line) for line in reversed(found["lines"])]
        own = ("read_seq", "read_number", "head", "draft", "role", "is_blocked", "is_told")
        return Opened(
            facts=_facts(found), lines=lines, hides=dict(found["hides"]), **{name: found[name] for name in own}
        )


def _facts(line: Row) -> ConversationFacts:
    is_group = line["direct_key"] is None
    picture = picture_url(line["id"], line["picture"])
    return ConversationFacts(
        id=str(line["id"]),
        title=title_of(line),
        avatar=picture if is_group else avatar_url(line["username"]),
        username="" if is_group else line["username"],
        user_id=None if is_group else line["user_id"],
        last_number=line["last_number"],
        unread=0 if line["is_blocked"] else line["last_number"] - line["read_number"],
        preview=DELETED if line["newest_deleted_at"] else preview(line["preview"] or ""),
        preview_username=line["preview_username"] or "",
        sent_at=iso(line["last_at"]),
        is_group=is_group,
        members=line["members"],
        is_pinned=line["is_pinned"],
        is_archived=line["is_archived"],
        archived_number=line["archived_number"],
        muted_until=moment_of(line),
        draft=" ".join(line["drafted"].split())[:PREVIEW_LENGTH],
    )


def title_of(line: Row) -> str:
    """What a conversation is called for who asks (``CALLED``): the other's name, its title, or the others' names."""
    if line["direct_key"] is not None:
        return line["display_name"] or line["username"] or ""
    return line["title"] or ", ".join(line["names"] or [])


def picture_url(conversation_id: object, picture: str) -> str:
    """The address of a group's picture, another one for each picture; empty where there is none."""
    return f"/conversations/{conversation_id}/picture?v={picture[:8]}" if picture else ""


PREVIEW_LENGTH = 120
DELETED = "Message deleted"


def preview(text: str) -> str:
    """The beginning of a text, on one line, without the marks that would format it."""
    line = " ".join(unmarked(text).split())
    return line if len(line) <= PREVIEW_LENGTH else line[: PREVIEW_LENGTH - 1] + "…"
