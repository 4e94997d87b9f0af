"""A person in a conversation, with the positions that say what reached them and what they have read."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.base import Row, rows
from app.models.conversation import Conversation
from app.models.post import iso
from app.models.user import AUTHOR, User, UserFacts, author_of, escaped


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """How far one member has come, as the others see it."""

    user_id: int
    username: str
    read_seq: int
    delivered_seq: int


class MemberFacts(UserFacts, frozen=True, kw_only=True):
    """A person as a member of a group."""

    role: str
    joined_at: str


class Roll(NamedTuple):
    """Who is in a conversation, by name, and how far the others have come, who has come furthest first."""

    people: list[UserFacts]
    positions: list[Position]


# Limited before it is joined: of ten thousand members a few hundred are looked at. In larger groups than
# ``RECEIPTS_AT_MOST`` nobody is told how far everybody else has come: each reading would go to all of them.
RECEIPTS_AT_MOST = 200
POSITIONS = f"""
SELECT user_id, shown_seq AS read_seq, delivered_seq FROM memberships WHERE conversation_id = $1 AND user_id <> $2
AND (SELECT members FROM conversations WHERE id = $1) <= {RECEIPTS_AT_MOST}
ORDER BY shown_seq DESC, user_id LIMIT $3
"""  # noqa: S608
ROLL = f"""
WITH named AS (SELECT user_id FROM memberships WHERE conversation_id = $1 ORDER BY user_id LIMIT $4),
placed AS ({POSITIONS})
SELECT named.user_id IS NOT NULL AS is_named, read_seq, delivered_seq, {AUTHOR}
FROM named FULL JOIN placed USING (user_id) JOIN users author ON author.id = user_id
ORDER BY read_seq DESC, user_id
"""  # noqa: S608
RANK = "array_position(ARRAY['owner', 'admin', 'member']::varchar[], role)"


SEARCH = f"""
SELECT {AUTHOR} FROM memberships JOIN users author ON author.id = user_id
WHERE conversation_id = $1 AND user_id <> $2 AND (username LIKE $3 OR lower(display_name) LIKE $4)
ORDER BY (username LIKE $3) DESC, username LIMIT $5
"""  # noqa: S608


class Membership(Model):
    """Positions are log seqs; ``read_number`` is the message number at ``read_seq``, so unread is a subtraction.

    ``shown_seq`` is how far the others see that the member has read: no further where that is hidden, and never back.
    ``unread_marks`` is how often the member wanted to read again from before ``read_seq``.
    A conversation is archived as long as nothing newer than ``archived_number`` is said in it, or it is muted.
    ``draft`` is what the member has begun to write. ``role`` is owner, admin or member; it means something in a group
    only.
    """

    id = fields.IntField(primary_key=True)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "models.Conversation", related_name="memberships"
    )
    conversation_id: UUID
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="memberships")
    user_id: int
    read_seq = fields.BigIntField(default=0)
    read_number = fields.IntField(default=0)
    delivered_seq = fields.BigIntField(default=0)
    shown_seq = fields.BigIntField(default=0, db_default=0)
    unread_marks = fields.IntField(default=0, db_default=0)
    pinned_at: datetime | None = fields.DatetimeField(null=True)
    muted_until: datetime | None = fields.DatetimeField(null=True)
    archived_number: int | None = fields.IntField(null=True)
    draft = fields.TextField(default="", db_default="")
    role = fields.CharField(max_length=6, default="member", db_default="member")
    joined_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "memberships"
        unique_together = (("conversation", "user"),)
        indexes = (("user_id",),)

    @classmethod
    async def positions(cls, conversation_id: UUID, but_user: int, limit: int) -> list[Position]:
        """The positions of the others, who have come furthest first."""
        sql = (
            f"SELECT user_id, username, read_seq, delivered_seq FROM ({POSITIONS}) AS placed "  # noqa: S608
            "JOIN users ON users.id = user_id ORDER BY read_seq DESC, user_id"
        )
        return [Position(**line) for line in await rows(sql, conversation_id, but_user, limit)]

    @classmethod
    async def page(
        cls, conversation_id: UUID, after: tuple[int, int] | None, search: str, limit: int
    ) -> list[MemberFacts]:
        """Members whose name begins with or contains ``search``: owner and admins first, after the place ``after``."""
        rank, user_id = after or (0, 0)
        found = await rows(
            f"SELECT role, joined_at, {AUTHOR} FROM memberships JOIN users author ON author.id = user_id "  # noqa: S608
            f"WHERE conversation_id = $1 AND ({RANK}, user_id) > ($2, $3) "
            "AND ($4 = '' OR username LIKE $4 OR lower(display_name) LIKE '%' || $4) "
            f"ORDER BY {RANK}, user_id LIMIT $5",
            conversation_id,
            rank,
            user_id,
            f"{escaped(search)}%" if search else "",
            limit,
        )
        return [member_of(line) for line in found]

    @classmethod
    async def search(cls, conversation_id: UUID, text: str, but_user: int, limit: int) -> list[UserFacts]:
        """The others whose username or display name begins with or contains ``text``; exact beginnings first."""
        pattern = escaped(text)
        found = await rows(SEARCH, conversation_id, but_user, f"{pattern}%", f"%{pattern}%", limit)
        return [author_of(line) for line in found]

    @classmethod
    async def roll(cls, conversation_id: UUID, viewer_id: int, people: int, positions: int) -> Roll:
        """At most so many people of the conversation, and so many positions of others than the viewer."""
        found = await rows(ROLL, conversation_id, viewer_id, positions, people)
        named = [author_of(line) for line in found if line["is_named"]]
        placed = [line for line in found if line["read_seq"] is not None]
        return Roll(
            sorted(named, key=lambda person: person.username),
            [
                Position(
                    user_id=line["author_id"],
                    username=line["username"],
                    read_seq=line["read_seq"],
                    delivered_seq=line["delivered_seq"],
                )
                for line in placed
            ],
        )


RANKS = {"owner": 1, "admin": 2, "member": 3}
"""Who is below whom: the owner, who is one, then admins, then everybody else."""


def outranks(role: str, other: str | None) -> bool:
    """Whether who has this role is above who has the ``other``; None is that of somebody who has left."""
    return RANKS[role] < RANKS[other or "member"]


def member_of(line: Row) -> MemberFacts:
    """The member that stands in this row."""
    person = author_of(line)
    return MemberFacts(**msgspec.structs.asdict(person), role=line["role"], joined_at=iso(line["joined_at"]))
