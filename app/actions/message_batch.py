"""Several messages in one transaction of a few statements, however many they are."""

from datetime import datetime
from enum import Enum
from typing import NamedTuple
from uuid import UUID

import msgspec

from app.actions.conversations import message_notice_id
from app.log import Events, transaction
from app.models.base import Row, rows
from app.models.message import QUOTED, MessageFacts, quote_of
from app.models.post import iso
from app.models.user import avatar_url
from bus import events as e


class Draft(NamedTuple):
    """A message as it comes from its author, checked and rendered."""

    id: UUID
    author_id: int
    conversation_id: UUID
    client_id: UUID | None
    body: str
    html: str
    mentions: tuple[str, ...]
    reply_to: UUID | None = None

    @property
    def topic(self) -> str:
        """The topic that orders it."""
        return f"conversation.{self.conversation_id}"


class Stored(NamedTuple):
    """What became of a draft; ``facts`` is the JSON of its MessageFacts."""

    seq: int
    number: int
    facts: bytes


class Refusal(Enum):
    """Why nothing became of a draft. BUSY: not without waiting. REPEATED: its author has used the client_id before.
    BLOCKED: one of the two blocks the other. UNQUOTABLE: what it replies to is no message of the conversation.
    """

    BUSY = "busy"
    OUTSIDER = "outsider"
    REPEATED = "repeated"
    BLOCKED = "blocked"
    UNQUOTABLE = "unquotable"


class _Nothing(Exception):
    """Leaves the transaction, undoing what the locks have written."""


class _Numbered(NamedTuple):
    draft: Draft
    seq: int
    number: int
    is_direct: bool
    facts: bytes


class _Numbering:
    """Gives each draft its place behind those before it in the same batch."""

    def __init__(self, heads: dict[str, int]) -> None:
        self._seqs = heads
        self._numbers: dict[UUID, int] = {}
        self._seen: set[tuple[int, UUID]] = set()

    def place(self, draft: Draft, standing: Row) -> _Numbered | Refusal:
        """The draft with its number and seq, or why it gets none."""
        if draft.client_id:
            key = (draft.author_id, draft.client_id)
            if standing["is_repeat"] or key in self._seen:
                return Refusal.REPEATED
        if not standing["is_member"]:
            return Refusal.OUTSIDER
        if standing["is_blocked"]:
            return Refusal.BLOCKED
        if draft.reply_to and standing["quoted_id"] is None:
            return Refusal.UNQUOTABLE
        if draft.client_id:
            self._seen.add(key)
        last: int = standing["last_number"]
        number = self._numbers.get(draft.conversation_id, last) + 1
        self._numbers[draft.conversation_id] = number
        self._seqs[draft.topic] += 1
        facts = msgspec.json.encode(_facts(draft, number, standing))
        return _Numbered(draft, self._seqs[draft.topic], number, standing["is_direct"], facts)


# The time is the database's, so that it does not depend on a worker's clock.
STANDING = """
SELECT memberships.id IS NOT NULL AS is_member, direct_key IS NOT NULL AS is_direct, is_blocked, last_number,
    users.username, users.is_verified, users.is_admin, statement_timestamp() AS now,
    EXISTS (SELECT FROM messages WHERE author_id = given.author AND messages.client_id = given.client_id) AS is_repeat,
    {columns}
FROM unnest($1::int[], $2::uuid[], $3::uuid[], $4::uuid[]) WITH ORDINALITY
    AS given (author, conversation, client_id, reply_to, place)
LEFT JOIN memberships ON memberships.conversation_id = conversation AND memberships.user_id = author
LEFT JOIN conversations ON conversations.id = conversation
LEFT JOIN users ON users.id = author
{tables}
ORDER BY place
"""
_QUOTED_TABLES = """
LEFT JOIN messages quoted ON quoted.id = given.reply_to AND quoted.conversation_id = conversation
LEFT JOIN users quoted_author ON quoted_author.id = quoted.author_id
"""
# No plan is kept, and two more tables to join would be planned for each batch: most hold no reply.
OF_REPLIES = STANDING.format(columns=QUOTED, tables=_QUOTED_TABLES)
OF_OTHERS = STANDING.format(columns="NULL AS quoted_id", tables="")

