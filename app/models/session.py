"""A way in: a browser's cookie session or a personal token. Only the SHA-256 of its secret, in hex, is stored."""

from datetime import datetime
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from app.models.user import User


class Session(Model):
    """``kind`` is ``cookie`` or ``token``. An ended session keeps its row for a while and opens nothing."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="sessions")
    user_id: int
    kind = fields.CharField(max_length=6)
    secret_hash = fields.CharField(max_length=64, unique=True)
    label = fields.CharField(max_length=200, default="")
    address = fields.CharField(max_length=64, default="")
    created_at: datetime = fields.DatetimeField(auto_now_add=True)
    seen_at: datetime = fields.DatetimeField(auto_now_add=True)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "sessions"
        indexes = (("user_id", "ended_at"),)

    @classmethod
    async def opened_by(cls, secret_hash: str) -> "Session | None":
        """The living session with this hash, its user loaded."""
        return await cls.filter(secret_hash=secret_hash, ended_at=None).select_related("user").first()

    @classmethod
    async def living(cls, user: User) -> list["Session"]:
        """All sessions and tokens that still open the door, last used first."""
        return await cls.filter(user=user, ended_at=None).order_by("-seen_at").limit(200)
