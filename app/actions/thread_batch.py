"""Messages of threads, stored together: numbered in their thread, followed from then on by who wrote them."""

from datetime import datetime
from uuid import UUID

import msgspec

from app.actions.numbering import Numbered, columns
from app.actions.threads import thread_notice_id
from app.log import Events
from app.models.base import rows
from app.models.thread import FOLLOWERS_TOLD
from bus import events as e

# Who writes has read what came before, and follows from now on. So does who wrote what the thread hangs on, beginning
# with this (a seq of 0 says that they have read nothing of it). Not those who said that they do not want to.
WRITE = """
WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::bigint[], $6::uuid[], $7::text[], $8::text[],
        $9::uuid[], $10::uuid[], $11::text[])
    AS given (id, conversation, author, number, seq, client_id, body, html, reply_to, thread, repliers)
), written AS (
    INSERT INTO messages
        (id, conversation_id, author_id, number, seq, client_id, body, html, reply_to, thread_id, sent_at)
    SELECT id, conversation, author, number, seq, client_id, body, html, reply_to, thread, $12 FROM given
), summed_up AS (
    UPDATE messages SET replies = newest.number, replied_at = $12, repliers = newest.repliers
    FROM (SELECT DISTINCT ON (thread) thread, number, repliers FROM given ORDER BY thread, number DESC) AS newest
    WHERE messages.id = newest.thread
    RETURNING messages.id, messages.conversation_id, messages.author_id
), following AS (
    SELECT thread, author, number, seq FROM given
    UNION ALL SELECT thread, author_id, number - 1, 0
    FROM summed_up JOIN given ON thread = summed_up.id JOIN memberships USING (conversation_id)
    WHERE user_id = author_id
)
INSERT INTO thread_follows (thread_id, user_id, is_followed, read_number, read_seq)
SELECT thread, author, true, coalesce(max(number) FILTER (WHERE seq > 0), min(number)), max(seq)
FROM following GROUP BY thread, author ORDER BY thread, author
ON CONFLICT (thread_id, user_id) DO UPDATE SET read_number = excluded.read_number, read_seq = excluded.read_seq
WHERE excluded.read_seq > 0
"""
HEARERS = f"""
SELECT root.id AS thread, (array_agg(user_id ORDER BY user_id))[:{FOLLOWERS_TOLD}] AS followers,
    (SELECT array_agg(id) FROM notifications WHERE id = ANY($2::uuid[]) AND NOT read) AS told
FROM messages root JOIN thread_follows follow ON follow.thread_id = root.id
JOIN memberships USING (conversation_id, user_id)
WHERE root.id = ANY($1::uuid[]) AND is_followed GROUP BY root.id
"""  # noqa: S608


class Hearers:
    """Who follows the threads of a batch, and who of its authors was being told of the one they wrote in."""

    def __init__(self) -> None:
        self.followers: dict[UUID, tuple[int, ...]] = {}
        self.told: set[UUID] = set()

    def announce(self, events: Events, one: Numbered) -> None:
        """Announce a message of one of these threads."""
        thread = one.draft.thread
        assert thread is not None
        notice = thread_notice_id(thread, one.draft.author_id)
        events.append(
            e.ThreadMessageSent(
                conversation_id=str(one.draft.conversation_id),
                thread_id=str(thread),
                message=msgspec.Raw(one.facts),
                followers=self.followers.get(thread, ()),
                answers=notice in self.told,
                mentions=one.draft.mentions,
            )
        )
        # The first of them answers; what comes after it in this batch answers nothing more.
        self.told.discard(notice)


async def write(numbered: list[Numbered], sent_at: datetime) -> Hearers:
    """Write the rows, in the caller's transaction, which has locked their topics."""
    drafts = [one.draft for one in numbered]
    await rows(
        WRITE,
        *columns(numbered),
        [draft.reply_to for draft in drafts],
        [draft.thread for draft in drafts],
        [one.repliers for one in numbered],
        sent_at,
    )
    notices = [thread_notice_id(draft.thread, draft.author_id) for draft in drafts if draft.thread]
    hearers = Hearers()
    for line in await rows(HEARERS, [draft.thread for draft in drafts], notices):
        hearers.followers[line["thread"]] = tuple(line["followers"])
        hearers.told.update(line["told"] or ())
    return hearers
