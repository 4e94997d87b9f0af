"""The two cookies of this site: neither can be read by a script or is sent along by another site's form."""

from sanic import Request
from sanic.response import BaseHTTPResponse

from app.request import is_https, settings_of

SESSION_COOKIE = "natter_session"
VISITOR_COOKIE = "natter_visitor"
YEAR = 365 * 24 * 3600


def keep_session(request: Request, response: BaseHTTPResponse, secret: str) -> None:
    """Let this browser be signed in by ``secret``."""
    _set(request, response, SESSION_COOKIE, secret, int(settings_of(request).session_days * 24 * 3600))


def forget_session(request: Request, response: BaseHTTPResponse) -> None:
    """Let this browser be nobody's."""
    _set(request, response, SESSION_COOKIE, "", 0)


def keep_visitor(request: Request, response: BaseHTTPResponse, visitor: str) -> None:
    """Know this browser again before anybody is signed in: its CSRF tokens are bound to that."""
    _set(request, response, VISITOR_COOKIE, visitor, YEAR)


def _set(request: Request, response: BaseHTTPResponse, name: str, value: str, seconds: int) -> None:
    response.add_cookie(name, value, max_age=seconds, httponly=True, samesite="Lax", secure=is_https(request), path="/")
