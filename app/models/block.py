"""One person blocks another. What follows holds for both of them, whoever blocked whom."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from app.models.base import row, rows
from app.models.user import AUTHOR, User, UserFacts, author_of


class Block(Model):
    """At most one row for a pair and a direction."""

    id = fields.IntField(primary_key=True)
    blocker: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="blocks")
    blocker_id: int
    blocked: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="blocked_by")
    blocked_id: int
    created_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "blocks"
        unique_together = (("blocker", "blocked"),)
        indexes = (("blocked_id",),)

    @classmethod
    async def between(cls, user_id: int, others: list[int]) -> set[int]:
        """Those of ``others`` who block the user, or whom the user blocks."""
        found = await rows(
            "SELECT CASE WHEN blocker_id = $1 THEN blocked_id ELSE blocker_id END AS other FROM blocks "
            "WHERE (blocker_id = $1 AND blocked_id = ANY($2::int[])) OR (blocked_id = $1 AND blocker_id = ANY($2))",
            user_id,
            others,
        )
        return {line["other"] for line in found}

    @classmethod
    async def stands(cls, blocker_id: int, blocked_id: int) -> bool:
        """Whether the one blocks the other."""
        sql = "SELECT id FROM blocks WHERE blocker_id = $1 AND blocked_id = $2"
        return await row(sql, blocker_id, blocked_id) is not None

    @classmethod
    async def hidden_names(cls, user_id: int) -> list[str]:
        """The usernames of all who are hidden from this person."""
        sql = f"SELECT username FROM users WHERE id = ANY({all_hidden_from('$1')})"  # noqa: S608
        return [line["username"] for line in await rows(sql, user_id)]

    @classmethod
    async def blocked_by(cls, blocker_id: int) -> list[UserFacts]:
        """Whom this person blocks, the last first; 500 at most."""
        found = await rows(
            f"SELECT {AUTHOR} FROM blocks JOIN users author ON author.id = blocked_id "  # noqa: S608
            "WHERE blocker_id = $1 ORDER BY blocks.id DESC LIMIT 500",
            blocker_id,
        )
        return [author_of(line) for line in found]


def hidden_from(viewer: str, author: str) -> str:
    """The SQL that is true where ``author`` and ``viewer`` (columns or values of the statement) are hidden from each
    other.
    """
    return (
        f"EXISTS (SELECT FROM blocks WHERE (blocker_id = {viewer} AND blocked_id = {author}) "
        f"OR (blocker_id = {author} AND blocked_id = {viewer}))"
    )


def all_hidden_from(viewer: str) -> str:
    """The SQL of everybody who is hidden from ``viewer``."""
    return (
        f"array(SELECT blocked_id FROM blocks WHERE blocker_id = {viewer} "  # noqa: S608
        f"UNION SELECT blocker_id FROM blocks WHERE blocked_id = {viewer} LIMIT 1000)"
    )
