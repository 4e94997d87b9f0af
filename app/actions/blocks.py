"""Blocking somebody and unblocking them: a state, so doing it twice is doing it once. It hides each from the other."""

from uuid import UUID

from app.errors import Forbidden, Invalid
from app.log import Events, transaction
from app.models import Block, Conversation, User
from app.models.base import row, rows
from bus import events as e

BLOCKS_AT_MOST = 500


class Blocked(Forbidden):
    """One of two people blocks the other; which of them is nobody's business."""

    code, message = "blocked", "You cannot write to each other."


async def block(user: User, username: str) -> User:
    """From now on neither sees what the other writes, nor follows the other. Raises NotFound, Invalid (oneself)."""
    other = await User.called(username)
    if other.id == user.id:
        raise Invalid("You cannot block yourself.", code="cannot_block_yourself")
    async with transaction() as events:
        conversation_id = await _lock(events, user, other)
        if await Block.filter(blocker_id=user.id).count() >= BLOCKS_AT_MOST:
            raise Invalid(f"You can block {BLOCKS_AT_MOST} people.", code="too_many_blocks")
        added = await row(
            "INSERT INTO blocks (blocker_id, blocked_id, created_at) VALUES ($1, $2, now()) "
            "ON CONFLICT DO NOTHING RETURNING id",
            user.id,
            other.id,
        )
        if added:
            await _close(conversation_id, True)
            await _unfollow(events, user, other)
            for one, whom in ((user, other), (other, user)):
                events.append(
                    e.PersonBlocked(
                        user_id=one.id,
                        other_id=whom.id,
                        username=whom.username,
                        by_me=one is user,
                        conversation_id=str(conversation_id or ""),
                    )
                )
    return other


async def unblock(user: User, username: str) -> User:
    """Block them no longer. They stay hidden from each other while the other blocks too. Raises NotFound."""
    other = await User.called(username)
    async with transaction() as events:
        conversation_id = await _lock(events, user, other)
        gone = await row("DELETE FROM blocks WHERE blocker_id = $1 AND blocked_id = $2 RETURNING id", user.id, other.id)
        if gone and not await Block.stands(other.id, user.id):
            await _close(conversation_id, False)
            for one, whom in ((user, other), (other, user)):
                events.append(e.PersonUnblocked(user_id=one.id, other_id=whom.id, username=whom.username))
    return other


async def refuse_blocked(conversation_id: UUID) -> None:
    """In a transaction that has locked the conversation's topic. Raises Blocked."""
    found = await row("SELECT is_blocked FROM conversations WHERE id = $1", conversation_id)
    if found and found["is_blocked"]:
        raise Blocked


async def lock_pair(one: User, other: User) -> None:
    """Blocking and beginning a conversation wait for each other, be it between two who have none yet."""
    low, high = sorted((one.id, other.id))
    await rows("SELECT pg_advisory_xact_lock($1::int, $2::int)", low, high)


async def _lock(events: Events, user: User, other: User) -> UUID | None:
    await lock_pair(user, other)
    found = await Conversation.get_or_none(direct_key=Conversation.direct_key_of(user, other))
    if found is None:
        return None
    # What is being written to it is written before, or not at all.
    await events.lock([f"conversation.{found.id}"])
    return found.id


async def _close(conversation_id: UUID | None, is_blocked: bool) -> None:
    if conversation_id:
        await rows("UPDATE conversations SET is_blocked = $2 WHERE id = $1", conversation_id, is_blocked)


async def _unfollow(events: Events, user: User, other: User) -> None:
    gone = await rows(
        "DELETE FROM follows WHERE (follower_id = $1 AND author_id = $2) OR (follower_id = $2 AND author_id = $1) "
        "RETURNING follower_id, author_id",
        user.id,
        other.id,
    )
    for line in gone:
        events.append(e.Unfollowed(follower_id=line["follower_id"], author_id=line["author_id"]))
