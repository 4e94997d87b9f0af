"""Telling people, and their reading of it. Everything here locks the recipient first.

That lock makes the order of one person's notifications in the log the order in which their rows changed, and the
unread count in each event exact.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal
from uuid import UUID, uuid5

import msgspec

from app.errors import NotFound
from app.log import Events, transaction
from app.log.scrub import scrub_notifications
from app.models import ActorFacts, Notification, NotificationFacts, User, iso
from app.models.base import row, rows
from app.models.block import hidden_from
from bus import events as e

NAMESPACE = UUID("6e617474-6572-5000-8000-6e6f74696679")


class Notice(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody is to be told. ``renew``: told again when it was already known (else the first one stays)."""

    id: UUID
    recipient_id: int
    kind: str
    message: str
    actor: ActorFacts | None = None
    data: dict[str, Any] = {}
    about: str = ""
    renew: bool = False


def notice_id(kind: str, actor_id: int | None, target: str, recipient_id: int) -> UUID:
    """The same doing has the same id, so that like, unlike, like again is one notification."""
    return uuid5(NAMESPACE, f"{kind}:{actor_id}:{target}:{recipient_id}")


async def tell(events: Events, notices: list[Notice]) -> int:
    """Store the notices and announce them, in the caller's transaction. Gives how many were new or renewed."""
    # Locked first: who blocks the actor just now waits, or is seen.
    await _lock([n.recipient_id for n in notices])
    notices = sorted(await _seen({n.id: n for n in notices}), key=lambda n: n.recipient_id)
    if not notices:
        return 0
    written = {found["id"]: found for found in await _upsert(notices)}
    raised = Counter(found["recipient_id"] for found in written.values() if found["raised"])
    counts = {found["recipient_id"]: found["unread"] for found in written.values()} | await _count(raised)
    for notice in notices:
        if notice.id in written:
            raised[notice.recipient_id] -= written[notice.id]["raised"]
            facts = _facts(notice, written[notice.id]["sent_at"])
            # Without those that the recipient is told of after this one.
            unread = counts[notice.recipient_id] - raised[notice.recipient_id]
            events.append(e.Notified(user_id=notice.recipient_id, notification=facts, unread=unread))
    return len(written)


async def _seen(notices: dict[UUID, Notice]) -> list[Notice]:
    """Those whose actor is not hidden from who is to be told."""
    pairs = [(n.actor.id, n.recipient_id) for n in notices.values() if n.actor]
    if not pairs:
        return list(notices.values())
    found = await rows(
        "SELECT actor, recipient FROM unnest($1::int[], $2::int[]) AS pair (actor, recipient) "  # noqa: S608
        f"WHERE {hidden_from('recipient', 'actor')}",
        *[list(column) for column in zip(*pairs, strict=True)],
    )
    hidden = {(line["actor"], line["recipient"]) for line in found}
    return [n for n in notices.values() if n.actor is None or (n.actor.id, n.recipient_id) not in hidden]


async def mark_read(user: User, ids: list[UUID] | Literal["all"]) -> None:
    """These notifications are read; in every tab at once. Raises NotFound when none of ``ids`` is the user's."""
    async with transaction() as events:
        changed = await read_by(events, user.id, ids)
        if not changed and ids != "all" and not await Notification.filter(recipient=user, id__in=ids).exists():
            raise NotFound


async def read_by(events: Events, user_id: int, ids: list[UUID] | Literal["all"]) -> int:
    """``mark_read`` in the caller's transaction. Gives how many became read."""
    await _lock([user_id])
    changed = await rows(
        "UPDATE notifications SET read = true WHERE recipient_id = $1 AND NOT read "
        "AND ($2::uuid[] IS NULL OR id = ANY($2::uuid[])) RETURNING id",
        user_id,
        None if ids == "all" else ids,
    )
    if changed:
        counts = await _count({user_id: -len(changed)})
        named: tuple[str, ...] | Literal["all"] = "all" if ids == "all" else tuple(str(r["id"]) for r in changed)
        events.append(e.NotificationsRead(user_id=user_id, ids=named, unread=counts[user_id]))
    return len(changed)


async def mark_unread(user: User, notification_id: UUID) -> None:
    """The notification is unread again. Raises NotFound."""
    async with transaction() as events:
        await _lock([user.id])
        stored = await Notification.get_or_none(id=notification_id, recipient=user).select_related("actor")
        if stored is None:
            raise NotFound
        if stored.read:
            stored.read = False
            await stored.save(update_fields=["read"])
            counts = await _count({user.id: 1})
            facts = msgspec.Raw(msgspec.json.encode(stored.facts()))
            events.append(e.Notified(user_id=user.id, notification=facts, unread=counts[user.id]))


async def opened(user: User, path: str) -> bool:
    """The user opened ``path``: what pointed there is read. Whether there was anything."""
    if not user.unread_notifications:
        return False
    found = await rows(
        "SELECT id FROM notifications WHERE recipient_id = $1 AND NOT read AND data->>'action_url' = $2",
        user.id,
        path,
    )
    if found:
        await mark_read(user, [line["id"] for line in found])
        await user.refresh_from_db(fields=["unread_notifications"])
    return bool(found)


