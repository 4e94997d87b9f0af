"""What the database is asked about everybody who comes: for all who come at the same moment, in one query."""

from typing import NamedTuple
from uuid import UUID

from app.batches import Batches
from app.models import Conversation
from app.models.base import Row, rows


class Pass(NamedTuple):
    """By what somebody comes in: a session, and for a chat the membership in its conversation."""

    session_id: UUID
    conversation_id: UUID | None
    user_id: int


async def _valid(passes: list[Pass]) -> list[Row]:
    return await rows(
        "SELECT EXISTS (SELECT FROM sessions WHERE id = given.session AND ended_at IS NULL) AS is_signed_in, "
        "EXISTS (SELECT FROM memberships WHERE conversation_id = given.conversation AND user_id = given.person) "
        "AS is_member FROM unnest($1::uuid[], $2::uuid[], $3::int[]) WITH ORDINALITY "
        "AS given (session, conversation, person, place) ORDER BY place",
        [one.session_id for one in passes],
        [one.conversation_id for one in passes],
        [one.user_id for one in passes],
    )


async def _standing(user_ids: list[int]) -> list[Row]:
    return await rows(
        "SELECT unread_notifications AS count, hides_presence, coalesce(head, 0) AS head "
        "FROM unnest($1::int[]) WITH ORDINALITY AS person (id, place) "
        "LEFT JOIN users USING (id) LEFT JOIN topics ON name = 'user.' || person.id ORDER BY place",
        user_ids,
    )


async def _conversations(user_ids: list[int]) -> list[list[UUID]]:
    return await Conversation.ids_of(user_ids, CONVERSATIONS_AT_MOST)


CONVERSATIONS_AT_MOST = 500

valid: Batches[Pass, Row] = Batches(_valid)
"""Whether a pass is still good: ``is_signed_in`` and ``is_member``."""

standing: Batches[int, Row] = Batches(_standing)
"""A user's unread ``count`` and whether they hide their presence, with the ``head`` of their topic at that moment."""

conversations: Batches[int, list[UUID]] = Batches(_conversations)
"""A user's conversations, 500 at most, the one with the newest message first."""
