"""Who is told of replies: those who were replied to in a group, and those who follow a thread."""

from uuid import UUID

import msgspec

from app.actions.notifications import Notice, notice_id, tell
from app.actions.threads import thread_notice_id
from app.jobs.notices import name_of
from app.log import Events
from app.log.consequences import unread_seconds
from app.models import ActorFacts, Conversation, Message, User
from app.models.base import Row, row, rows
from app.models.block import hidden_from
from app.models.thread import FOLLOWERS_TOLD
from bus import events as e


async def notify_reply(events: Events, event: e.MessageSent) -> None:
    """Some seconds after a reply in a group: tell who was replied to, if they have neither read it nor muted that."""
    # Locked: whoever deletes it waits, and takes back what is told here.
    message_id = msgspec.json.decode(event.message)["message_id"]
    await row("SELECT id FROM messages WHERE id = $1 FOR SHARE", message_id)
    message = await Message.get(id=message_id).select_related("author", "conversation")
    unread = await row(
        "SELECT user_id FROM memberships WHERE conversation_id = $1 AND user_id = $2 AND read_number < $3 "
        "AND (muted_until IS NULL OR muted_until <= clock_timestamp()) FOR UPDATE",
        message.conversation_id,
        event.replied_to,
        message.number,
    )
    if unread is None or message.deleted_at:
        return
    target = f"message:{message.id}"
    await tell(
        events,
        [
            Notice(
                id=notice_id("Reply", message.author_id, target, unread["user_id"]),
                recipient_id=unread["user_id"],
                kind="Reply",
                actor=ActorFacts.of(message.author),
                message=f"{name_of(message.author)} replied to you{_where(message.conversation)}",
                data={"action_url": f"/conversations/{message.conversation_id}/", "content_type": "message"},
                about=target,
            )
        ],
    )


# Each is told by whom the newest is of those that they see, as they are of a conversation.
UNREAD = f"""
SELECT follow.user_id, follow.read_number, seen.author_id
FROM thread_follows follow JOIN memberships m ON m.conversation_id = $2 AND m.user_id = follow.user_id
CROSS JOIN LATERAL (
    SELECT author_id FROM (
        SELECT author_id, number FROM messages said WHERE said.thread_id = $1 AND number > follow.read_number
            AND number <= $3 AND deleted_at IS NULL ORDER BY number DESC LIMIT 100
    ) AS latest
    WHERE NOT {hidden_from("follow.user_id", "author_id")} ORDER BY number DESC LIMIT 1
) AS seen
WHERE follow.thread_id = $1 AND is_followed AND follow.read_number < $3
AND (muted_until IS NULL OR muted_until <= clock_timestamp())
ORDER BY follow.user_id LIMIT {FOLLOWERS_TOLD} FOR UPDATE OF follow
"""  # noqa: S608


async def notify_thread(events: Events, event: e.ThreadMessageSent) -> None:
    """Some seconds after a message in a thread: tell those who follow it and have not read it, one entry each.

    What they follow is locked, so that somebody who reads just now waits and then finds the entry to mark as read.
    """
    newest = await _newest_due(UUID(event.thread_id))
    if newest is None or newest.conversation.is_blocked:
        return
    unread = await rows(UNREAD, newest.thread_id, newest.conversation_id, newest.number)
    authors = {user.id: user for user in await User.filter(id__in={line["author_id"] for line in unread})}
    await tell(events, [_notice(newest, line, authors[line["author_id"]]) for line in unread])


def _notice(newest: Message, line: Row, author: User) -> Notice:
    assert newest.thread_id is not None
    place = f"/conversations/{newest.conversation_id}/threads/{newest.thread_id}/"
    return Notice(
        id=thread_notice_id(newest.thread_id, line["user_id"]),
        recipient_id=line["user_id"],
        kind="Reply",
        actor=ActorFacts.of(author),
        message=thread_text(newest.number - line["read_number"], name_of(author), _where(newest.conversation)),
        data={"action_url": place, "content_type": "message"},
        renew=True,
    )


async def _newest_due(thread_id: UUID) -> Message | None:
    """The newest message that has been unread for long enough; younger ones have jobs of their own."""
    found = await row(
        "SELECT id FROM messages WHERE thread_id = $1 "
        "AND deleted_at IS NULL AND sent_at <= clock_timestamp() - make_interval(secs => $2) "
        "ORDER BY number DESC LIMIT 1",
        thread_id,
        unread_seconds(),
    )
    return await Message.get(id=found["id"]).select_related("conversation") if found else None


def thread_text(count: int, name: str, where: str) -> str:
    """``John replied in a thread``, ``4 new replies in a thread in Team``."""
    return f"{name} replied in a thread{where}" if count == 1 else f"{count} new replies in a thread{where}"


def _where(conversation: Conversation) -> str:
    return f" in {conversation.title}" if conversation.title else ""
