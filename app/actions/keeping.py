"""How one keeps one's conversations: pinned, muted, archived, and unread again. For one's own pages alone."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.errors import Conflict, Invalid, NotFound
from app.log import transaction
from app.models.base import row
from app.models.kept import Kept, kept
from bus import events as e

PINS_AT_MOST = 20
FOR_EVER = datetime(9999, 12, 31, tzinfo=UTC)
MUTES = {"1h": timedelta(hours=1), "8h": timedelta(hours=8), "on": None}
"""For how long a conversation can be muted; None: until it is not any more."""


class TooManyPins(Conflict):
    """The top of the list is for a few."""

    code, message = "too_many_pins", f"At most {PINS_AT_MOST} conversations can be pinned."


KEEP = """
UPDATE memberships SET
    pinned_at = CASE WHEN $3::bool IS NULL THEN pinned_at WHEN $3 THEN coalesce(pinned_at, statement_timestamp()) END,
    archived_number = CASE WHEN $4::bool IS NULL THEN archived_number WHEN $4 THEN c.last_number END,
    muted_until = CASE WHEN $5 THEN $6::timestamptz ELSE muted_until END
FROM conversations c WHERE c.id = $2 AND user_id = $1 AND conversation_id = $2
RETURNING (
    SELECT count(*) FROM memberships WHERE user_id = $1 AND conversation_id <> $2 AND pinned_at IS NOT NULL
) AS pins
"""


async def keep(
    user_id: int,
    conversation_id: UUID,
    *,
    pinned: bool | None = None,
    archived: bool | None = None,
    mute: str | None = None,
) -> Kept:
    """Keep a conversation so from now on; None leaves something as it is. What is so already changes nothing.

    ``pinned``: at the top of the list. ``archived``: put away until something new is said in it, for good while it is
    muted. ``mute``: its unread messages are not told of (mentions are) for so long, one of MUTES, or ``off``.
    Raises NotFound, TooManyPins, Invalid (field ``mute``).
    """
    until = _until(mute)
    async with transaction() as events:
        before = await kept(user_id, conversation_id)
        changed = await row(KEEP, user_id, conversation_id, pinned, archived, mute is not None, until)
        now = await kept(user_id, conversation_id)
        if changed is None or before is None or now is None:
            raise NotFound
        if pinned and changed["pins"] >= PINS_AT_MOST:
            raise TooManyPins
        if now != before:
            events.append(e.ConversationKept(user_id=user_id, **now._asdict()))
    return now


def _until(mute: str | None) -> datetime | None:
    if mute in (None, "off"):
        return None
    if mute not in MUTES:
        raise Invalid(fields={"mute": f"One of {', '.join(MUTES)} and off."})
    time = MUTES[mute]
    return datetime.now(UTC) + time if time else FOR_EVER


UNREAD = """
UPDATE memberships SET read_seq = coalesce(before.seq, 0),
    read_number = coalesce(before.number, 0), unread_marks = unread_marks + 1
FROM (SELECT 1) AS always LEFT JOIN (
    SELECT seq, number FROM messages WHERE conversation_id = $2 AND thread_id IS NULL AND seq < $3
    ORDER BY seq DESC LIMIT 1
) AS before ON true
WHERE user_id = $1 AND conversation_id = $2 AND read_number > coalesce(before.number, 0)
RETURNING read_number, unread_marks
"""


async def mark_unread(user_id: int, conversation_id: UUID, seq: int) -> None:
    """The message with this ``seq``, and what came after it, is unread again; the others do not hear of it.

    Where that is no further back than the user has read, nothing changes. Raises NotFound.
    """
    async with transaction() as events:
        moved = await row(UNREAD, user_id, conversation_id, seq)
        if await kept(user_id, conversation_id) is None:
            raise NotFound
        if moved:
            events.append(
                e.MarkedUnread(
                    user_id=user_id,
                    conversation_id=str(conversation_id),
                    number=moved["read_number"],
                    marks=moved["unread_marks"],
                )
            )
