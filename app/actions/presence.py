"""Presence as far as it is stored: whether somebody hides it, and when they were last seen."""

from datetime import UTC, datetime

from app.log import transaction
from app.models import User
from app.models.base import rows
from bus.events import PresenceHidden


async def hide_presence(user: User, hidden: bool) -> None:
    """Hide from everyone when the user is here, or show it again. Hiding forgets when they were last seen."""
    async with transaction() as events:
        changed = await rows(
            "UPDATE users SET hides_presence = $2, last_seen_at = CASE WHEN $2 THEN NULL ELSE last_seen_at END "
            "WHERE id = $1 AND hides_presence <> $2 RETURNING id",
            user.id,
            hidden,
        )
        if changed:
            events.append(PresenceHidden(user_id=user.id, hidden=hidden))
    user.hides_presence = hidden


async def seen(moments: dict[int, float]) -> None:
    """Note when these people were last seen (Unix time); not of those who hide it.

    A row that somebody else is changing is left for the next time: several workers write at once, and none waits.
    """
    await rows(
        "UPDATE users SET last_seen_at = greatest(users.last_seen_at, new.at) FROM ("
        "SELECT u.id, given.at FROM users u JOIN unnest($1::int[], $2::timestamptz[]) AS given(id, at) "
        "ON given.id = u.id WHERE NOT u.hides_presence FOR NO KEY UPDATE OF u SKIP LOCKED) AS new "
        "WHERE users.id = new.id",
        list(moments),
        [datetime.fromtimestamp(moment, UTC) for moment in moments.values()],
    )
