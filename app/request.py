"""Reading a request: which form of answer it wants, its body, who sent it and from where."""

import json as stdlib_json
import re
from datetime import UTC, datetime
from typing import Any, TypeVar, cast, get_origin, get_type_hints
from uuid import UUID

import msgspec
from sanic import Request
from sanic.exceptions import InvalidHeader

from app.config import Settings
from app.errors import BadRequest, Invalid, NotSignedIn, WrongKind
from app.models import Session, User
from app.text import printable

Body = TypeVar("Body", bound=msgspec.Struct)

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
OURS = frozenset({"csrf_token", "_method"})
LARGEST_ID = 2**31 - 1
LARGEST_SEQ = 2**62


def wants_json(request: Request) -> bool:
    """Whether the answer is JSON: it is preferred, or anything is taken and only a program can ask so."""
    if is_live(request):
        return True
    takes_anything = "text/html" not in request.headers.get("accept", "*/*")
    if takes_anything and (has_json(request) or is_by_program(request)):
        return True
    try:
        return str(request.accept.match("text/html", "application/json")) == "application/json"
    except (ValueError, InvalidHeader):
        return False


def is_live(request: Request) -> bool:
    """Whether this asks for a socket or an event stream: a refusal must keep its status, and nobody sees a page."""
    is_socket = request.headers.get("upgrade", "").lower() == "websocket"
    return is_socket or "text/event-stream" in request.headers.get("accept", "")


def is_by_program(request: Request) -> bool:
    """Whether no HTML form can have sent this: a PUT or DELETE that was not a form's ``_method``."""
    return request.method in ("PUT", "DELETE") and not getattr(request.ctx, "by_form", False)


def has_json(request: Request) -> bool:
    """Whether the body is declared as JSON."""
    kind = _content_type(request)
    return kind == "application/json" or kind.endswith("+json")


def has_form(request: Request) -> bool:
    """Whether the body is declared as a form."""
    return _content_type(request) in FORMS


async def body(request: Request, kind: type[Body]) -> Body:
    """The form or JSON object in the body as a ``kind``.

    Raises BadRequest (not JSON, or no object), WrongKind, and Invalid with a message for each field that is
    unknown, missing or of the wrong type.
    """
    lists = {name for name, hint in get_type_hints(kind).items() if get_origin(hint) is list}
    given = form_fields(request, lists) if has_form(request) else json_object(request)
    return _converted(given, kind, strict=not has_form(request))


class _Place(msgspec.Struct, frozen=True, kw_only=True):
    seq: int


async def seq_in(request: Request) -> int:
    """The ``seq`` in the body: a place in a conversation. Raises Invalid."""
    seq = (await body(request, _Place)).seq
    if not 0 <= seq < LARGEST_SEQ:
        raise Invalid(fields={"seq": "This is not a place in the conversation."})
    return seq


