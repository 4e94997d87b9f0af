"""A person in a conversation, with the positions that say what reached them and what they have read."""

from datetime import datetime
from uuid import UUID

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.conversation import Conversation
from app.models.user import User, UserFacts


class Position(msgspec.Struct, frozen=True, kw_only=True):
    """How far one member has come, as the others see it."""

    user_id: int
    username: str
    read_seq: int
    delivered_seq: int


class Membership(Model):
    """Positions are log seqs; ``read_number`` is the message number at ``read_seq``, so unread is a subtraction."""

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
                read_seq=member.read_seq,
                delivered_seq=member.delivered_seq,
            )
            for member in await found.order_by("-read_seq", "user_id").limit(limit)
        ]

    @classmethod
    async def people(cls, conversation_id: UUID, limit: int) -> list[UserFacts]:
        """Who is in the conversation, by name."""
        found = cls.filter(conversation_id=conversation_id).select_related("user")
        return [member.user.facts() for member in await found.order_by("user__username").limit(limit)]
