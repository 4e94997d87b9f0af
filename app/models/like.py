"""One person likes one post."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from app.models.post import Post
from app.models.user import User


class Like(Model):
    """At most one row for a pair."""

    id = fields.IntField(primary_key=True)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="likes")
    user_id: int
    post: fields.ForeignKeyRelation[Post] = fields.ForeignKeyField("models.Post", related_name="liked_by")
    post_id: int
    created_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "likes"
        unique_together = (("post", "user"),)
