"""Several messages in one transaction of a few statements, however many they are."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec

from app.actions import thread_batch
from app.actions.conversations import message_notice_id
from app.actions.numbering import Draft, Numbered, Numbering, Refusal, columns, standings
from app.log import Events, transaction
from app.models.base import rows
from bus import events as e


class Stored(NamedTuple):
    """What became of a draft; ``facts`` is the JSON of its MessageFacts."""

    seq: int
    number: int
    facts: bytes


# Who writes has read what came before: unread stays a subtraction. ``told``: they were being told of what they answer.
# Joined, and no EXISTS: of that a plan that is kept might make a look at the whole table. Sorted: who else locks
# memberships of several (``app/jobs/unread.py``) does it in the same order.
WRITE = """
WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::bigint[], $6::uuid[], $7::text[], $8::text[],
        $9::uuid[], $10::uuid[])
    AS given (id, conversation, author, number, seq, client_id, body, html, reply_to, notice)
), written AS (
    INSERT INTO messages (id, conversation_id, author_id, number, seq, client_id, body, html, reply_to, sent_at)
    SELECT id, conversation, author, number, seq, client_id, body, html, reply_to, $11 FROM given
), counted AS (
    UPDATE conversations SET last_number = newest.number, last_at = $11
    FROM (SELECT conversation, max(number) AS number FROM given GROUP BY conversation) AS newest
    WHERE conversations.id = newest.conversation
)
UPDATE memberships SET read_seq = own.seq, read_number = own.number, delivered_seq = own.seq, shown_seq = own.seq
FROM (
    SELECT conversation, author, max(seq) AS seq, max(number) AS number, notice
    FROM given GROUP BY conversation, author, notice ORDER BY conversation, author
) AS own
LEFT JOIN notifications ON notifications.id = own.notice AND NOT read
WHERE conversation_id = own.conversation AND user_id = own.author
RETURNING conversation_id, user_id, notifications.id IS NOT NULL AS told
"""


class _Nothing(Exception):
    """Leaves the transaction, undoing what the locks have written."""


async def write(drafts: list[Draft], *, wait: bool) -> list[Stored | Refusal]:
    """Store and announce them; what became of each, in order. A draft that is refused changes nothing.

    Without ``wait`` those are BUSY in whose conversation somebody else writes just now. Raises the database's errors,
    and then nothing is stored of any; IntegrityError when a client_id is used elsewhere at the same moment.
    """
    placed: dict[UUID, Numbered | Refusal] = {}
    try:
        async with transaction() as events:
            # The topics' locks come first: whoever waits here sees all that was committed before.
            heads = await events.lock([draft.topic for draft in drafts], wait=wait)
            free = [draft for draft in drafts if draft.topic in heads]
            found = await standings(free) if free else []
            numbering = Numbering(heads)
            for draft, standing in zip(free, found, strict=True):
                placed[draft.id] = numbering.place(draft, standing)
            numbered = [one for one in placed.values() if isinstance(one, Numbered)]
            if not numbered:
                raise _Nothing
            await _store(events, numbered, found[0]["now"])
    except _Nothing:
        pass  # rolled back, as the lock has made a topic of a conversation that may not exist
    return [_outcome(placed.get(draft.id, Refusal.BUSY)) for draft in drafts]


def _outcome(placed: Numbered | Refusal) -> Stored | Refusal:
    return placed if isinstance(placed, Refusal) else Stored(placed.seq, placed.number, placed.facts)


async def _store(events: Events, numbered: list[Numbered], sent_at: datetime) -> None:
    """Write the rows and announce them, in their order: that is the order of their seqs."""
    said = [one for one in numbered if one.draft.thread is None]
    told = await _write(said, sent_at) if said else set()
    # Most batches hold nothing of a thread, and pay nothing for it.
    in_threads = [one for one in numbered if one.draft.thread is not None]
    hearers = await thread_batch.write(in_threads, sent_at) if in_threads else thread_batch.Hearers()
    for one in numbered:
        if one.draft.thread is None:
            _announce(events, one, told)
        else:
            hearers.announce(events, one)


async def _write(numbered: list[Numbered], sent_at: datetime) -> set[tuple[UUID, int]]:
    """Write the rows; in which conversations, and who of the authors there, was being told of unread messages."""
    drafts = [one.draft for one in numbered]
    found = await rows(
        WRITE,
        *columns(numbered),
        [draft.reply_to for draft in drafts],
        [message_notice_id(draft.conversation_id, draft.author_id) for draft in drafts],
        sent_at,
    )
    return {(row["conversation_id"], row["user_id"]) for row in found if row["told"]}


def _announce(events: Events, one: Numbered, told: set[tuple[UUID, int]]) -> None:
    answers = (one.draft.conversation_id, one.draft.author_id)
    events.append(
        e.MessageSent(
            conversation_id=str(one.draft.conversation_id),
            message=msgspec.Raw(one.facts),
            direct=one.is_direct,
            answers=answers in told,
            mentions=one.draft.mentions,
            replied_to=_replied_to(one),
        )
    )
    # The first of them answers; what comes after it in this batch answers nothing more.
    told.discard(answers)


def _replied_to(one: Numbered) -> int | None:
    """Who is to hear that they were replied to: in a conversation of two they hear of the message anyway."""
    return one.quoted_author_id if not one.is_direct and one.quoted_author_id != one.draft.author_id else None
