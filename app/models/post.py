"""A post in the feed, with its counters."""

from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.base import Row, rows
from app.models.block import hidden_from
from app.models.user import AUTHOR, User, UserFacts, author_of

NEWEST = 2**31 - 1
EVERYONES = "true"
FOLLOWED = "(posts.author_id = $3 OR posts.author_id IN (SELECT author_id FROM follows WHERE follower_id = $3))"
HIDDEN = hidden_from("$3::int", "posts.author_id")
# One statement, so that the counters are those at the head of the post's topic. $3: who looks.
LISTED = f"""
SELECT posts.id, body, html, likes, comments, posts.created_at, coalesce(topics.head, 0) AS seq,
       EXISTS (SELECT FROM likes WHERE post_id = posts.id AND user_id = $3::int) AS liked, {AUTHOR}
FROM posts JOIN users author ON author.id = posts.author_id
LEFT JOIN topics ON topics.name = 'post.' || posts.id
"""  # noqa: S608


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
    """A post, the head of its topic when its counters were so, and whether it is liked by who looks."""

    post: PostFacts
    seq: int
    liked: bool


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
    async def everyones(cls, viewer_id: int | None, before: int | None, limit: int) -> list[Listed]:
        """The newest posts of all, below the id ``before``."""
        return await cls._listed(EVERYONES, viewer_id, before, limit)

    @classmethod
    async def followed_by(cls, user_id: int, before: int | None, limit: int) -> list[Listed]:
        """The newest posts of the user and of those they follow."""
        return await cls._listed(FOLLOWED, user_id, before, limit)

    @classmethod
    async def written_by(cls, author_id: int, viewer_id: int | None, before: int | None, limit: int) -> list[Listed]:
        """The newest posts of one author."""
        return await cls._listed("posts.author_id = $4", viewer_id, before, limit, author_id)

    @classmethod
    async def shown(cls, post_id: int, viewer_id: int | None) -> Listed | None:
        """One post."""
        found = await cls._listed("posts.id = $4", viewer_id, None, 1, post_id)
        return found[0] if found else None

    @classmethod
    async def newer_than(
        cls, post_id: int, viewer_id: int, follower_id: int | None, limit: int
    ) -> list[tuple[int, str]]:
        """Id and author of the posts above ``post_id``, oldest first: a follower's feed, or (None) everyone's."""
        which = FOLLOWED if follower_id is not None else EVERYONES
        found = await rows(
            "SELECT posts.id, username FROM posts JOIN users ON users.id = author_id "  # noqa: S608
            f"WHERE posts.id > $1 AND {which} AND NOT {HIDDEN} ORDER BY posts.id LIMIT $2",
            post_id,
            limit,
            viewer_id,
        )
        return [(line["id"], line["username"]) for line in found]

    @classmethod
    async def _listed(
        cls, which: str, viewer_id: int | None, before: int | None, limit: int, *values: Any
    ) -> list[Listed]:
        found = await rows(
            f"{LISTED} WHERE posts.id < $1 AND {which} AND NOT {HIDDEN} ORDER BY posts.id DESC LIMIT $2",
            NEWEST if before is None else before,
            limit,
            viewer_id,
            *values,
        )
        return [Listed(_facts(line), line["seq"], line["liked"]) for line in found]

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


def _facts(line: Row) -> PostFacts:
    return PostFacts(
        id=line["id"],
        author=author_of(line),
        body=line["body"],
        html=line["html"],
        likes=line["likes"],
        comments=line["comments"],
        sent_at=iso(line["created_at"]),
    )


def iso(moment: datetime) -> str:
    """UTC in ISO 8601 with milliseconds and Z, as every frame and body writes it."""
    return moment.isoformat(timespec="milliseconds")[:23] + "Z"
