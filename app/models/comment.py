"""A comment under a post."""

from datetime import datetime

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.base import Row, rows
from app.models.block import hidden_from
from app.models.post import NEWEST, Post, iso
from app.models.user import AUTHOR, User, UserFacts, author_of


class CommentFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The one projection of a comment. ``html`` is safe to insert."""

    id: int
    post_id: int
    author: UserFacts
    body: str
    html: str
    sent_at: str


class Comment(Model):
    """Listed oldest first under its post."""

    id = fields.IntField(primary_key=True)
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="discussion")
    post_id: int
    author: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="comments")
    author_id: int
    body = fields.TextField()
    html = fields.TextField()
    created_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "comments"
        indexes = (("post_id", "id"),)

    @classmethod
    async def newest_under(
        cls, post_id: int, viewer_id: int | None, before: int | None, limit: int
    ) -> list[CommentFacts]:
        """The newest comments of a post below the id ``before``, oldest first, as this viewer may see them."""
        found = await rows(
            f"SELECT comments.id, post_id, body, html, comments.created_at, {AUTHOR} "  # noqa: S608
            "FROM comments JOIN users author ON author.id = comments.author_id "
            f"WHERE post_id = $1 AND comments.id < $2 AND NOT {hidden_from('$4::int', 'comments.author_id')} "
            "ORDER BY comments.id DESC LIMIT $3",
            post_id,
            NEWEST if before is None else before,
            limit,
            viewer_id,
        )
        return [_facts(line) for line in reversed(found)]

    def facts(self) -> CommentFacts:
        """This comment; its author must be loaded."""
        return CommentFacts(
            id=self.id,
            post_id=self.post_id,
            author=self.author.facts(),
            body=self.body,
            html=self.html,
            sent_at=iso(self.created_at),
        )


def _facts(line: Row) -> CommentFacts:
    return CommentFacts(
        id=line["id"],
        post_id=line["post_id"],
        author=author_of(line),
        body=line["body"],
        html=line["html"],
        sent_at=iso(line["created_at"]),
    )
