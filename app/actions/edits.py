"""Editing messages and deleting them for everyone, in the order in which everything is said there."""

from typing import NamedTuple
from uuid import UUID

import msgspec

from app.actions.blocks import refuse_blocked
from app.errors import Conflict, Forbidden, NotFound
from app.log import Events, transaction
from app.log.scrub import replace, scrub_at, scrub_quotes
from app.models import Message
from app.models.base import Row, row
from app.models.conversation import DELETED
from app.models.membership import outranks
from app.models.message import Said
from app.text import checked, mentions_in, rendered
from bus import events as e

EDITS_AT_MOST = 100


class NotYours(Forbidden):
    """Somebody else has said it."""

    code, message = "not_yours", "Only who wrote a message can change it."


class TooLate(Forbidden):
    """It was sent too long ago to be edited (``EDIT_SECONDS``)."""

    code, message = "too_late", "This message is too old to be edited."


class Deleted(Conflict):
    """It was deleted for everyone; nothing can be done with what is left."""

    code, message = "message_deleted", "This message was deleted."


class TooManyEdits(Conflict):
    """Every version is kept, and there are as many as we keep."""

    code, message = "too_many_edits", f"A message can be edited {EDITS_AT_MOST} times, and not again."


class _Patience:
    seconds = 86400.0


def edit_within(seconds: float) -> None:
    """In this process: a message can be edited for so long after it was sent."""
    _Patience.seconds = seconds


class _Locked(NamedTuple):
    """A message as it is for the asking member, in a transaction that has locked its conversation's topic."""

    standing: Row
    next_seq: int


async def edit(user_id: int, conversation_id: UUID, message_id: UUID, text: str) -> Said:
    """Give one's own message other words, and announce them; the message as it is then. The same words change nothing.

    Raises Invalid (field ``message``), NotFound, NotYours, TooLate, Deleted, TooManyEdits.
    """
    body = checked(text, "message")
    async with transaction() as events:
        standing, seq = await _lock(events, user_id, conversation_id, message_id)
        if standing["author_id"] != user_id:
            raise NotYours
        if standing["is_deleted"]:
            raise Deleted
        await refuse_blocked(conversation_id)
        if standing["is_old"]:
            raise TooLate
        if standing["body"] != body:
            if standing["edits"] >= EDITS_AT_MOST:
                raise TooManyEdits
            await row(EDIT, message_id, body, rendered(body), seq)
        said = await _said(conversation_id, message_id)
        if standing["body"] != body:
            mentions = mentions_in(body)
            events.append(
                e.MessageEdited(
                    conversation_id=str(conversation_id),
                    message=msgspec.Raw(msgspec.json.encode(said.facts)),
                    message_seq=said.seq,
                    is_newest=standing["is_newest"],
                    mentions=mentions,
                    unmentioned=tuple(name for name in mentions_in(standing["body"]) if name not in mentions),
                )
            )
    return said


async def delete(user_id: int, conversation_id: UUID, message_id: UUID) -> Said:
    """Delete a message for everyone: its words leave the table, its versions and the log. Twice is once.

    One's own, or in a group that of somebody below oneself. What is left of it; a thread that hangs on it stays.
    Raises NotFound, NotYours, Forbidden (``not_allowed``).
    """
    async with transaction() as events:
        standing, _ = await _lock(events, user_id, conversation_id, message_id)
        is_own = standing["author_id"] == user_id
        if not is_own:
            _refuse_to_remove(standing["role"], standing["author_role"])
        if standing["is_deleted"]:
            return await _said(conversation_id, message_id)
        gone = await row(DELETE, message_id, not is_own)
        assert gone is not None
        await scrub_at(f"conversation.{conversation_id}", gone["seqs"])
        await scrub_quotes(f"conversation.{conversation_id}", message_id, DELETED)
        said = await _said(conversation_id, message_id)
        facts = msgspec.Raw(msgspec.json.encode(said.facts))
        if said.facts.thread:
            # It counts for what hangs on the root, also for pages that have missed it: they get what is left of it.
            left = e.ThreadMessageSent(conversation_id=str(conversation_id), thread_id=said.facts.thread, message=facts)
            await replace(left, said.seq)
        events.append(
            e.MessageDeleted(
                conversation_id=str(conversation_id),
                message=facts,
                message_seq=said.seq,
                is_newest=standing["is_newest"],
            )
        )
    return said


def _refuse_to_remove(role: str, author_role: str | None) -> None:
    if outranks(role, author_role):
        return
    if outranks(role, "member"):
        raise Forbidden("Only the group's owner can delete this message.", code="not_allowed")
    raise NotYours


STANDING = """
SELECT m.author_id, m.body, m.deleted_at IS NOT NULL AS is_deleted,
    m.thread_id IS NULL AND m.number = c.last_number AS is_newest,
    role, (SELECT role FROM memberships WHERE conversation_id = c.id AND user_id = m.author_id) AS author_role,
    m.sent_at < statement_timestamp() - make_interval(secs => $4) AS is_old,
    (SELECT count(*) FROM message_versions WHERE message_id = m.id) AS edits
FROM messages m JOIN conversations c ON c.id = m.conversation_id
JOIN memberships ON memberships.conversation_id = c.id AND user_id = $1
WHERE c.id = $2 AND m.id = $3
"""
EDIT = """
WITH kept AS (
    INSERT INTO message_versions (message_id, seq, body, html, said_at)
    SELECT id, coalesce(edited_seq, seq), body, html, coalesce(edited_at, sent_at) FROM messages WHERE id = $1
)
UPDATE messages SET body = $2, html = $3, edited_at = statement_timestamp(), edited_seq = $4 WHERE id = $1
"""
# ``seqs``: where in the log its words stand.
DELETE = """
WITH gone AS (DELETE FROM message_versions WHERE message_id = $1 RETURNING seq),
    reacted AS (DELETE FROM reactions WHERE message_id = $1)
UPDATE messages SET body = '', html = '', reacted = NULL, edited_at = NULL, deleted_at = statement_timestamp(),
    is_removed = $2
WHERE id = $1
RETURNING ARRAY(SELECT seq FROM gone) || seq || coalesce(edited_seq, seq) AS seqs
"""


async def _lock(events: Events, user_id: int, conversation_id: UUID, message_id: UUID) -> _Locked:
    # The topic's lock comes first: whoever waits here sees what was done to the message before.
    topic = f"conversation.{conversation_id}"
    heads = await events.lock([topic])
    standing = await row(STANDING, user_id, conversation_id, message_id, _Patience.seconds)
    if standing is None:
        raise NotFound
    return _Locked(standing, heads[topic] + 1)


async def _said(conversation_id: UUID, message_id: UUID) -> Said:
    said = await Message.said(conversation_id, message_id)
    assert said is not None
    return said
