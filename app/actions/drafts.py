"""Drafts: what one has begun to write in a conversation, kept here and followed by one's other devices."""

from uuid import UUID

from app.actions.conversations import membership_of
from app.actions.signalling import signal
from app.models.base import row
from app.text import TEXT_LENGTH, storable
from bus import signals as s


async def keep(user_id: int, conversation_id: UUID, text: str) -> None:
    """One has written so far; empty: nothing. One's other pages hear of it, and may lose it.

    Raises Invalid (field ``text``) and NotFound.
    """
    draft = storable(text if text.strip() else "", "text", TEXT_LENGTH)
    changed = await row(
        "UPDATE memberships SET draft = $3 WHERE user_id = $1 AND conversation_id = $2 AND draft <> $3 RETURNING id",
        user_id,
        conversation_id,
        draft,
    )
    if changed:
        signal(s.Drafted(user_id=user_id, conversation_id=str(conversation_id), text=draft))
    else:
        await membership_of(user_id, conversation_id)
