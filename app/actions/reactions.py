"""Putting an emoji on a message and taking it back: a state, so doing it twice is doing it once."""

from uuid import UUID

import msgspec

from app.actions.blocks import refuse_blocked
from app.actions.edits import Deleted
from app.emoji import is_emoji
from app.errors import Conflict, NotFound
from app.log import transaction
from app.models import Reaction, ReactionFacts, User, UserFacts
from app.models.base import row
from app.text import refused
from bus import events as e

EMOJI_AT_MOST = 20


class TooManyEmoji(Conflict):
    """As many different ones are on it as there may be."""

    code, message = "too_many_emoji", f"A message has at most {EMOJI_AT_MOST} different emoji."


async def react(user: User | UserFacts, conversation_id: UUID, message_id: UUID, emoji: str) -> ReactionFacts:
    """The user's emoji is on the message from now on; that emoji as it is then.

    Raises Invalid (field ``emoji``), NotFound, Deleted, TooManyEmoji.
    """
    return await _set(user, conversation_id, message_id, _checked(emoji), is_on=True)


async def unreact(user: User | UserFacts, conversation_id: UUID, message_id: UUID, emoji: str) -> ReactionFacts:
    """The user's emoji is on the message no more. Raises Invalid (field ``emoji``), NotFound, Deleted."""
    return await _set(user, conversation_id, message_id, _checked(emoji), is_on=False)


def _checked(emoji: str) -> str:
    if not is_emoji(emoji):
        raise refused("not_an_emoji", "emoji", "This is not an emoji.")
    return emoji


STANDING = """
SELECT m.deleted_at IS NOT NULL AS is_deleted,
    (SELECT count(DISTINCT emoji) FROM reactions WHERE message_id = m.id AND emoji <> $4) AS others
FROM messages m JOIN memberships USING (conversation_id) WHERE user_id = $1 AND conversation_id = $2 AND m.id = $3
"""
PUT = """
INSERT INTO reactions (user_id, message_id, emoji, created_at) VALUES ($1, $2, $3, now())
ON CONFLICT DO NOTHING RETURNING id
"""
DELETE = "DELETE FROM reactions WHERE user_id = $1 AND message_id = $2 AND emoji = $3 RETURNING id"


async def _set(
    user: User | UserFacts, conversation_id: UUID, message_id: UUID, emoji: str, *, is_on: bool
) -> ReactionFacts:
    async with transaction() as events:
        # The topic's lock comes first, so that each count is the one after those that were announced before it.
        await events.lock([f"conversation.{conversation_id}"])
        standing = await row(STANDING, user.id, conversation_id, message_id, emoji)
        if standing is None:
            raise NotFound
        if standing["is_deleted"]:
            raise Deleted
        await refuse_blocked(conversation_id)
        if is_on and standing["others"] >= EMOJI_AT_MOST:
            raise TooManyEmoji
        changed = await row(PUT if is_on else DELETE, user.id, message_id, emoji)
        reaction = await Reaction.of(message_id, emoji)
        if changed:
            await Reaction.sum_up(message_id)
            events.append(
                e.MessageReacted(
                    conversation_id=str(conversation_id),
                    message_id=str(message_id),
                    user_id=user.id,
                    username=user.username,
                    is_on=is_on,
                    reaction=msgspec.Raw(msgspec.json.encode(reaction)),
                )
            )
    return reaction
