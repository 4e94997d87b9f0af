"""Who asks: the living session or token that a request shows."""

import asyncio
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from sanic import Request

from app.actions.sessions import SEEN_EVERY, hashed, seen
from app.cookies import SESSION_COOKIE
from app.models import Opening, Session
from app.request import settings_of

Answer = TypeVar("Answer")

DATABASE_SECONDS = 4.0


async def find_session(request: Request, latest: int = 0) -> Opening | None:
    """The living session of the bearer token or, when there is no such header, of the cookie.

    With it come what every page shows of its user: see ``Opening``.
    """
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    kind, secret = ("token", bearer.strip()) if scheme.lower() == "bearer" else ("cookie", _cookie(request))
    if not secret:
        return None
    opening = await Session.opened_by(hashed(secret), latest)
    now = datetime.now(UTC)
    if opening is None or opening.session.kind != kind:
        return None
    session = opening.session
    if kind == "cookie" and session.seen_at < now - timedelta(days=settings_of(request).session_days):
        return None
    if session.seen_at < now - SEEN_EVERY:
        await seen(session)
    return opening


async def in_time(work: Coroutine[Any, Any, Answer]) -> Answer:
    """What ``work`` gives. Raises TimeoutError when it takes too long, and leaves it to end by itself.

    Every request asks the database here first, so that one which has frozen is noticed soon. Cancelling would not
    do: giving back the connection of a cancelled query waits for the server as well.
    """
    task = asyncio.ensure_future(work)
    await asyncio.wait({task}, timeout=DATABASE_SECONDS)
    if task.done():
        return task.result()
    task.add_done_callback(lambda late: late.cancelled() or late.exception())
    raise TimeoutError


def _cookie(request: Request) -> str:
    return str(request.cookies.get(SESSION_COOKIE) or "")
