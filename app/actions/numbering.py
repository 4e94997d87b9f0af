"""Where messages that are to be stored belong: what the database knows of each, its number, its seq, or its refusal."""

from collections.abc import Iterator
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

import msgspec

from app.models.base import Row, rows
from app.models.message import QUOTED, MessageFacts, quote_of
from app.models.post import iso
from app.models.user import avatar_url

REPLIERS_SHOWN = 3


class Draft(NamedTuple):
    """A message as it comes from its author, checked and rendered. ``topic`` is the one that orders it."""

    id: UUID
    author_id: int
    conversation_id: UUID
    topic: str
    client_id: UUID | None
    body: str
    html: str
    mentions: tuple[str, ...]
    reply_to: UUID | None = None
    thread: UUID | None = None


class Refusal(Enum):
    """Why nothing became of a draft. BUSY: not without waiting. REPEATED: its author has used the client_id before.
    BLOCKED: one of the two blocks the other. UNQUOTABLE: what it replies to is no message of the conversation, or of
    its thread. NO_THREAD: on what it names as its thread none can hang.
    """

    BUSY = "busy"
    OUTSIDER = "outsider"
    REPEATED = "repeated"
    BLOCKED = "blocked"
    UNQUOTABLE = "unquotable"
    NO_THREAD = "no_thread"


class Numbered(NamedTuple):
    """A draft and its place. ``facts`` is the JSON of its MessageFacts, ``repliers`` who wrote last in its thread;
    ``quoted_author_id`` has written what it replies to.
    """

    draft: Draft
    seq: int
    number: int
    is_direct: bool
    facts: bytes
    repliers: str
    quoted_author_id: int | None


def columns(numbered: list[Numbered]) -> Iterator[list[Any]]:
    """What every statement that writes messages begins with: ids, conversations, authors, numbers, seqs, client ids,
    bodies and HTML.
    """
    drafts = [one.draft for one in numbered]
    yield [draft.id for draft in drafts]
    yield [draft.conversation_id for draft in drafts]
    yield [draft.author_id for draft in drafts]
    yield [one.number for one in numbered]
    yield [one.seq for one in numbered]
    yield [draft.client_id for draft in drafts]
    yield [draft.body for draft in drafts]
    yield [draft.html for draft in drafts]


class Numbering:
    """Gives each draft its place behind those before it in the same batch."""

    def __init__(self, heads: dict[str, int]) -> None:
        self._seqs = heads
        self._numbers: dict[UUID, int] = {}
        self._repliers: dict[UUID, str] = {}
        self._seen: set[tuple[int, UUID]] = set()

    def place(self, draft: Draft, standing: Row) -> Numbered | Refusal:
        """The draft with its number and seq, or why it gets none."""
        if draft.client_id:
            key = (draft.author_id, draft.client_id)
            if standing["is_repeat"] or key in self._seen:
                return Refusal.REPEATED
        if not standing["is_member"]:
            return Refusal.OUTSIDER
        if standing["is_blocked"]:
            return Refusal.BLOCKED
        if draft.thread and not standing["holds_thread"]:
            return Refusal.NO_THREAD
        if draft.reply_to and standing["quoted_id"] is None:
            return Refusal.UNQUOTABLE
        if draft.client_id:
            self._seen.add(key)
        number = self._next_number(draft, standing)
        self._seqs[draft.topic] += 1
        facts = msgspec.json.encode(_facts(draft, number, standing))
        repliers = self._repliers_with(draft, standing) if draft.thread else ""
        quoted = standing["quoted_author_id"] if draft.reply_to else None
        return Numbered(draft, self._seqs[draft.topic], number, standing["is_direct"], facts, repliers, quoted)

    def _next_number(self, draft: Draft, standing: Row) -> int:
        place = draft.thread or draft.conversation_id
        last: int = standing["replies"] if draft.thread else standing["last_number"]
        number = self._numbers[place] = self._numbers.get(place, last) + 1
        return number

    def _repliers_with(self, draft: Draft, standing: Row) -> str:
        assert draft.thread is not None
        name = standing["username"]
        known = self._repliers.get(draft.thread, str(standing["repliers"])).split()
        repliers = " ".join([name, *(other for other in known if other != name)][:REPLIERS_SHOWN])
        self._repliers[draft.thread] = repliers
        return repliers


