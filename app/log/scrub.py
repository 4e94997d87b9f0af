"""Scrubbing: what was deleted for all also leaves the log; an event that shows nothing takes its place."""

from uuid import UUID

from app.models.base import rows
from bus.encoding import encode
from bus.events import Event

# No version of the program knows this type, so every reader makes a ``skip`` of it.
SCRUBBED = '{"type":"scrubbed"}'


async def scrub_comment(post_id: int, comment_id: int) -> None:
    """Take a comment's text out of the log of its post."""
    await rows(
        "UPDATE log SET body = $1 WHERE topic = $2 AND body::jsonb ->> 'type' = 'comment_added' "
        "AND body::jsonb -> 'comment' ->> 'id' = $3",
        SCRUBBED,
        f"post.{post_id}",
        str(comment_id),
    )


async def scrub_at(topic: str, seqs: list[int]) -> None:
    """Take what happened at these places of a topic out of the log."""
    await rows("UPDATE log SET body = $1 WHERE topic = $2 AND seq = ANY($3::bigint[])", SCRUBBED, topic, seqs)


async def replace(event: Event, seq: int) -> None:
    """Let ``event`` stand where there was another one in its topic."""
    await rows("UPDATE log SET body = $1 WHERE topic = $2 AND seq = $3", encode(event).decode(), event.topic, seq)


async def scrub_quotes(topic: str, message_id: UUID, instead: str) -> None:
    """Say ``instead`` where replies to a message have the beginning of its words in the log."""
    await rows(
        "UPDATE log SET body = jsonb_set(body::jsonb, '{message,reply_to,preview}', to_jsonb($3::text), false)::text "
        "WHERE topic = $1 AND body <> $4 AND seq IN ("
        "SELECT unnest(ARRAY[seq, edited_seq]) FROM messages WHERE reply_to = $2 UNION ALL "
        "SELECT v.seq FROM message_versions v JOIN messages ON messages.id = v.message_id WHERE reply_to = $2)",
        topic,
        message_id,
        instead,
        SCRUBBED,
    )


async def scrub_topic(topic: str) -> None:
    """Take everything that happened in a topic out of the log."""
    await rows("UPDATE log SET body = $1 WHERE topic = $2", SCRUBBED, topic)


async def scrub_notifications(user_id: int, ids: tuple[str, ...]) -> None:
    """Take the words of notifications out of the log of the user who got them."""
    await rows(
        "UPDATE log SET body = $1 WHERE topic = $2 AND body::jsonb ->> 'type' = 'notified' "
        "AND body::jsonb -> 'notification' ->> 'id' = ANY($3::text[])",
        SCRUBBED,
        f"user.{user_id}",
        list(ids),
    )
