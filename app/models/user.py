"""A person: name, password and flags, and what the push path needs: the count of unread notifications, last seen."""

from datetime import datetime
from typing import NamedTuple

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.errors import NotFound
from app.models.base import Row, rows


class UserFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The one projection of a user for pages, frames, events and JSON."""

    id: int
    username: str
    display_name: str
    avatar: str
    is_verified: bool = False
    is_admin: bool = False


AUTHOR = "author.id AS author_id, author.username, author.display_name, author.is_verified, author.is_admin"
"""The columns that ``author_of`` reads, of a table of users that is called ``author`` in the statement."""


def author_of(line: Row) -> UserFacts:
    """Who wrote what stands in this row."""
    username: str = line["username"]
    return UserFacts(
        id=line["author_id"],
        username=username,
        display_name=line["display_name"] or username,
        avatar=avatar_url(username),
        is_verified=line["is_verified"],
        is_admin=line["is_admin"],
    )


def escaped(text: str) -> str:
    """``text`` in lower case as a part of a pattern for LIKE, where each letter stands for itself."""
    return text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def avatar_url(username: str) -> str:
    """The address of a user's picture. Stable, so that an old message's frame is the same bytes for ever."""
    return f"/media/avatars/{username}.jpg"


class Attendance(NamedTuple):
    """Of a person's presence what outlives it: whether they hide it, and when they were last at a page."""

    user_id: int
    username: str
    hides_presence: bool
    last_seen_at: datetime | None


class User(Model):
    """Usernames are 3 to 30 of ``a–z 0–9 _``, lowercase; see ``app.actions.accounts`` for the rules."""

    id = fields.IntField(primary_key=True)
    username = fields.CharField(max_length=30, unique=True)
    display_name = fields.CharField(max_length=80, default="")
    bio = fields.TextField(default="")
    password_hash = fields.CharField(max_length=200)
    is_verified = fields.BooleanField(default=False)
    is_admin = fields.BooleanField(default=False)
    unread_notifications = fields.IntField(default=0)
    hides_presence = fields.BooleanField(default=False, db_default=False)
    hides_receipts = fields.BooleanField(default=False, db_default=False)
    last_seen_at: datetime | None = fields.DatetimeField(null=True)
    created_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "users"

    def facts(self) -> UserFacts:
        """This user as everyone may see them."""
        return UserFacts(
            id=self.id,
            username=self.username,
            display_name=self.display_name or self.username,
            avatar=avatar_url(self.username),
            is_verified=self.is_verified,
            is_admin=self.is_admin,
        )

    @classmethod
    async def search(cls, text: str, limit: int = 20) -> list[UserFacts]:
        """People whose username or display name begins with or contains ``text``; exact beginnings first."""
        pattern = escaped(text)
        found = await rows(
            f"SELECT {AUTHOR} FROM users author WHERE username LIKE $1 OR lower(display_name) LIKE $2 "  # noqa: S608
            "ORDER BY (username LIKE $1) DESC, username LIMIT $3",
            f"{pattern}%",
            f"%{pattern}%",
            limit,
        )
        return [author_of(line) for line in found]

    @classmethod
    async def attendances(cls, user_ids: list[int]) -> list[Attendance]:
        """What is stored of these people's presence; who does not exist is left out."""
        found = cls.filter(id__in=user_ids).values_list("id", "username", "hides_presence", "last_seen_at")
        return [Attendance(*line) for line in await found]

    @classmethod
    async def called(cls, username: str) -> "User":
        """The user with this name, as people type it: with capitals, or an @ before it. Raises NotFound."""
        found = await cls.get_or_none(username=username.lower().removeprefix("@"))
        if found is None:
            raise NotFound
        return found

    @classmethod
    async def named(cls, usernames: list[str]) -> dict[str, "User"]:
        """The users that exist among ``usernames``, by name."""
        return {user.username: user for user in await cls.filter(username__in=usernames)}
