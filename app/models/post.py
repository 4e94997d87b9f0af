"""A post in the feed, with its counters."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.base import rows
from app.models.user import User, UserFacts

NEWEST = 2**31 - 1
EVERYONES = "true"
BY_AUTHOR = "author_id = $3"
FOLLOWED = "(author_id = $3 OR author_id IN (SELECT author_id FROM follows WHERE follower_id = $3))"


class PostFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The one projection of a post. ``html`` is safe to insert; ``sent_at`` is UTC with milliseconds."""

    id: int
    author: UserFacts
    body: str
    html: str
    likes: int
    comments: int
    sent_at: str


class Listed(NamedTuple):
    """A post, and the head of its topic from before its counters were read."""

    post: "Post"
    seq: int


class Post(Model):
    """``likes`` and ``comments`` are kept by the actions in the transaction that changes them."""

    id = fields.IntField(primary_key=True)
    author: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="posts")
    author_id: int
    body = fields.TextField()
    html = fields.TextField()
    likes = fields.IntField(default=0)
    comments = fields.IntField(default=0)
    created_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "posts"
        indexes = (("author_id", "id"),)

    @classmethod
    async def everyones(cls, before: int | None, limit: int) -> list[Listed]:
        """The newest posts of all, below the id ``before``; authors loaded."""
        return await cls._listed(EVERYONES, before, limit)

    @classmethod
    async def followed_by(cls, user_id: int, before: int | None, limit: int) -> list[Listed]:
        """The newest posts of the user and of those they follow."""
        return await cls._listed(FOLLOWED, before, limit, user_id)

    @classmethod
    async def written_by(cls, author_id: int, before: int | None, limit: int) -> list[Listed]:
        """The newest posts of one author."""
        return await cls._listed(BY_AUTHOR, before, limit, author_id)

    @classmethod
    async def shown(cls, post_id: int) -> Listed | None:
        """One post, its author loaded."""
        found = await cls._listed("posts.id = $3", None, 1, post_id)
        return found[0] if found else None

    @classmethod
    async def newer_than(cls, post_id: int, follower_id: int | None, limit: int) -> list[tuple[int, str]]:
        """Id and author of the posts above ``post_id``, oldest first: a follower's feed, or (None) everyone's."""
        which = FOLLOWED if follower_id is not None else EVERYONES
        found = await rows(
            "SELECT posts.id, username FROM posts JOIN users ON users.id = author_id "  # noqa: S608
            f"WHERE posts.id > $1 AND {which} ORDER BY posts.id LIMIT $2",
            post_id,
            limit,
            *([] if follower_id is None else [follower_id]),
        )
        return [(line["id"], line["username"]) for line in found]

    @classmethod
    async def _listed(cls, which: str, before: int | None, limit: int, *values: Any) -> list[Listed]:
        heads = await rows(
            "SELECT posts.id, coalesce(topics.head, 0) AS head FROM posts "  # noqa: S608
            "LEFT JOIN topics ON topics.name = 'post.' || posts.id "
            f"WHERE posts.id < $1 AND {which} ORDER BY posts.id DESC LIMIT $2",
            NEWEST if before is None else before,
            limit,
            *values,
        )
        seqs = {int(found["id"]): int(found["head"]) for found in heads}
        posts = cls.filter(id__in=list(seqs)).select_related("author").order_by("-id")
        return [Listed(post, seqs[post.id]) for post in await posts] if seqs else []

    def facts(self) -> PostFacts:
        """This post; its author must be loaded."""
        return PostFacts(
            id=self.id,
            author=self.author.facts(),
            body=self.body,
            html=self.html,
            likes=self.likes,
            comments=self.comments,
            sent_at=iso(self.created_at),
        )


def iso(moment: datetime) -> str:
    """UTC in ISO 8601 with milliseconds and Z, as every frame and body writes it."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