# Who writes has read what came before: unread stays a subtraction. ``told``: they were being told of what they answer.
WRITE = """
WITH given AS (
    SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::int[], $5::bigint[], $6::uuid[], $7::text[], $8::text[],
        $11::uuid[]) AS given (id, conversation, author, number, seq, client_id, body, html, reply_to)
), written AS (
    INSERT INTO messages (id, conversation_id, author_id, number, seq, client_id, body, html, reply_to, sent_at)
    SELECT id, conversation, author, number, seq, client_id, body, html, reply_to, $9 FROM given
), counted AS (
    UPDATE conversations SET last_number = newest.number, last_at = $9
    FROM (SELECT conversation, max(number) AS number FROM given GROUP BY conversation) AS newest
    WHERE conversations.id = newest.conversation
)
UPDATE memberships SET read_seq = own.seq, read_number = own.number, delivered_seq = own.seq, shown_seq = own.seq
FROM (
    SELECT conversation, author, max(seq) AS seq, max(number) AS number, notice
    FROM given JOIN unnest($1::uuid[], $10::uuid[]) AS notices (id, notice) USING (id)
    GROUP BY conversation, author, notice
) AS own
WHERE conversation_id = own.conversation AND user_id = own.author
RETURNING conversation_id, user_id, EXISTS (SELECT FROM notifications WHERE id = own.notice AND NOT read) AS told
"""


async def write(drafts: list[Draft], *, wait: bool) -> list[Stored | Refusal]:
    """Store and announce them; what became of each, in order. A draft that is refused changes nothing.

    Without ``wait`` those are BUSY in whose conversation somebody else writes just now. Raises the database's errors,
    and then nothing is stored of any; IntegrityError when a client_id is used elsewhere at the same moment.
    """
    placed: dict[UUID, _Numbered | Refusal] = {}
    try:
        async with transaction() as events:
            # The topics' locks come first: whoever waits here sees all that was committed before.
            heads = await events.lock([draft.topic for draft in drafts], wait=wait)
            free = [draft for draft in drafts if draft.topic in heads]
            standings = await _standings(free) if free else []
            numbering = _Numbering(heads)
            for draft, standing in zip(free, standings, strict=True):
                placed[draft.id] = numbering.place(draft, standing)
            numbered = [found for found in placed.values() if isinstance(found, _Numbered)]
            if not numbered:
                raise _Nothing
            told = await _store(numbered, standings[0]["now"])
            _announce(events, numbered, told)
    except _Nothing:
        pass  # rolled back, as the lock has made a topic of a conversation that may not exist
    return [_outcome(placed.get(draft.id, Refusal.BUSY)) for draft in drafts]


def _outcome(placed: _Numbered | Refusal) -> Stored | Refusal:
    return placed if isinstance(placed, Refusal) else Stored(placed.seq, placed.number, placed.facts)


async def _standings(drafts: list[Draft]) -> list[Row]:
    return await rows(
        OF_REPLIES if any(draft.reply_to for draft in drafts) else OF_OTHERS,
        [draft.author_id for draft in drafts],
        [draft.conversation_id for draft in drafts],
        [draft.client_id for draft in drafts],
        [draft.reply_to for draft in drafts],
    )


def _facts(draft: Draft, number: int, standing: Row) -> MessageFacts:
    sent_at: datetime = standing["now"]
    return MessageFacts(
        message=draft.body,
        html=draft.html,
        username=standing["username"],
        user_id=draft.author_id,
        user_avatar=avatar_url(standing["username"]),
        timestamp=sent_at.strftime("%H:%M"),
        sent_at=iso(sent_at),
        message_id=str(draft.id),
        number=number,
        client_id=str(draft.client_id) if draft.client_id else None,
        is_verified=standing["is_verified"],
        is_admin=standing["is_admin"],
        reply_to=quote_of(standing),
    )


async def _store(numbered: list[_Numbered], sent_at: datetime) -> set[tuple[UUID, int]]:
    """Write the rows; in which conversations, and who of the authors there, was being told of unread messages."""
    drafts = [one.draft for one in numbered]
    found = await rows(
        WRITE,
        [draft.id for draft in drafts],
        [draft.conversation_id for draft in drafts],
        [draft.author_id for draft in drafts],
        [one.number for one in numbered],
        [one.seq for one in numbered],
        [draft.client_id for draft in drafts],
        [draft.body for draft in drafts],
        [draft.html for draft in drafts],
        sent_at,
        [message_notice_id(draft.conversation_id, draft.author_id) for draft in drafts],
        [draft.reply_to for draft in drafts],
    )
    return {(row["conversation_id"], row["user_id"]) for row in found if row["told"]}


def _announce(events: Events, numbered: list[_Numbered], told: set[tuple[UUID, int]]) -> None:
    for one in numbered:
        answers = (one.draft.conversation_id, one.draft.author_id)
        events.append(
            e.MessageSent(
                conversation_id=str(one.draft.conversation_id),
                message=msgspec.Raw(one.facts),
                direct=one.is_direct,
                answers=answers in told,
                mentions=one.draft.mentions,
            )
        )
        # The first of them answers; what comes after it in this batch answers nothing more.
        told.discard(answers)