async def withdraw(events: Events, recipient_id: int, notification_id: UUID) -> None:
    """Take a notification back, in the caller's transaction, unless it has been read."""
    await _lock([recipient_id])
    gone = await row("DELETE FROM notifications WHERE id = $1 AND NOT read RETURNING id", notification_id)
    if gone:
        counts = await _count({recipient_id: -1})
        events.append(
            e.NotificationsRemoved(user_id=recipient_id, ids=(str(notification_id),), unread=counts[recipient_id])
        )


def _facts(notice: Notice, sent_at: datetime) -> msgspec.Raw:
    facts = NotificationFacts(
        id=str(notice.id),
        message=notice.message,
        notification_type=notice.kind,
        actor=notice.actor,
        timestamp=sent_at.strftime("%Y-%m-%d %H:%M:%S"),
        sent_at=iso(sent_at),
        read=False,
        data=notice.data,
    )
    return msgspec.Raw(msgspec.json.encode(facts))


async def remove_about(events: Events, about: str) -> None:
    """What these notifications were about is gone: so are they, read or not, and their words in the log.

    ``post:<id>`` takes those about comments under it along. In the caller's transaction.
    """
    await _remove(events, "about = $1 OR about LIKE $2", about, f"{about}/%")


async def remove_of(events: Events, recipient_id: int, actor_id: int) -> None:
    """The recipient is told no more of what the actor did, as if they never had been. In the caller's transaction."""
    await _lock([recipient_id])
    await _remove(events, "recipient_id = $1 AND actor_id = $2", recipient_id, actor_id)


async def _remove(events: Events, which: str, *values: object) -> None:
    concerned = await rows(f"SELECT DISTINCT recipient_id FROM notifications WHERE {which}", *values)  # noqa: S608
    await _lock([line["recipient_id"] for line in concerned])
    gone = await rows(f"DELETE FROM notifications WHERE {which} RETURNING id, recipient_id, read", *values)  # noqa: S608
    unread = Counter(line["recipient_id"] for line in gone if not line["read"])
    await _count({recipient: -count for recipient, count in unread.items()})
    for recipient in sorted({line["recipient_id"] for line in gone}):
        ids = tuple(str(line["id"]) for line in gone if line["recipient_id"] == recipient)
        await scrub_notifications(recipient, ids)
        count = (await User.get(id=recipient)).unread_notifications
        events.append(e.NotificationsRemoved(user_id=recipient, ids=ids, unread=count))


async def _lock(user_ids: list[int]) -> None:
    # NO KEY: a plain FOR UPDATE would collide with the foreign key of a notification that this user is the actor of,
    # and two people who like each other's posts would be a deadlock.
    await rows("SELECT id FROM users WHERE id = ANY($1::int[]) ORDER BY id FOR NO KEY UPDATE", user_ids)


async def _count(changes: Mapping[int, int]) -> dict[int, int]:
    """Add to the unread counts; give them as they are now."""
    if not changes:
        return {}
    found = await rows(
        "UPDATE users SET unread_notifications = unread_notifications + change FROM "
        "unnest($1::int[], $2::int[]) AS changes (id, change) WHERE users.id = changes.id "
        "RETURNING users.id, unread_notifications",
        list(changes),
        list(changes.values()),
    )
    return {line["id"]: line["unread_notifications"] for line in found}


async def _upsert(notices: list[Notice]) -> list[dict[str, Any]]:
    """Insert or renew. ``raised``: it was new or had been read, so that the unread count grows."""
    columns = [
        [n.id for n in notices],
        [n.recipient_id for n in notices],
        [n.actor.id if n.actor else None for n in notices],
        [n.kind for n in notices],
        [n.message for n in notices],
        [msgspec.json.encode(n.data).decode() for n in notices],
        [n.renew for n in notices],
        [n.about for n in notices],
    ]
    return await rows(
        "WITH new AS (SELECT * FROM unnest($1::uuid[], $2::int[], $3::int[], $4::text[], $5::text[], $6::jsonb[], "
        "$7::bool[], $8::text[]) AS new (id, recipient_id, actor_id, kind, message, data, renew, about)), "
        "known AS (SELECT n.id, n.read FROM notifications n JOIN new USING (id)), "
        "written AS (INSERT INTO notifications (id, recipient_id, actor_id, kind, message, data, about, read, sent_at) "
        "SELECT new.id, recipient_id, actor_id, kind, message, data, about, false, clock_timestamp() FROM new "
        "LEFT JOIN known USING (id) WHERE renew OR known.id IS NULL "
        "ON CONFLICT (id) DO UPDATE SET actor_id = excluded.actor_id, message = excluded.message, "
        "data = excluded.data, read = false, sent_at = excluded.sent_at RETURNING id, recipient_id, sent_at) "
        "SELECT written.id, written.recipient_id, written.sent_at, coalesce(known.read, true) AS raised, "
        "users.unread_notifications AS unread FROM written "
        "JOIN users ON users.id = written.recipient_id LEFT JOIN known ON known.id = written.id",
        *columns,
    )
