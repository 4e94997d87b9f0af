"""What a person is told: one row per (kind, actor, target, recipient), read or unread."""

from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.base import Row, rows
from app.models.post import iso
from app.models.user import User, avatar_url

KINDS = ("Like", "Comment", "Follow", "Mention", "Message", "Reply", "System")


class ActorFacts(msgspec.Struct, frozen=True, kw_only=True):
    """Who did it, as a notification shows them."""

    id: int
    username: str
    avatar: str

    @classmethod
    def of(cls, user: User) -> "ActorFacts":
        """The user as a notification shows them."""
        return cls(id=user.id, username=user.username, avatar=avatar_url(user.username))


class NotificationFacts(msgspec.Struct, frozen=True, kw_only=True):
    """The one projection of a notification; the ``notification`` frame is ``type``, ``seq`` and these fields."""

    id: str
    message: str
    notification_type: str
    actor: ActorFacts | None
    timestamp: str
    sent_at: str
    read: bool
    data: dict[str, Any]


NOTIFICATION = (
    "n.id, n.message, n.kind, n.data, n.read, n.sent_at, actor.id AS actor_id, actor.username AS actor_name "
    "FROM notifications n LEFT JOIN users actor ON actor.id = n.actor_id"
)
"""The columns that ``facts_of`` reads, and their tables."""


def facts_of(line: Row) -> NotificationFacts:
    """The notification in this row."""
    name, sent_at = line["actor_name"], iso(line["sent_at"])
    return NotificationFacts(
        id=str(line["id"]),
        message=line["message"],
        notification_type=line["kind"],
        actor=ActorFacts(id=line["actor_id"], username=name, avatar=avatar_url(name)) if name else None,
        timestamp=f"{sent_at[:10]} {sent_at[11:19]}",
        sent_at=sent_at,
        read=line["read"],
        data=msgspec.json.decode(line["data"]),
    )


class Told(NamedTuple):
    """A notification, and its exact place in the list."""

    facts: NotificationFacts
    sent_at: datetime


class Notification(Model):
    """``sent_at`` moves when a notification of kind Message is raised again; lists are newest first by it."""

    id: UUID = fields.UUIDField(primary_key=True)
    recipient: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="notifications")
    recipient_id: int
    actor: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        "models.User", related_name="caused", null=True
    )
    actor_id: int | None
    kind = fields.CharField(max_length=20)
    message = fields.TextField()
    data: dict[str, Any] = fields.JSONField(default=dict)
    about = fields.CharField(max_length=60, default="")
    """What it goes with when that is deleted: ``post:<id>``, a comment under it ``post:<id>/comment:<id>``,
    or ``message:<id>``."""
    read = fields.BooleanField(default=False)
    sent_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "notifications"
        indexes = (("recipient_id", "sent_at", "id"), ("about",))

    def facts(self) -> NotificationFacts:
        """This notification; its actor must be loaded."""
        actor = self.actor
        return NotificationFacts(
            id=str(self.id),
            message=self.message,
            notification_type=self.kind,
            actor=ActorFacts.of(actor) if actor else None,
            timestamp=self.sent_at.strftime("%Y-%m-%d %H:%M:%S"),
            sent_at=iso(self.sent_at),
            read=self.read,
            data=self.data,
        )

    @classmethod
    async def listed(cls, recipient_id: int, before: tuple[datetime, UUID] | None, limit: int) -> list[Told]:
        """The recipient's notifications, newest first, after the place ``before`` in that order."""
        place = "" if before is None else "AND (sent_at, n.id) < ($3, $4) "
        found = await rows(
            f"SELECT {NOTIFICATION} WHERE recipient_id = $1 {place}ORDER BY sent_at DESC, n.id DESC LIMIT $2",
            recipient_id,
            limit,
            *(before or ()),
        )
        return [Told(facts_of(line), line["sent_at"]) for line in found]
