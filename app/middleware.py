"""What happens to every request before and after its handler: who asks, whether they may, what is logged."""

import logging
import re
import time
from functools import lru_cache
from typing import Any

from sanic import Request, Sanic
from sanic.response import BaseHTTPResponse

from app.assets import importmap_hash
from app.cookies import YEAR, keep_visitor
from app.csrf import check_csrf
from app.deadline import held_to_time, in_time
from app.errors import TooLarge
from app.heads import check_head
from app.logs import new_id, request_id
from app.meter import Meter
from app.refusal import refuse
from app.render import LATEST
from app.request import form_field, has_form, is_https, settings_of, signed_in, wants_json
from app.sign_in import find_session

READ_AWAY = 8
# No policy is needed where nothing can run, as nobody may take it for something else. A first visit fetches seventy of
# these: the policies would weigh as much as the page, and who answered which request a third of it.
NEVER_A_PAGE = ("text/javascript", "text/css", "image/jpeg")

access = logging.getLogger("natter.access")


def install(app: Sanic[Any, Any]) -> None:
    """Put these around every route of ``app``, and give every error an answer."""
    app.signal("http.routing.before")(as_meant)
    app.on_request(admit)
    app.middleware(complete, "response")
    app.exception(Exception)(refuse)
    for route in app.router.routes:
        if route.ctx.who != "public":
            route.handler = held_to_time(route.handler)


async def as_meant(request: Request) -> None:
    """Begin the request; a form's ``_method`` becomes its method, as HTML forms know neither PUT nor DELETE.

    A HEAD is handled as the GET it asks about; Sanic then leaves the body away.
    """
    request.ctx.started = time.perf_counter()
    request.ctx.id = new_id()
    request_id.set(request.ctx.id)
    check_head(request)
    if request.method == "HEAD":
        request.method = "GET"
    await refuse_large(request)
    if request.method == "POST" and has_form(request):
        await request.receive_body()  # type: ignore[no-untyped-call]
        meant = form_field(request, "_method").upper()
        if meant in ("PUT", "DELETE"):
            request.method, request.ctx.by_form = meant, True


async def refuse_large(request: Request) -> None:
    """Raises TooLarge for a body over ``REQUEST_BYTES``, after reading it away.

    Sanic would close the connection while the browser still sends, and the browser would show its own error
    page instead of ours. What is much larger still ends that way.
    """
    declared = request.headers.get("content-length", "")
    largest = settings_of(request).request_bytes
    if not declared.isdigit() or not largest < int(declared) <= READ_AWAY * largest:
        return
    stream: Any = request.stream
    stream.request_max_size = READ_AWAY * largest
    async for _ in stream:
        pass
    raise TooLarge


async def admit(request: Request) -> None:
    """Find out who asks and hold them to what the route's ``ctx_who`` says.

    ``public``: nobody is asked who they are. ``anyone``: signed in or not. ``member``: only signed in.
    """
    who = request.route.ctx.who if request.route else "anyone"
    request.ctx.session = request.ctx.user = request.ctx.opening = None
    if who != "public":
        await in_time(request, _recognise(request, who))


async def _recognise(request: Request, who: str) -> None:
    # What every page shows comes with the session, before all else the page shows: see ``Opening``.
    is_page = request.method == "GET" and not wants_json(request)
    opening = await find_session(request, LATEST if is_page else 0)
    if opening:
        request.ctx.session, request.ctx.user = opening.session, opening.session.user
        request.ctx.opening = opening if is_page else None
    if who == "member":
        signed_in(request)
    if request.route:
        check_csrf(request)


async def complete(request: Request, response: BaseHTTPResponse) -> None:
    """Add what every answer carries, and write the line about it."""
    is_page = not (response.content_type or "").startswith(NEVER_A_PAGE)
    response.headers.update(_protections(request) if is_page else {"x-content-type-options": "nosniff"})
    if getattr(request.ctx, "new_visitor", False):
        keep_visitor(request, response, request.ctx.visitor)
    response.headers.setdefault("cache-control", "private, no-store")
    if is_page:
        response.headers["x-request-id"] = getattr(request.ctx, "id", "")
        # A random name: it tells workers apart, and nothing else about them.
        response.headers["x-natter-worker"] = request.app.ctx.worker_name
    _note(request, response)


def _protections(request: Request) -> dict[str, str]:
    return _protections_of(request.headers.get("host", ""), is_https(request))


@lru_cache(maxsize=64)
def _protections_of(host: str, https: bool) -> dict[str, str]:
    sockets = f" ws://{host} wss://{host}" if re.fullmatch(r"[A-Za-z0-9.:\[\]-]+", host) else ""
    protections = {
        "content-security-policy": (
            f"default-src 'none'; script-src 'self' '{importmap_hash()}'; style-src 'self'; "
            f"img-src 'self' data: blob:; connect-src 'self'{sockets}; font-src 'self'; manifest-src 'self'; "
            "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
        ),
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
    }
    if https:
        protections["strict-transport-security"] = f"max-age={YEAR}"
    return protections


def _note(request: Request, response: BaseHTTPResponse) -> None:
    user = getattr(request.ctx, "user", None)
    started = getattr(request.ctx, "started", None)
    seconds = time.perf_counter() - started if started else None
    route = f"/{request.route.path}" if request.route else None
    meter: Meter = request.app.ctx.meter
    # Addresses that do not exist are one, however many somebody tries.
    meter.request(route or "none", response.status, seconds or 0.0)
    access.info(
        "request",
        extra={
            "method": request.method,
            "route": route,
            "status": response.status,
            "ms": round(seconds * 1000, 1) if seconds is not None else None,
            "user_id": user.id if user else None,
        },
    )
