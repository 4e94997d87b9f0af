"""One person follows another's posts."""

from datetime import datetime
from typing import NamedTuple, cast

from tortoise import fields
from tortoise.models import Model

from app.models.base import row
from app.models.block import hidden_from
from app.models.user import User


class Circle(NamedTuple):
    """How many follow an author, how many the author follows, and whether the viewer is among the first.

    ``blocks``: the viewer blocks the author. ``hidden``: at least one of the two does.
    """

    followers: int
    following: int
    follows: bool
    blocks: bool
    hidden: bool


class Follow(Model):
    """At most one row for a pair."""

    id = fields.IntField(primary_key=True)
    follower: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="following")
    follower_id: int
    author: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="followers")
    author_id: int
    created_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "follows"
        unique_together = (("follower", "author"),)

    @classmethod
    async def authors_of(cls, follower_id: int, limit: int = 1000) -> list[int]:
        """Whom this user follows, newest first."""
        found = cls.filter(follower_id=follower_id).order_by("-id").limit(limit)
        return cast(list[int], await found.values_list("author_id", flat=True))

    @classmethod
    async def circle_of(cls, author_id: int, viewer_id: int | None) -> Circle:
        """The numbers on a profile."""
        found = await row(
            "SELECT (SELECT count(*) FROM follows WHERE author_id = $1) AS followers, "  # noqa: S608
            "(SELECT count(*) FROM follows WHERE follower_id = $1) AS following, "
            "EXISTS (SELECT FROM follows WHERE author_id = $1 AND follower_id = $2) AS follows, "
            "EXISTS (SELECT FROM blocks WHERE blocker_id = $2 AND blocked_id = $1) AS blocks, "
            f"{hidden_from('$2::int', '$1::int')} AS hidden",
            author_id,
            viewer_id,
        )
        assert found is not None
        return Circle(**found)
