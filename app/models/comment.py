"""A comment under a post."""

from datetime import datetime

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.post import Post, iso
from app.models.user import User, UserFacts


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
    async def newest_under(cls, post_id: int, before: int | None, limit: int) -> list["Comment"]:
        """The newest comments of a post below the id ``before``, oldest first; authors loaded."""
        found = cls.filter(post_id=post_id, **({"id__lt": before} if before is not None else {}))
        return (await found.select_related("author").order_by("-id").limit(limit))[::-1]

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
