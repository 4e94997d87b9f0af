"""The picture of a group, re-encoded; in the database so that every host of a site serves it."""

from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from app.models.base import row
from app.models.conversation import Conversation


class GroupPicture(Model):
    """A square JPEG; its hash is the conversation's ``picture``."""

    conversation: fields.OneToOneRelation[Conversation] = fields.OneToOneField(
        "models.Conversation", related_name="face", primary_key=True
    )
    conversation_id: UUID
    image = fields.BinaryField()

    class Meta:
        table = "group_pictures"

    @classmethod
    async def shown_to(cls, user_id: int, conversation_id: UUID) -> bytes | None:
        """The picture, for a member."""
        found = await row(
            "SELECT image FROM group_pictures JOIN memberships USING (conversation_id) "
            "WHERE conversation_id = $1 AND user_id = $2",
            conversation_id,
            user_id,
        )
        return bytes(found["image"]) if found else None
