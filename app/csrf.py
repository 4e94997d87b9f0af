"""A page of ours, and nobody else's, may act with a visitor's cookies: each unsafe request shows a token."""

import hmac
import secrets

from sanic import Request

from app.cookies import VISITOR_COOKIE
from app.errors import Forbidden
from app.models import Session
from app.request import form_field

SAFE = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})


def csrf_token(request: Request) -> str:
    """The token for this session or, signed out, for this visitor, who gets a cookie if there is none yet.

    It looks different each time. Pages are compressed, and beside a token that is always the same, somebody who sees
    how long they are could find it out letter by letter (BREACH).
    """
    return _masked(_token(request.app.ctx.site_secret, _bound_to(request, make=True)))


def check_csrf(request: Request) -> None:
    """Raises Forbidden (code ``csrf``) for an unsafe request by cookie without the right token."""
    if request.method in SAFE or _needs_none(request):
        return
    shown = request.headers.get("x-csrf-token") or form_field(request, "csrf_token")
    bound_to = _bound_to(request)
    if not bound_to or not hmac.compare_digest(_unmasked(shown), _token(request.app.ctx.site_secret, bound_to)):
        raise Forbidden("This page has expired. Please reload it and try again.", code="csrf")


def _needs_none(request: Request) -> bool:
    # A program sends a bearer token on purpose, never a browser on its own; POST /tokens uses no cookie.
    if request.route and getattr(request.route.ctx, "csrf", True) is False:
        return True
    session: Session | None = getattr(request.ctx, "session", None)
    return session is not None and session.kind == "token"


def _bound_to(request: Request, make: bool = False) -> bytes:
    session: Session | None = getattr(request.ctx, "session", None)
    if session is not None:
        return session.secret_hash.encode()
    visitor: str = getattr(request.ctx, "visitor", "") or request.cookies.get(VISITOR_COOKIE) or ""
    if make and not visitor:
        visitor = request.ctx.visitor = secrets.token_urlsafe(24)
        request.ctx.new_visitor = True
    return visitor.encode(errors="replace")


def _token(site_secret: bytes, bound_to: bytes) -> bytes:
    return hmac.digest(site_secret, b"csrf:" + bound_to, "sha256")


def _masked(token: bytes) -> str:
    mask = secrets.token_bytes(len(token))
    return (mask + _xor(mask, token)).hex()


def _unmasked(shown: str) -> bytes:
    try:
        given = bytes.fromhex(shown)
    except ValueError:
        return b""
    half = len(given) // 2
    return _xor(given[:half], given[half:])


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=False))