# The time is the database's, so that it does not depend on a worker's clock. Joined, and no EXISTS: of that a plan that
# is kept might make a look at the whole table.
STANDING = """
SELECT memberships.id IS NOT NULL AS is_member, direct_key IS NOT NULL AS is_direct, is_blocked, last_number,
    users.username, users.is_verified, users.is_admin, statement_timestamp() AS now,
    known.id IS NOT NULL AS is_repeat,
    {columns}
FROM unnest($1::int[], $2::uuid[], $3::uuid[], $4::uuid[], $5::uuid[]) WITH ORDINALITY
    AS given (author, conversation, client_id, reply_to, thread, place)
LEFT JOIN memberships ON memberships.conversation_id = conversation AND memberships.user_id = author
LEFT JOIN conversations ON conversations.id = conversation
LEFT JOIN users ON users.id = author
LEFT JOIN messages known ON known.author_id = author AND known.client_id = given.client_id
{tables}
ORDER BY place
"""
# In a thread it can be something in there, or that on which the thread hangs.
_QUOTED_TABLES = """
LEFT JOIN messages quoted ON quoted.id = given.reply_to AND quoted.conversation_id = conversation
    AND (quoted.thread_id IS NOT DISTINCT FROM given.thread OR quoted.id = given.thread)
LEFT JOIN users quoted_author ON quoted_author.id = quoted.author_id
"""
# Threads do not hang on what is in one, nor begin on what was deleted.
_THREAD = """
root.id IS NOT NULL AND root.thread_id IS NULL AND (root.deleted_at IS NULL OR root.replies IS NOT NULL)
AS holds_thread, coalesce(root.replies, 0) AS replies, coalesce(root.repliers, '') AS repliers
"""
_THREAD_TABLES = "LEFT JOIN messages root ON root.id = given.thread AND root.conversation_id = conversation"
# Most batches hold no reply, and nothing of a thread: they look for neither.
_NOT_QUOTED = "NULL AS quoted_id"
OF_REPLIES = STANDING.format(columns=QUOTED, tables=_QUOTED_TABLES)
OF_OTHERS = STANDING.format(columns=_NOT_QUOTED, tables="")
OF_THREADS = STANDING.format(columns=f"{QUOTED}, {_THREAD}", tables=_QUOTED_TABLES + _THREAD_TABLES)


async def standings(drafts: list[Draft]) -> list[Row]:
    """What the database knows of each of them: its author, its conversation, its thread, what it replies to."""
    has_threads, has_replies = any(draft.thread for draft in drafts), any(draft.reply_to for draft in drafts)
    return await rows(
        OF_THREADS if has_threads else OF_REPLIES if has_replies else OF_OTHERS,
        [draft.author_id for draft in drafts],
        [draft.conversation_id for draft in drafts],
        [draft.client_id for draft in drafts],
        [draft.reply_to for draft in drafts],
        [draft.thread for draft in drafts],
    )


def _facts(draft: Draft, number: int, standing: Row) -> MessageFacts:
    sent_at = iso(standing["now"])
    return MessageFacts(
        message=draft.body,
        html=draft.html,
        username=standing["username"],
        user_id=draft.author_id,
        user_avatar=avatar_url(standing["username"]),
        timestamp=sent_at[11:16],
        sent_at=sent_at,
        message_id=str(draft.id),
        number=number,
        client_id=str(draft.client_id) if draft.client_id else None,
        is_verified=standing["is_verified"],
        is_admin=standing["is_admin"],
        reply_to=quote_of(standing),
        thread=str(draft.thread) if draft.thread else None,
    )
