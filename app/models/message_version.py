"""What a message said before it was edited."""

from datetime import datetime
from uuid import UUID

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.base import rows
from app.models.message import Message
from app.models.post import iso


class VersionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The one projection of an earlier version; ``said_at`` is when it became what the message says."""

    message: str
    html: str
    said_at: str


class MessageVersion(Model):
    """``seq`` is that of the event which announced these words: where they stand in the log."""

    id = fields.IntField(primary_key=True)
    message: fields.ForeignKeyRelation[Message] = fields.ForeignKeyField("models.Message", related_name="versions")
    message_id: UUID
    seq = fields.BigIntField()
    body = fields.TextField()
    html = fields.TextField()
    said_at: datetime = fields.DatetimeField()

    class Meta:
        table = "message_versions"
        unique_together = (("message", "seq"),)

    @classmethod
    async def of(cls, message_id: UUID) -> list[VersionFacts]:
        """What the message said before, newest first. How many there can be is limited where they are made."""
        found = await rows(
            "SELECT body, html, said_at FROM message_versions WHERE message_id = $1 ORDER BY seq DESC", message_id
        )
        return [VersionFacts(message=line["body"], html=line["html"], said_at=iso(line["said_at"])) for line in found]
