"""Who asks: the living session or token that a request shows."""

from datetime import UTC, datetime, timedelta

from sanic import Request

from app.actions.sessions import SEEN_EVERY, hashed, seen
from app.cookies import SESSION_COOKIE
from app.models import Session
from app.pulse import Pulse
from app.request import settings_of


async def find_session(request: Request) -> Session | None:
    """The living session of the bearer token or, when there is no such header, of the cookie."""
    scheme, _, bearer = request.headers.get("authorization", "").partition(" ")
    kind, secret = ("token", bearer.strip()) if scheme.lower() == "bearer" else ("cookie", _cookie(request))
    if not secret:
        return None
    session = await Session.opened_by(hashed(secret))
    pulse: Pulse = request.app.ctx.pulse
    now = datetime.fromtimestamp(pulse.now(), UTC)
    if session is None or session.kind != kind:
        return None
    if kind == "cookie" and session.seen_at < now - timedelta(days=settings_of(request).session_days):
        return None
    if session.seen_at < now - SEEN_EVERY:
        await seen(session)
    return session


def _cookie(request: Request) -> str:
    return str(request.cookies.get(SESSION_COOKIE) or "")
