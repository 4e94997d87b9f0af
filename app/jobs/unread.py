"""Who has not read a message some seconds later is told, one entry for a conversation or for a thread.

Each is told by whom the newest is of those that they see: of who is hidden from them they are told nothing.
What says how far they have read is locked, so that somebody who reads just now waits and then finds the entry to mark
as read.
"""

from app.actions.conversations import message_notice_id
from app.actions.notifications import Notice, read_by, tell
from app.actions.threads import thread_notice_id
from app.jobs.notices import message_of
from app.jobs.wording import name_of, place_of, thread_text, unread_text
from app.log import Events
from app.log.consequences import unread_seconds
from app.models import ActorFacts, Message, User
from app.models.base import Row, rows
from app.models.block import hidden_from
from app.models.thread import FOLLOWERS_TOLD
from bus import events as e

TOLD_AT_MOST = 200

# Of whose messages all that are unread are hidden, or deleted, nobody is told. A hundred are looked at, no more.
# Sorted as where messages are written: who locks several of these does it in the same order.
UNREAD = f"""
SELECT m.conversation_id, m.user_id, m.read_number, seen.author_id
FROM unnest($1::uuid[], $2::int[]) AS given (conversation, newest)
JOIN memberships m ON m.conversation_id = given.conversation CROSS JOIN LATERAL (
    SELECT author_id FROM (
        SELECT author_id, number FROM messages
        WHERE conversation_id = given.conversation AND thread_id IS NULL AND number > m.read_number
            AND number <= given.newest AND deleted_at IS NULL
        ORDER BY number DESC LIMIT 100
    ) AS latest
    WHERE NOT {hidden_from("m.user_id", "author_id")} ORDER BY number DESC LIMIT 1
) AS seen
WHERE read_number < given.newest AND (muted_until IS NULL OR muted_until <= clock_timestamp())
ORDER BY m.conversation_id, m.user_id FOR UPDATE OF m
"""  # noqa: S608


async def notify_unread(events: Events, *messages: e.MessageSent) -> None:
    """Some seconds after a message: tell members who still have unread messages and not muted them, one entry each.

    In a group of more than 200 nobody is told: its unread messages are counted in the list of conversations, and
    somebody who is needed there is mentioned.
    """
    due = await _newest_due(
        "conversation_id = given.place AND thread_id IS NULL", *(m.conversation_id for m in messages)
    )
    newest = {
        message.conversation_id: message
        for message in due
        if message.conversation.members <= TOLD_AT_MOST and not message.conversation.is_blocked
    }
    if not newest:
        return
    unread = await rows(UNREAD, list(newest), [message.number for message in newest.values()])
    authors = await _authors(unread)
    await tell(
        events,
        [_unread_notice(newest[line["conversation_id"]], line, authors[line["author_id"]]) for line in unread],
    )


def _unread_notice(newest: Message, line: Row, author: User) -> Notice:
    conversation = newest.conversation
    return Notice(
        id=message_notice_id(conversation.id, line["user_id"]),
        recipient_id=line["user_id"],
        kind="Message",
        actor=ActorFacts.of(author),
        message=unread_text(newest.number - line["read_number"], name_of(author), place_of(conversation)),
        data={
            "action_url": f"/conversations/{conversation.id}/",
            "content_type": "message",
            "conversation_id": str(conversation.id),
        },
        renew=True,
    )


UNREAD_IN_THREAD = f"""
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
    """Some seconds after a message in a thread: tell those who follow it and have not read it, one entry each."""
    due = await _newest_due("thread_id = given.place", event.thread_id)
    if not due or due[0].conversation.is_blocked:
        return
    newest = due[0]
    unread = await rows(UNREAD_IN_THREAD, newest.thread_id, newest.conversation_id, newest.number)
    authors = await _authors(unread)
    await tell(events, [_thread_notice(newest, line, authors[line["author_id"]]) for line in unread])


def _thread_notice(newest: Message, line: Row, author: User) -> Notice:
    assert newest.thread_id is not None
    place = f"/conversations/{newest.conversation_id}/threads/{newest.thread_id}/"
    return Notice(
        id=thread_notice_id(newest.thread_id, line["user_id"]),
        recipient_id=line["user_id"],
        kind="Reply",
        actor=ActorFacts.of(author),
        message=thread_text(newest.number - line["read_number"], name_of(author), place_of(newest.conversation)),
        data={"action_url": place, "content_type": "message"},
        renew=True,
    )


async def _newest_due(where: str, *places: str) -> list[Message]:
    """The newest message of each place that has been unread for long enough; younger ones have jobs of their own."""
    found = await rows(
        "SELECT newest.id FROM unnest($1::uuid[]) AS given (place) CROSS JOIN LATERAL ("  # noqa: S608
        f"SELECT id FROM messages WHERE {where} AND deleted_at IS NULL "
        "AND sent_at <= clock_timestamp() - make_interval(secs => $2) ORDER BY number DESC LIMIT 1) AS newest",
        places,
        unread_seconds(),
    )
    ids = {line["id"] for line in found}
    return await Message.filter(id__in=ids).select_related("conversation") if ids else []


async def _authors(unread: list[Row]) -> dict[int, User]:
    return {user.id: user for user in await User.filter(id__in={line["author_id"] for line in unread})}


async def read_answered(events: Events, event: e.MessageSent | e.ThreadMessageSent) -> None:
    """Who answers has read: they are told of this conversation, or this thread, no more."""
    message = await message_of(event)
    if message.thread_id:
        notice = thread_notice_id(message.thread_id, message.author_id)
    else:
        notice = message_notice_id(message.conversation_id, message.author_id)
    await read_by(events, message.author_id, [notice])
