"""How members keep their conversations: pinned, muted, archived; and which of them a list shows."""

from typing import NamedTuple
from uuid import UUID

from app.models.base import Row, row, rows
from app.models.post import iso

# Of a membership ``m`` and its conversation ``c``. Something new brings it back from the archive, unless it is muted.
ARCHIVED = "(m.archived_number IS NOT NULL AND (c.last_number <= m.archived_number OR m.muted_until > now()))"
KEPT = f"""m.pinned_at IS NOT NULL AS is_pinned, coalesce({ARCHIVED}, false) AS is_archived, m.archived_number,
       CASE WHEN m.muted_until > now() THEN m.muted_until END AS muted_until"""
SHOWN = {
    "": f"AND NOT coalesce({ARCHIVED}, false)",
    "unread": f"AND NOT coalesce({ARCHIVED}, false) AND c.last_number > m.read_number",
    "groups": f"AND NOT coalesce({ARCHIVED}, false) AND c.direct_key IS NULL",
    "archived": f"AND {ARCHIVED}",
    "all": "",
}
"""What the list of conversations can be narrowed to, and the condition for it."""

_OWN = f"SELECT c.id, {KEPT} FROM memberships m JOIN conversations c ON c.id = m.conversation_id WHERE m.user_id = $1"  # noqa: S608


class Kept(NamedTuple):
    """How a member keeps a conversation; ``muted_until`` in ISO 8601."""

    conversation_id: str
    is_pinned: bool
    archived_number: int | None
    muted_until: str | None


async def kept_by(user_id: int, conversation_ids: list[UUID]) -> list[Kept]:
    """Those of these conversations that the user keeps in some way."""
    found = await rows(
        f"{_OWN} AND c.id = ANY($2::uuid[]) "
        "AND (m.pinned_at IS NOT NULL OR m.muted_until > now() OR m.archived_number IS NOT NULL)",
        user_id,
        conversation_ids,
    )
    return [_kept(line) for line in found]


async def kept(user_id: int, conversation_id: UUID) -> Kept | None:
    """How the user keeps this one; None for outsiders."""
    found = await row(f"{_OWN} AND c.id = $2", user_id, conversation_id)
    return _kept(found) if found else None


def _kept(line: Row) -> Kept:
    return Kept(str(line["id"]), line["is_pinned"], line["archived_number"], moment_of(line))


def moment_of(line: Row) -> str | None:
    """Until when the conversation of this row is muted, in ISO 8601."""
    return iso(line["muted_until"]) if line["muted_until"] else None
