"""An uploaded picture, re-encoded; in the database so that every host of a site serves it."""

from typing import NamedTuple

from tortoise import fields
from tortoise.models import Model

from app.models.base import row
from app.models.user import User


class Face(NamedTuple):
    """What is needed to show somebody: their name to draw from, and the ETag of the picture they uploaded."""

    user_id: int
    display_name: str
    etag: str | None


class Avatar(Model):
    """A square JPEG and the hash that is its ETag."""

    user: fields.OneToOneRelation[User] = fields.OneToOneField("models.User", related_name="picture", primary_key=True)
    user_id: int
    image = fields.BinaryField()
    etag = fields.CharField(max_length=64)

    class Meta:
        table = "avatars"

    @classmethod
    async def face_of(cls, username: str) -> Face | None:
        """Without the picture itself, which a browser that has it does not need."""
        found = await row(
            "SELECT users.id AS user_id, users.display_name, avatars.etag FROM users "
            "LEFT JOIN avatars ON avatars.user_id = users.id WHERE users.username = $1",
            username,
        )
        return Face(**found) if found else None
