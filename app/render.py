"""Answers: pages from templates, JSON, redirects; and what every template may use."""

import ast
import re
import zlib
from collections.abc import Callable, Collection, Sequence
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Any
from urllib.parse import quote

import jinja2
import msgspec
from jinja2.ext import Extension
from markupsafe import Markup
from sanic import HTTPResponse, Request
from sanic.response import raw

from app.assets import ROOT, asset, icon, importmap
from app.csrf import csrf_token
from app.errors import Problem
from app.log.read import head
from app.models import MessageFacts, Notification, NotificationFacts, Opening, User
from app.request import form_fields, settings_of, wants_json

LATEST = 10
# Of 5 KB each, drawn in a sixth of a millisecond: fifty of them were most of what a chat's page cost.
ROWS = 1024
GZIP = 31
CSRF_FIELD = Markup('<input type="hidden" name="csrf_token" value="{}">')
# Nothing that is escaped can look like it.
TOKEN_HERE = Markup("<csrf-token>")


async def page(request: Request, template: str, status: int = 200, **context: Any) -> HTTPResponse:
    """The template as a page. Beside ``context`` it has what every page shows: see ``_common`` below.

    A page that says that we failed shows nobody and asks the database nothing.
    """
    user: User | None = getattr(request.ctx, "user", None) if status < 500 else None
    common = await _common(request, user)
    return _html(request, rendered(template, common | {"status": status} | context), status)


async def form_again(request: Request, problem: Problem, template: str, **context: Any) -> HTTPResponse:
    """The form again, with what was entered and what is wrong with it. Programs get the problem itself."""
    if wants_json(request) or problem.status >= 500:
        raise problem
    fields = {name: value for name, value in form_fields(request).items() if "password" not in name}
    errors = problem.fields or {"": problem.message}
    response = await page(request, template, problem.status, fields=fields, errors=errors, **context)
    if problem.retry_after is not None:
        response.headers["retry-after"] = str(problem.retry_after)
    return response


def rendered(template: str, context: dict[str, Any]) -> bytes:
    """The template as UTF-8.

    Encoded piece by piece: a whole page with one emoji in it takes four bytes for each letter until it is encoded.
    """
    drawn = environment.get_template(template)
    return b"".join([piece.encode() for piece in drawn.root_render_func(drawn.new_context(context))])


