"""What the database is asked about everybody who comes: for all who come at the same moment, in one query."""

from typing import NamedTuple
from uuid import UUID

from app.batches import Batches
from app.models import Membership, ThreadFollow
from app.models.base import Row, rows
from app.models.block import all_hidden_from
from app.models.membership import Position
from app.models.thread import ThreadStanding

CONVERSATIONS_AT_MOST = 500
POSITIONS_AT_MOST = 100
THREADS_TOLD = 30
NOBODY = 0


class Pass(NamedTuple):
    """By what somebody comes in: a session, and for a chat the membership in its conversation."""

    session_id: UUID
    user_id: int
    conversation_id: UUID | None = None


IS_SIGNED_IN = "EXISTS (SELECT FROM sessions WHERE id = given.session AND ended_at IS NULL) AS is_signed_in"


async def _members(passes: list[Pass]) -> list[Row]:
    return await rows(
        f"SELECT {IS_SIGNED_IN}, EXISTS (SELECT FROM memberships JOIN conversations c ON c.id = conversation_id "  # noqa: S608
        "WHERE conversation_id = given.conversation AND user_id = given.person AND NOT c.is_blocked) AS is_member, "
        f"{all_hidden_from('given.person')} AS hides FROM unnest($1::uuid[], $2::int[], $3::uuid[]) WITH ORDINALITY "
        "AS given (session, person, conversation, place) ORDER BY place",
        [one.session_id for one in passes],
        [one.user_id for one in passes],
        [one.conversation_id for one in passes],
    )


async def _people(passes: list[Pass]) -> list[Row]:
    return await rows(
        f"SELECT {IS_SIGNED_IN}, unread_notifications AS count, hides_presence, coalesce(head, 0) AS head, "  # noqa: S608
        f"{all_hidden_from('given.person')} AS hides, "
        "array(SELECT c.id FROM memberships m JOIN conversations c ON c.id = m.conversation_id "
        "WHERE m.user_id = given.person ORDER BY c.last_at DESC, c.id LIMIT $3) AS conversations "
        "FROM unnest($1::uuid[], $2::int[]) WITH ORDINALITY AS given (session, person, place) "
        "LEFT JOIN users ON users.id = given.person LEFT JOIN topics ON name = 'user.' || given.person ORDER BY place",
        [one.session_id for one in passes],
        [one.user_id for one in passes],
        CONVERSATIONS_AT_MOST,
    )


async def _threads(user_ids: list[int]) -> list[list[ThreadStanding]]:
    found = await ThreadFollow.standings(user_ids, THREADS_TOLD)
    return [found.get(user_id, []) for user_id in user_ids]


async def _positions(conversation_ids: list[UUID]) -> list[list[Position]]:
    # All of them are the same: it is asked with the conversation as the key.
    found = await Membership.positions(conversation_ids[0], NOBODY, POSITIONS_AT_MOST + 1)
    return [found] * len(conversation_ids)


async def positions_of_others(conversation_id: UUID, user_id: int) -> list[Position]:
    """How far the others of a conversation have come, 100 at most, who have come furthest first."""
    found = await _of_members.ask(conversation_id, conversation_id)
    return [one for one in found if one.user_id != user_id][:POSITIONS_AT_MOST]


_of_members: Batches[UUID, list[Position]] = Batches(_positions)

threads: Batches[int, list[ThreadStanding]] = Batches(_threads)
"""Where the threads stand that somebody follows, 30 at most: the unread ones first, then those written in last."""

members: Batches[Pass, Row] = Batches(_members)
"""Whether a pass for a chat is still good: ``is_signed_in`` and ``is_member``; and who is hidden from its owner."""

people: Batches[Pass, Row] = Batches(_people)
"""Whether a session still is (``is_signed_in``), and how its user stands, all from one moment: the unread ``count``
(None: there is no such user), ``hides_presence``, the ``conversations`` (500 at most, the one with the newest message
first), and the ``head`` of the user's topic.
"""
