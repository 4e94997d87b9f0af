"""An invitation: a link by which whoever has it can join a group, until it expires or is revoked."""

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.base import row, rows
from app.models.conversation import Conversation, picture_url
from app.models.post import iso
from app.models.user import User

LIVING = "revoked_at IS NULL AND expires_at > clock_timestamp()"


class InviteFacts(msgspec.Struct, frozen=True, kw_only=True):
    """An invitation as those see it who may make one. ``path`` is the link; ``used`` how many came by it."""

    id: str
    path: str
    by: str
    created_at: str
    expires_at: str
    used: int


class InvitedTo(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody with a link may know of the group before they join; ``is_removed``: they cannot."""

    conversation_id: str
    title: str
    avatar: str
    members: int
    by: str
    expires_at: str
    is_member: bool
    is_removed: bool


class Invite(Model):
    """``code`` is what is secret in the link. It is kept as it is, so that the link can be shown again."""

    id: UUID = fields.UUIDField(primary_key=True, default=uuid4)
    conversation: fields.ForeignKeyRelation[Conversation] = fields.ForeignKeyField(
        "models.Conversation", related_name="invites"
    )
    conversation_id: UUID
    made_by: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="invites")
    made_by_id: int
    code = fields.CharField(max_length=43, unique=True)
    used = fields.IntField(default=0)
    created_at: datetime = fields.DatetimeField(auto_now_add=True)
    expires_at: datetime = fields.DatetimeField()
    revoked_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "invites"
        indexes = (("conversation_id",),)

    @classmethod
    async def living(cls, conversation_id: UUID) -> list[InviteFacts]:
        """The invitations of a group that still let somebody in, newest first; there are 20 at most."""
        found = await rows(
            "SELECT invites.id, code, username, invites.created_at, expires_at, used FROM invites "  # noqa: S608
            f"JOIN users ON users.id = made_by_id WHERE conversation_id = $1 AND {LIVING} "
            "ORDER BY invites.created_at DESC",
            conversation_id,
        )
        return [_facts(line) for line in found]

    @classmethod
    async def opened(cls, code: str, user_id: int | None) -> InvitedTo | None:
        """Where a link leads, if it still lets somebody in."""
        found = await row(
            "SELECT c.id, c.title, c.picture, c.members, users.username, expires_at, "  # noqa: S608
            "EXISTS (SELECT FROM memberships WHERE conversation_id = c.id AND user_id = $2) AS is_member, "
            "EXISTS (SELECT FROM removals WHERE conversation_id = c.id AND user_id = $2) AS is_removed "
            "FROM invites JOIN conversations c ON c.id = conversation_id JOIN users ON users.id = made_by_id "
            f"WHERE code = $1 AND {LIVING}",
            code,
            user_id,
        )
        if found is None:
            return None
        return InvitedTo(
            conversation_id=str(found["id"]),
            title=found["title"] or f"{found['username']}'s group",
            # Only a member is shown the picture itself.
            avatar=picture_url(found["id"], found["picture"]) if found["is_member"] else "",
            members=found["members"],
            by=found["username"],
            expires_at=iso(found["expires_at"]),
            is_member=found["is_member"],
            is_removed=found["is_removed"],
        )


def _facts(line: dict[str, Any]) -> InviteFacts:
    return InviteFacts(
        id=str(line["id"]),
        path=f"/invites/{line['code']}",
        by=line["username"],
        created_at=iso(line["created_at"]),
        expires_at=iso(line["expires_at"]),
        used=line["used"],
    )
