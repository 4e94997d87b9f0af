"""Who asks: the living session or token that a request shows."""

from datetime import UTC, datetime, timedelta

from sanic import Request

from app.actions.sessions import SEEN_EVERY, hashed, seen
from app.batches import Batches
from app.cookies import SESSION_COOKIE
from app.models import Opening, Session
from app.pulse import Pulse
from app.request import settings_of

_openings: Batches[str, Opening | None] = Batches(Session.opened_by_each)


async def find_session(request: Request, latest: int = 0) -> Opening | None:
    """The living session of the bearer token or, when there is no such header, of the cookie.

    With it come what every page shows of its user: see ``Opening``.
    """
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    kind, secret = ("token", bearer.strip()) if scheme.lower() == "bearer" else ("cookie", _cookie(request))
    if not secret:
        return None
    opening = await (Session.opened_by(hashed(secret), latest) if latest else _openings.ask(hashed(secret)))
    pulse: Pulse = request.app.ctx.pulse
    now = datetime.fromtimestamp(pulse.now(), UTC)
    if opening is None or opening.session.kind != kind:
        return None
    session = opening.session
    if kind == "cookie" and session.seen_at < now - timedelta(days=settings_of(request).session_days):
        return None
    if session.seen_at < now - SEEN_EVERY:
        await seen(session)
    return opening


def _cookie(request: Request) -> str:
    return str(request.cookies.get(SESSION_COOKIE) or "")
