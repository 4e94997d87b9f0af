"""One person's emoji on a message."""

from datetime import datetime
from uuid import UUID

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.base import row
from app.models.user import User

NAMES_SHOWN = 20


class ReactionFacts(msgspec.Struct, frozen=True, kw_only=True):
    """One emoji on a message: how many people chose it, and who of them did first, at most 20.

    ``place`` orders the emoji of one message.
    """

    emoji: str
    count: int
    usernames: tuple[str, ...]
    place: int


_EACH = f"""
SELECT emoji, count(*) AS count, (array_agg(username ORDER BY r.id))[1:{NAMES_SHOWN}] AS usernames, min(r.id) AS place
FROM reactions r JOIN users ON users.id = r.user_id
"""  # noqa: S608
SUM_UP = f"""
UPDATE messages SET reacted = (
    SELECT json_agg(each ORDER BY place) FROM ({_EACH} WHERE r.message_id = $1 GROUP BY emoji) AS each
) WHERE id = $1
"""  # noqa: S608


class Reaction(Model):
    """One for a person, a message and an emoji."""

    id = fields.IntField(primary_key=True)
    message: fields.ForeignKeyRelation[Model] = fields.ForeignKeyField("models.Message", related_name="reactions")
    message_id: UUID
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="reactions")
    user_id: int
    emoji = fields.CharField(max_length=60)
    created_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "reactions"
        unique_together = (("message", "emoji", "user"),)

    @classmethod
    async def of(cls, message_id: UUID, emoji: str) -> ReactionFacts:
        """One emoji on a message, as it is now; its count may be 0."""
        found = await row(f"{_EACH} WHERE r.message_id = $1 AND emoji = $2 GROUP BY emoji", message_id, emoji)
        if found is None:
            return ReactionFacts(emoji=emoji, count=0, usernames=(), place=0)
        return ReactionFacts(**found | {"usernames": tuple(found["usernames"])})

    @classmethod
    async def sum_up(cls, message_id: UUID) -> None:
        """Write into the message's row what its reactions are now, so that who reads it need not count."""
        await row(SUM_UP, message_id)


def reactions_of(written: str | None) -> tuple[ReactionFacts, ...]:
    """The reactions as ``sum_up`` has written them."""
    return msgspec.json.decode(written, type=tuple[ReactionFacts, ...]) if written else ()
