"""What an operator published: reading it, checking it, and storing the notification or the reason against it."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid5

import msgspec

from app.actions.accounts import is_username
from app.actions.notifications import NAMESPACE, Notice, tell
from app.errors import Invalid
from app.log import transaction
from app.models import KINDS, ActorFacts, User
from app.models.base import row
from app.text import checked

ID_LENGTH = 128
DATA_BYTES = 8 * 1024
PAYLOAD_KEPT = 8 * 1024


class Refused(Exception):
    """The publication cannot be accepted. ``reason`` is one word, ``detail`` a sentence for the operator."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class Publication(msgspec.Struct, forbid_unknown_fields=True):
    """The JSON that is published to ``notify.<username>``; ``{"message": "…"}`` is enough."""

    message: str
    notification_type: str = "System"
    actor: str | None = None
    data: dict[str, Any] = {}
    id: str | None = None


async def accept(username: str, payload: bytes, published: str) -> None:
    """Store the notification for ``username`` and announce it. The first of an ``id`` per recipient wins.

    ``published`` tells this publication from all others; a redelivery has the same. Raises Refused, and the
    database's errors, after which the publication may be tried again.
    """
    given = decode(payload)
    recipient = await User.get_or_none(username=username.lower())
    if recipient is None:
        raise Refused("unknown_user", f"There is no user {username[:60]!r}.")
    actor = await _actor(given.actor)
    key = f"id:{given.id}" if given.id is not None else f"published:{published}"
    async with transaction() as events:
        notice = Notice(
            id=notice_key(recipient.id, key),
            recipient_id=recipient.id,
            kind=given.notification_type,
            actor=ActorFacts.of(actor) if actor else None,
            message=given.message,
            data=given.data,
        )
        await tell(events, [notice])


def notice_key(recipient_id: int, key: str) -> UUID:
    """The notification's id for an operator's own id, or for this one publication."""
    return uuid5(NAMESPACE, f"notify:{recipient_id}:{key}")


def decode(payload: bytes) -> Publication:
    """Read and check what can be checked without the database. Raises Refused."""
    try:
        given = msgspec.json.decode(payload, type=Publication)
    except msgspec.ValidationError as error:
        reason = "unknown_field" if "unknown field" in str(error) else "wrong_type"
        reason = "missing_field" if "missing required" in str(error) else reason
        raise Refused(reason, str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise Refused("bad_json", "The payload is not a JSON object.") from None
    try:
        given.message = checked(given.message, "message")
        if given.id is not None:
            checked(given.id, "id", ID_LENGTH)
    except Invalid as error:
        raise Refused(error.code, error.message) from None
    if given.notification_type not in KINDS:
        raise Refused("unknown_type", f"notification_type must be one of {', '.join(KINDS)}.")
    _check_data(given.data)
    return given


def _check_data(data: dict[str, Any]) -> None:
    try:
        if len(msgspec.json.encode(data)) > DATA_BYTES:
            raise Refused("too_long", f"data may have {DATA_BYTES} bytes at most.")
        if any("\x00" in text for text in _texts(data)):
            raise Refused("bad_text", "data contains characters that cannot be stored.")
    except RecursionError:
        raise Refused("too_long", "data is nested too deeply.") from None
    link = data.get("action_url")
    if link is not None and not is_link(link):
        raise Refused("bad_link", "data.action_url must be http(s) or a path of this site.")


def _texts(content: object) -> Iterator[str]:
    """Every string in decoded JSON, keys too."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, dict):
        yield from content
        for value in content.values():
            yield from _texts(value)
    elif isinstance(content, list):
        for value in content:
            yield from _texts(value)


def is_link(link: object) -> bool:
    """Whether ``link`` is an http(s) address or a path of this site, and nothing that a browser reads otherwise."""
    if not isinstance(link, str) or len(link) > 2000 or any(ord(c) <= 32 or c == "\\" for c in link):
        return False
    if link.startswith("/"):
        return not link.startswith("//")
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)


async def _actor(username: str | None) -> User | None:
    if username is None:
        return None
    actor = await User.get_or_none(username=username.lower()) if is_username(username) else None
    if actor is None:
        raise Refused("unknown_actor", f"There is no user {username[:60]!r} to be the actor.")
    return actor


async def reject(subject: str, payload: bytes, refused: Refused, published: str) -> None:
    """Keep what was refused, with the reason, once."""
    await row(
        "INSERT INTO rejected (subject, payload, reason, detail, published, at) "
        "VALUES ($1, $2, $3, $4, $5, clock_timestamp()) ON CONFLICT (published) DO NOTHING RETURNING id",
        subject[:256],
        payload[:PAYLOAD_KEPT],
        refused.reason,
        refused.detail[:1000].replace("\x00", ""),
        published,
    )