def json_object(request: Request) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty one. Raises BadRequest or WrongKind."""
    if not request.body:
        return {}
    if not has_json(request):
        raise WrongKind
    try:
        given = _parsed(request.body)
    except (ValueError, RecursionError):
        raise BadRequest("This is not JSON.", code="invalid_json") from None
    if not isinstance(given, dict):
        raise BadRequest("Send a JSON object.", code="invalid_json")
    return given


def form_fields(request: Request, lists: set[str] | frozenset[str] = frozenset()) -> dict[str, Any]:
    """The form's own fields; those named in ``lists`` with every value, others with their last one.

    A form writes each line break as CRLF (HTML, "constructing the entry list"); nobody typed those.
    """
    return {
        name: [_typed(value) for value in values] if name in lists else _typed(values[-1])
        for name, values in _form(request).items()
        if name not in OURS
    }


def form_field(request: Request, name: str) -> str:
    """One field of the form, also of those that are ours; empty when there is none."""
    return _form(request).get(name, [""])[-1] if has_form(request) else ""


def signed_in(request: Request) -> User:
    """Who is asking. Raises NotSignedIn."""
    user: User | None = getattr(request.ctx, "user", None)
    if user is None:
        raise NotSignedIn
    return user


def session_of(request: Request) -> Session:
    """The session or token by which they are signed in. Raises NotSignedIn."""
    session: Session | None = getattr(request.ctx, "session", None)
    if session is None:
        raise NotSignedIn
    return session


def settings_of(request: Request) -> Settings:
    """The settings of the site that answers."""
    settings: Settings = request.app.ctx.settings
    return settings


def page_cursor(request: Request, name: str = "before", largest: int = LARGEST_ID) -> int | None:
    """The id, or the seq, in ``?before=…``, or None. Raises Invalid when it is no number."""
    text = request.args.get(name)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 18:
        raise Invalid(fields={name: "This is not a place in the list."})
    return min(int(text), largest)


def moment_cursor(request: Request) -> tuple[datetime, UUID] | None:
    """The place ``<time>_<uuid>`` in ``?before=…`` of a list that is ordered by time, or None. Raises Invalid."""
    moment, _, name = (request.args.get("before") or "").replace(" ", "+").partition("_")
    if not moment:
        return None
    try:
        return datetime.fromisoformat(moment).astimezone(UTC), UUID(name)
    except (ValueError, OverflowError):
        raise Invalid(fields={"before": "This is not a place in the list."}) from None


def as_cursor(moment: datetime, name: object) -> str:
    """The place of a row in such a list."""
    return f"{moment.isoformat()}_{name}"


def local_path(text: str | None) -> str:
    """``text`` if it is a path of this site, else ``/``: never a way to send somebody elsewhere."""
    return text if text and re.fullmatch(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*", text) else "/"


def address_of(request: Request) -> str:
    """The sender's address: of the socket, or as the outermost of our ``trusted_proxies`` proxies saw it."""
    trusted = settings_of(request).trusted_proxies
    # All lines of that name: a proxy may add one of its own below one that the sender made up.
    forwarded = ",".join(request.headers.getall("x-forwarded-for", []))
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    return hops[-trusted][:64] if 0 < trusted <= len(hops) else str(request.ip)


def is_loopback(address: str) -> bool:
    """Whether the sender is on this machine; such senders are exempt from the limits per address."""
    return address.startswith("127.") or address in ("::1", "", "localhost")


def limited_address(request: Request) -> str:
    """The sender's address where limits per address hold for it, else empty."""
    address = address_of(request)
    return "" if is_loopback(address) else address


def is_https(request: Request) -> bool:
    """Whether people reach this site by https, as ``PUBLIC_ORIGIN`` says."""
    return settings_of(request).public_origin.startswith("https://")


def _content_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def _form(request: Request) -> dict[str, list[str]]:
    # A plain dict: the lookup of Sanic's own gives one value where its items give lists.
    return cast(dict[str, list[str]], dict(request.form or {}))


def _typed(value: str) -> str:
    return value.replace("\r\n", "\n")


def _parsed(text: bytes) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        # To msgspec a lone surrogate is a syntax error; the standard library lets it through, to be named.
        return stdlib_json.loads(text)


def _converted(given: dict[str, Any], kind: type[Body], strict: bool) -> Body:
    unknown = [name for name in given if name not in kind.__struct_fields__]
    wrong = {printable(name)[:60]: "This is not known here." for name in unknown}
    values: dict[str, Any] = {}
    hints = get_type_hints(kind)
    for field in msgspec.structs.fields(kind):
        if field.name not in given:
            if field.required:
                wrong[field.name] = "This is missing."
            continue
        try:
            values[field.name] = msgspec.convert(given[field.name], hints[field.name], strict=strict)
        except msgspec.ValidationError:
            wrong[field.name] = "This is not of the right kind."
    if wrong:
        raise Invalid(fields=wrong)
    return kind(**values)
