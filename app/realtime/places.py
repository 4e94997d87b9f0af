"""Where a page is in each topic that it follows, as text: the query of an event stream, and the id of its events.

``notifications=<seq>&chat=<uuid>:<seq>&epoch=<epoch>``; an empty seq means: from now on.
"""

from typing import NamedTuple
from urllib.parse import parse_qsl
from uuid import UUID

from app.errors import BadRequest

FIELDS_AT_MOST = 20


class Place(NamedTuple):
    """How far the page is in one's notifications or, with ``conversation_id``, in a conversation. None: from now on."""

    conversation_id: UUID | None
    after: int | None

    def topic(self, user_id: int) -> str:
        """The topic, for this user."""
        return f"conversation.{self.conversation_id}" if self.conversation_id else f"user.{user_id}"


def read(text: str) -> tuple[list[Place], str | None]:
    """The places in ``text``, each topic once, and their epoch. Raises BadRequest (``bad_cursor``)."""
    try:
        given = parse_qsl(text, keep_blank_values=True, max_num_fields=FIELDS_AT_MOST, errors="strict")
    except ValueError:
        raise _bad("This is not a query.") from None
    named = [(name, value) for name, value in given if name in ("notifications", "chat", "epoch")]
    if len(dict(named)) < len(named):
        raise _bad("Say notifications, chat and epoch once each.")
    places = [_place(name, value) for name, value in named if name != "epoch"]
    if not places:
        raise _bad("Say what to follow: notifications=<seq>, chat=<uuid>:<seq>, or both.")
    return places, dict(named).get("epoch") or None


def written(topics: dict[str, int | None], epoch: str) -> str:
    """The text for these topics and the seqs at which the page is."""
    parts = []
    for topic, seq in topics.items():
        kind, _, name = topic.partition(".")
        shown = "" if seq is None else seq
        parts.append(f"chat={name}:{shown}" if kind == "conversation" else f"notifications={shown}")
    return "&".join([*parts, f"epoch={epoch}"])


def seq_of(text: str) -> int:
    """A cursor. Raises BadRequest (``bad_cursor``) when it is no number."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise _bad("A cursor must be a number: the newest seq that the page shows.")
    return int(text)


def _place(name: str, value: str) -> Place:
    conversation, _, seq = value.rpartition(":") if ":" in value else (value, "", "")
    if name == "notifications":
        return Place(None, seq_of(value) if value else None)
    try:
        return Place(UUID(conversation), seq_of(seq) if seq else None)
    except ValueError:
        raise _bad("chat must be <uuid>:<seq>, a conversation and the newest seq that the page shows.") from None


def _bad(message: str) -> BadRequest:
    return BadRequest(message, code="bad_cursor")
