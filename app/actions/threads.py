"""Following a thread, and how far one has read it. What is written in one is a message (``app.actions.messages``)."""

from uuid import UUID

from app.actions import notifications
from app.actions.signalling import signal
from app.errors import NotFound
from app.log import Events, transaction
from app.models.base import Row, row, rows
from bus import events as e
from bus import signals as s

# Who begins to follow has read what is there.
FOLLOW = """
WITH root AS (
    SELECT root.id, coalesce(replies, 0) AS replies,
        coalesce((SELECT max(seq) FROM messages said WHERE said.thread_id = root.id), 0) AS newest
    FROM messages root JOIN memberships USING (conversation_id)
    WHERE root.id = $1 AND conversation_id = $2 AND thread_id IS NULL AND user_id = $3
), changed AS (
    INSERT INTO thread_follows AS known (thread_id, user_id, is_followed, read_number, read_seq)
    SELECT id, $3, $4, replies, newest FROM root
    ON CONFLICT (thread_id, user_id) DO UPDATE SET is_followed = excluded.is_followed,
        read_number = excluded.read_number, read_seq = excluded.read_seq
    WHERE known.is_followed <> excluded.is_followed
    RETURNING read_number
)
SELECT replies, (SELECT read_number FROM changed) AS read_number FROM root
"""


async def follow(user_id: int, conversation_id: UUID, thread_id: UUID, *, is_followed: bool = True) -> None:
    """Follow a thread from now on, or no more, whatever one writes in it. The same again changes nothing.

    Any message of the conversation will do, also one on which no thread hangs yet. Raises NotFound.
    """
    async with transaction() as events:
        # The topic comes first: between looking at the thread and following it nobody writes there.
        await events.lock([f"conversation.{conversation_id}"])
        found = await row(FOLLOW, thread_id, conversation_id, user_id, is_followed)
        if found is None:
            raise NotFound
        if found["read_number"] is None:
            return
        if not is_followed:
            await notifications.withdraw(events, user_id, thread_notice_id(thread_id, user_id))
        events.append(_followed(user_id, conversation_id, thread_id, found, is_followed=is_followed))


MENTIONED = """
INSERT INTO thread_follows (thread_id, user_id, is_followed, read_number, read_seq)
SELECT said.thread_id, users.id, true, said.number - 1, said.seq - 1
FROM messages said JOIN users ON username = ANY($2::text[])
JOIN memberships ON memberships.conversation_id = said.conversation_id AND user_id = users.id
WHERE said.id = $1 ORDER BY users.id ON CONFLICT DO NOTHING
RETURNING user_id, read_number, (SELECT replies FROM messages root WHERE root.id = thread_follows.thread_id) AS replies
"""


async def follow_mentioned(
    events: Events, conversation_id: UUID, thread_id: UUID, message_id: UUID, usernames: list[str]
) -> None:
    """Those of these members who have not said anything else follow the thread in which they are mentioned.

    In the caller's transaction, which has locked the conversation's topic.
    """
    for line in await rows(MENTIONED, message_id, usernames):
        events.append(_followed(line["user_id"], conversation_id, thread_id, line, is_followed=True))


def _followed(
    user_id: int, conversation_id: UUID, thread_id: UUID, found: Row, *, is_followed: bool
) -> e.ThreadFollowed:
    return e.ThreadFollowed(
        user_id=user_id,
        conversation_id=str(conversation_id),
        thread_id=str(thread_id),
        is_followed=is_followed,
        last_number=found["replies"],
        read_number=found["read_number"],
    )


READ = """
WITH root AS (
    SELECT root.id, replies FROM messages root JOIN memberships USING (conversation_id)
    WHERE root.id = $1 AND conversation_id = $2 AND thread_id IS NULL AND user_id = $3
), newest AS (
    SELECT number, seq FROM messages WHERE thread_id = $1 AND seq <= $4 ORDER BY seq DESC LIMIT 1
), moved AS (
    UPDATE thread_follows SET read_number = newest.number, read_seq = newest.seq FROM newest, root
    WHERE thread_id = root.id AND user_id = $3 AND read_seq < newest.seq
    RETURNING read_number
)
SELECT replies, (SELECT read_number FROM moved) AS read_number FROM root
"""


async def read(user_id: int, conversation_id: UUID, thread_id: UUID, seq: int) -> None:
    """A follower has read the thread up to ``seq``; their other pages hear of it. Raises NotFound.

    The entry that tells of the thread is read with its last unread message.
    """
    async with transaction() as events:
        found = await row(READ, thread_id, conversation_id, user_id, seq)
        if found is None:
            raise NotFound
        number = found["read_number"]
        if number is not None and number >= found["replies"]:
            await notifications.read_by(events, user_id, [thread_notice_id(thread_id, user_id)])
    if number is not None:
        place = {"conversation_id": str(conversation_id), "thread_id": str(thread_id)}
        signal(s.ThreadRead(user_id=user_id, number=number, **place))


def thread_notice_id(thread_id: UUID, recipient_id: int) -> UUID:
    """One entry for all that is unread in a thread."""
    return notifications.notice_id("Reply", None, f"thread:{thread_id}", recipient_id)
