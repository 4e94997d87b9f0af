"""A person in a conversation, with the positions that say what reached them and what they have read."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.base import rows
from app.models.conversation import Conversation
from app.models.user import AUTHOR, User, UserFacts, author_of, escaped


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """How far one member has come, as the others see it."""

    user_id: int
    username: str
    read_seq: int
    delivered_seq: int


class Roll(NamedTuple):
    """Who is in a conversation, by name, and how far the others have come, who has come furthest first."""

    people: list[UserFacts]
    positions: list[Position]


# One reading of the members in two orders; whoever looks comes last in the order of positions.
ROLL = f"""
SELECT * FROM (
    SELECT shown_seq AS read_seq, delivered_seq, {AUTHOR},
           row_number() OVER (ORDER BY author.username) AS by_name,
           row_number() OVER (ORDER BY author.id = $2, shown_seq DESC, author.id) AS by_position
    FROM memberships JOIN users author ON author.id = user_id WHERE conversation_id = $1
) AS members WHERE by_name <= $3 OR by_position <= $4 ORDER BY by_position
"""  # noqa: S608


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
    ``draft`` is what the member has begun to write.
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
    joined_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "memberships"
        unique_together = (("conversation", "user"),)
        indexes = (("user_id",),)

    @classmethod
    async def positions(cls, conversation_id: UUID, but_user: int, limit: int) -> list[Position]:
        """The positions of the others, who have come furthest first."""
        found = cls.filter(conversation_id=conversation_id).exclude(user_id=but_user).select_related("user")
        return [
            Position(
                user_id=member.user_id,
                username=member.user.username,
                read_seq=member.shown_seq,
                delivered_seq=member.delivered_seq,
            )
            for member in await found.order_by("-shown_seq", "user_id").limit(limit)
        ]

    @classmethod
    async def search(cls, conversation_id: UUID, text: str, but_user: int, limit: int) -> list[UserFacts]:
        """The others whose username or display name begins with or contains ``text``; exact beginnings first."""
        pattern = escaped(text)
        found = await rows(SEARCH, conversation_id, but_user, f"{pattern}%", f"%{pattern}%", limit)
        return [author_of(line) for line in found]

    @classmethod
    async def roll(cls, conversation_id: UUID, viewer_id: int, people: int, positions: int) -> Roll:
        """At most so many people of the conversation, and so many positions of others than the viewer."""
        found = await rows(ROLL, conversation_id, viewer_id, people, positions)
        named = sorted((line for line in found if line["by_name"] <= people), key=lambda line: int(line["by_name"]))
        placed = [line for line in found if line["by_position"] <= positions and line["author_id"] != viewer_id]
        return Roll(
            [author_of(line) for line in named],
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