def json(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> HTTPResponse:
    """Anything msgspec can encode, as JSON."""
    return raw(msgspec.json.encode(content), status=status, headers=headers, content_type="application/json")


def no_content() -> HTTPResponse:
    """Done, and there is nothing to say (204)."""
    return HTTPResponse(status=204)


def see_other(request: Request, url: str) -> HTTPResponse:
    """Done; the browser goes on to ``url``, a path of ours, with a GET (303)."""
    return HTTPResponse(status=303, headers={"location": quote(url, safe="/?=&@%#:,;+~!$'()*")})


def done(request: Request, then: str) -> HTTPResponse:
    """Done, with nothing to say: 204 for a program, and a browser goes on to ``then`` (303)."""
    return no_content() if wants_json(request) else see_other(request, then)


def back(request: Request, otherwise: str) -> str:
    """Where a form without script returns to: the page it was on if that was ours, else ``otherwise``."""
    here = f"{request.scheme}://{request.host}/"
    origin = settings_of(request).public_origin.rstrip("/") + "/"
    before = request.headers.get("referer", "")
    ours = next((site for site in (origin, here) if len(site) > 1 and before.startswith(site)), None)
    return "/" + before[len(ours) :].lstrip("/\\") if ours else otherwise


def ago(sent_at: str) -> str:
    """How long ago ``2024-01-01T12:00:00.000Z`` was, in as few letters as say it."""
    moment = datetime.fromisoformat(sent_at)
    seconds = max(0, int((datetime.now(UTC) - moment).total_seconds()))
    for size, unit in ((7 * 86400, ""), (86400, "d"), (3600, "h"), (60, "m")):
        if seconds >= size:
            return f"{seconds // size}{unit}" if unit else _date(moment)
    return "now"


def kept(template: str, macro: str, *given: Any) -> Markup:
    """What a macro of a template draws for this, kept: what it shows is the key, so nothing of it is ever stale."""
    return _keeping(template, macro)(*given)


def kept_forms(csrf_token: str, template: str, macro: str, *given: Any) -> Markup:
    """The same of a macro with forms, which say ``csrf_here``: a page's token is its own."""
    return kept(template, macro, *given).replace(TOKEN_HERE, csrf_token)


def kept_row(
    seq: int,
    message: MessageFacts,
    state: str,
    chat: str,
    username: str,
    hidden: Collection[str],
    chosen: Sequence[str],
    prefix: str = "message-",
) -> Markup:
    """``message_row`` of the templates, kept: the next one to open the conversation sees nearly all the same rows.

    What it shows is the key, so nothing of it is ever out of date.
    """
    # Whose page it is shows in the emoji alone.
    reader = username if message.reactions else ""
    given = (seq, message, state, chat, reader, frozenset(hidden), tuple(chosen), prefix)
    return kept("conversation/_message.html", "message_row", *given)


@cache
def _keeping(template: str, macro: str) -> Callable[..., Markup]:
    draw: Callable[..., Markup] = getattr(environment.get_template(template).module, macro)
    return lru_cache(maxsize=ROWS)(draw)


def _html(request: Request, text: bytes, status: int) -> HTTPResponse:
    headers = {"vary": "accept-encoding"}
    if "gzip" in request.headers.get("accept-encoding", ""):
        # A tenth of the bytes for half a millisecond; level 6 would take twice as long for a fifth less.
        headers["content-encoding"] = "gzip"
        text = zlib.compress(text, 1, wbits=GZIP)
    return raw(text, status=status, headers=headers, content_type="text/html; charset=utf-8")


async def _common(request: Request, user: User | None) -> dict[str, Any]:
    settings, token = settings_of(request), csrf_token(request)
    cursor, latest = await _lately(request, user) if user else (0, [])
    return {
        "me": user.facts() if user else None,
        "csrf_token": token,
        "csrf_field": CSRF_FIELD.format(token),
        "unread": user.unread_notifications if user else 0,
        "cursor": cursor,
        "latest": latest,
        "epoch": request.app.ctx.live.epoch,
        "path": request.path,
        "next_url": request.path if request.method == "GET" and not user else "/",
        "text_length": settings.text_length,
    }


async def _lately(request: Request, user: User) -> tuple[int, list[NotificationFacts]]:
    """The cursor of the user's topic, and their newest notifications: the cursor first, as sockets go on from there."""
    opening: Opening | None = getattr(request.ctx, "opening", None)
    cursor = opening.head if opening else await head(f"user.{user.id}")
    if opening and not getattr(request.ctx, "has_read", False):
        return cursor, opening.latest
    return cursor, [told.facts for told in await Notification.listed(user.id, None, LATEST)]


def _date(moment: datetime) -> str:
    this_year = moment.year == datetime.now(UTC).year
    return f"{moment.day} {moment:%b}" if this_year else f"{moment.day} {moment:%b %Y}"


class Dense(Extension):
    """Does once, when a template is compiled, what would be the same for every page."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The template with the icons and addresses of files drawn in, and without the indentation of its lines."""
        drawn = re.sub(r"""\{\{ (icon|asset)\((["'\w, ./-]+)\) \}\}""", _drawn, source)
        return re.sub(r"\n[ \t\n]+", "\n", drawn)


def _drawn(call: re.Match[str]) -> str:
    try:
        given = ast.literal_eval(f"({call[2]},)")
    except (ValueError, SyntaxError):
        return call[0]  # what is drawn depends on the page
    return {"icon": icon, "asset": asset}[call[1]](*given)


environment = jinja2.Environment(
    loader=jinja2.FileSystemLoader(ROOT / "templates"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    extensions=[Dense],
    # A template is read once. Looking for changes took a fifth of the time of a page.
    auto_reload=False,
    cache_size=-1,
)
environment.globals.update(icon=icon, asset=asset, importmap=importmap, ago=ago)
environment.globals.update(kept=kept, kept_forms=kept_forms, kept_row=kept_row, csrf_here=CSRF_FIELD.format(TOKEN_HERE))
# So that `tojson` takes facts, which are msgspec structures, as they are.
environment.policies["json.dumps_function"] = lambda content, **_: msgspec.json.encode(content).decode()
