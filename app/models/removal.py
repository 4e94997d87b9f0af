"""Somebody who was shown out of a group: no link lets them in again, until one of its admins adds them."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from app.models.base import row
from app.models.conversation import Conversation
from app.models.user import User


class Removal(Model):
    """At most one for a group and a person. Who left by themselves has none."""

    id = fields.IntField(primary_key=True)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "models.Conversation", related_name="removals"
    )
    conversation_id: UUID
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="removals")
    user_id: int

    class Meta:
        table = "removals"
        unique_together = (("conversation", "user"),)

    @classmethod
    async def stands(cls, conversation_id: UUID, user_id: int) -> bool:
        """Whether this person was shown out of the group, and not added again."""
        sql = "SELECT id FROM removals WHERE conversation_id = $1 AND user_id = $2"
        return await row(sql, conversation_id, user_id) is not None
