"""A way in: a browser's cookie session or a personal token. Only the SHA-256 of its secret, in hex, is stored."""

from datetime import datetime
from functools import cache
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.models import Model

from app.models.base import Row, rows
from app.models.notification import NOTIFICATION, NotificationFacts, facts_of
from app.models.user import User

Kept = TypeVar("Kept", bound=Model)


class Opening(NamedTuple):
    """A living session, its user loaded, and what every page shows of that user, all from one moment.

    ``head`` is the newest seq of the user's topic: whoever goes on from there misses nothing. ``latest`` are their
    newest notifications.
    """

    session: "Session"
    head: int
    latest: list[NotificationFacts]


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
    async def opened_by(cls, secret_hash: str, latest: int) -> Opening | None:
        """The living session with this hash, with at most ``latest`` notifications of its user."""
        found = await rows(_with_latest(), secret_hash, latest)
        if not found:
            return None
        return Opening(_loaded(found[0]), found[0]["head"], [facts_of(line) for line in found if line["id"]])

    @classmethod
    async def opened_by_each(cls, secret_hashes: list[str]) -> list[Opening | None]:
        """The living session with each of these hashes, in one query; without notifications."""
        found = await rows(f"SELECT {_session()} {OPENED} = ANY($1::text[])", secret_hashes)
        by_hash = {line["s_secret_hash"]: line for line in found}
        # Each asker gets objects of their own, also when two ask for the same.
        lines = [by_hash.get(secret_hash) for secret_hash in secret_hashes]
        return [Opening(_loaded(line), line["head"], []) if line else None for line in lines]

    @classmethod
    async def living(cls, user: User) -> list["Session"]:
        """All sessions and tokens that still open the door, last used first."""
        return await cls.filter(user=user, ended_at=None).order_by("-seen_at").limit(200)


OPENED = (
    "FROM sessions s JOIN users u ON u.id = s.user_id LEFT JOIN topics ON topics.name = 'user.' || u.id "
    "WHERE s.ended_at IS NULL AND s.secret_hash"
)


@cache
def _session() -> str:
    columns = [f"{table}.{name} AS {table}_{name}" for table in "su" for name in _columns(table)]
    return ", ".join([*columns, "coalesce(topics.head, 0) AS head"])


@cache
def _columns(table: str) -> dict[str, str]:
    # From the models themselves, so that no column of theirs can be forgotten here.
    model = {"s": Session, "u": User}[table]
    return {name: f"{table}_{name}" for name in sorted(model._meta.db_fields)}


@cache
def _with_latest() -> str:
    return (
        f"SELECT session.*, n.* FROM (SELECT {_session()} {OPENED} = $1) AS session LEFT JOIN LATERAL "  # noqa: S608
        f"(SELECT {NOTIFICATION} WHERE recipient_id = u_id ORDER BY sent_at DESC, n.id DESC LIMIT $2) AS n ON true "
        "ORDER BY n.sent_at DESC, n.id DESC"
    )


def _loaded(line: Row) -> Session:
    # As the ORM makes them, but without its query, which takes longer than all the rest: every request asks this.
    return _filled(Session, line, "s", _user=_filled(User, line, "u"))


def _filled(model: type[Kept], line: Row, table: str, **related: Model) -> Kept:
    # Straight into its attributes: to construct one goes through every relation that there is, for seven times as long.
    made: Kept = model.__new__(model)
    attributes = vars(made)
    attributes.update(_attributes_of_one(model), _await_when_save={}, **related)
    for name, column in _columns(table).items():
        attributes[name] = line[column]
    return made


@cache
def _attributes_of_one(model: type[Model]) -> dict[str, Any]:
    return vars(model.construct(_saved_in_db=True))
