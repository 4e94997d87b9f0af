"""Positions of members: stored where they are, and told to the others by signals that may be lost."""

from uuid import UUID

from app.actions import conversations
from app.actions.signalling import signal
from app.models import User, UserFacts
from bus import signals as s


async def read(user: User | UserFacts, conversation_id: UUID, seq: int) -> None:
    """The user has read up to ``seq``; the others and the user's other pages hear of it. Raises NotFound."""
    place = await conversations.mark_read(user.id, conversation_id, seq)
    if place:
        name = str(conversation_id)
        # What is read has also arrived; where the one is hidden the other is not.
        seen = s.Delivered if place.is_hidden else s.Read
        signal(seen(conversation_id=name, user_id=user.id, username=user.username, seq=place.seq))
        signal(s.ConversationRead(user_id=user.id, conversation_id=name, number=place.number, marks=place.marks))


async def delivered(user: User | UserFacts, conversation_id: UUID, seq: int) -> None:
    """Everything up to ``seq`` has reached one of the user's pages. Raises NotFound."""
    moved = await conversations.mark_delivered(user.id, conversation_id, seq)
    if moved is not None:
        name = str(conversation_id)
        signal(s.Delivered(conversation_id=name, user_id=user.id, username=user.username, seq=moved))


def typing(user: UserFacts, conversation_id: str, is_typing: bool) -> None:
    """The user types, or stopped. Never stored."""
    signal(s.Typing(conversation_id=conversation_id, user_id=user.id, username=user.username, is_typing=is_typing))
