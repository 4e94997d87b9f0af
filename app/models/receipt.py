"""When somebody has read how far, kept for some days, so that of a message can be said who has read it when."""

from datetime import datetime
from uuid import UUID

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.base import rows
from app.models.conversation import Conversation
from app.models.post import iso
from app.models.user import AUTHOR, User, UserFacts, author_of

READERS_AT_MOST = 200


class ReaderFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who has read a message; when is None where it is not known any more."""

    user: UserFacts
    read_at: str | None


# Who has written since has read it by then. Of that many newer messages their authors are looked at, no more.
READERS = f"""
WITH answers AS (
    SELECT author_id, min(sent_at) AS at FROM (
        SELECT author_id, sent_at FROM messages
        WHERE conversation_id = $1 AND thread_id IS NULL AND seq > $2 ORDER BY seq LIMIT 1000
    ) AS newer GROUP BY author_id
)
SELECT {AUTHOR}, least(noted.at, answers.at) AS at
FROM memberships m JOIN users author ON author.id = m.user_id
LEFT JOIN answers ON answers.author_id = m.user_id
LEFT JOIN LATERAL (
    SELECT min(r.at) AS at FROM receipts r WHERE r.conversation_id = $1 AND r.user_id = m.user_id AND r.seq >= $2
) AS noted ON true
WHERE m.conversation_id = $1 AND m.shown_seq >= $2 AND m.user_id <> $3
ORDER BY least(noted.at, answers.at) DESC NULLS LAST, username LIMIT {READERS_AT_MOST}
"""  # noqa: S608


class Receipt(Model):
    """The user has read up to ``seq`` at this moment. Who hides how far they have read leaves none."""

    id = fields.BigIntField(primary_key=True)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "models.Conversation", related_name="receipts"
    )
    conversation_id: UUID
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="receipts")
    user_id: int
    seq = fields.BigIntField()
    at: datetime = fields.DatetimeField()

    class Meta:
        table = "receipts"
        unique_together = (("conversation", "user", "seq"),)
        indexes = (("at",),)

    @classmethod
    async def readers(cls, conversation_id: UUID, seq: int, but_user: int) -> list[ReaderFacts]:
        """Who has read the message with this ``seq``, the last one first; at most 200. ``but_user`` is its author."""
        found = await rows(READERS, conversation_id, seq, but_user)
        return [ReaderFacts(user=author_of(line), read_at=iso(line["at"]) if line["at"] else None) for line in found]
