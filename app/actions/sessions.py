"""Ways in: opening and ending sessions and tokens. A secret is given out once and stored only as a hash."""

import hashlib
import secrets
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from app.errors import NotFound
from app.log import Events, transaction
from app.models import Session, User
from app.models.base import rows
from bus.events import SessionEnded

SEEN_EVERY = timedelta(minutes=1)


class Opened(NamedTuple):
    """A session just made, and the secret that opens it."""

    session: Session
    secret: str


def hashed(secret: str) -> str:
    """What is stored of a secret. It has 32 random bytes, so one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


async def open_session(user: User, kind: str, label: str, address: str) -> Opened:
    """A new way in for ``user``: ``kind`` is ``cookie`` (a browser) or ``token`` (a program)."""
    secret = secrets.token_urlsafe(32)
    async with transaction():
        session = await Session.create(
            user=user, kind=kind, secret_hash=hashed(secret), label=label[:200], address=address[:64]
        )
    return Opened(session, secret)


async def end_session(user: User, session_id: UUID) -> None:
    """End one of the user's own sessions or tokens; its sockets close. Raises NotFound."""
    async with transaction() as events:
        if not await _end(events, "user_id = $1 AND id = $2", user.id, session_id):
            raise NotFound


async def end_other_sessions(events: Events, user: User, kept: Session | None) -> None:
    """End all of the user's sessions and tokens but ``kept``, in the caller's transaction."""
    if kept is None:
        await _end(events, "user_id = $1", user.id)
    else:
        await _end(events, "user_id = $1 AND id <> $2", user.id, kept.id)


async def seen(session: Session) -> None:
    """Note that the session was used, at most once a minute."""
    await rows(
        "UPDATE sessions SET seen_at = now() WHERE id = $1 AND seen_at < now() - $2::interval",
        session.id,
        SEEN_EVERY,
    )


async def _end(events: Events, which: str, *values: object) -> bool:
    ended = await rows(
        f"UPDATE sessions SET ended_at = now() WHERE {which} AND ended_at IS NULL RETURNING id, user_id",  # noqa: S608
        *values,
    )
    for session in ended:
        events.append(SessionEnded(user_id=session["user_id"], session_id=str(session["id"])))
    return bool(ended)
