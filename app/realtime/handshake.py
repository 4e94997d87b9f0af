"""The door of a socket and of an event stream: who may come in, and turning the request into connections.

Their routes are plain ones. So a refusal is a real answer (401, 403, 429) before any upgrade, and afterwards the
transport is taken away from Sanic, whose own WebSocket can be silenced by one peer that stops reading.
"""

from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from sanic import Request

from app.errors import BadRequest, Forbidden, NotSignedIn, Problem, TooMany, WrongMethod
from app.realtime import arrivals, event_stream
from app.realtime.catch_up import Cursor
from app.realtime.connection import Connection
from app.realtime.event_stream import EventStream
from app.realtime.line import Line, OnLost
from app.realtime.live import Live
from app.realtime.places import seq_of
from app.realtime.socket_line import OnCommand, SocketLine
from app.realtime.websocket import accept, valid_key
from app.request import address_of, is_loopback, session_of


class UpgradeRequired(Problem):
    """A socket's address was asked for without an upgrade."""

    status, code, message = 426, "upgrade_required", "This address is a WebSocket."


class Restarting(Problem):
    """This worker takes no more sockets; another one does."""

    status, code, message = 503, "restarting", "This server is restarting."


def check_handshake(request: Request, live: Live) -> None:
    """Raises the Problem for a bad handshake, an outsider, a foreign page or one socket too many, in that order."""
    headers = request.headers
    if headers.get("upgrade", "").lower() != "websocket" or "upgrade" not in headers.get("connection", "").lower():
        raise UpgradeRequired
    if headers.get("sec-websocket-version") != "13" or not valid_key(headers.get("sec-websocket-key", "")):
        raise BadRequest("This is not a WebSocket handshake of version 13.")
    if _by_cookie(request):
        _check_origin(request, live)
    _admit(request, live)


def check_stream(request: Request, live: Live) -> None:
    """The same for an event stream."""
    stream: Any = request.stream
    if stream.head_only:
        raise WrongMethod
    if _by_cookie(request):
        _check_site(request, live)
    _admit(request, live)


def _by_cookie(request: Request) -> bool:
    # A token is not sent by a browser on its own; a cookie is, from any page.
    return request.ctx.session is None or session_of(request).kind != "token"


def _admit(request: Request, live: Live) -> None:
    if request.ctx.session is None:
        raise NotSignedIn
    check_room(request, live)


def _check_origin(request: Request, live: Live) -> None:
    origin = request.headers.get("origin", "")
    own = live.settings.public_origin
    if own:
        if origin.rstrip("/") != own.rstrip("/"):
            raise Forbidden("This page is not ours.", code="foreign_origin")
    elif not origin or _host_of(origin) != request.host.lower():
        raise Forbidden("This page is not ours.", code="foreign_origin")


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _check_site(request: Request, live: Live) -> None:
    """Unlike a handshake, a GET of our own page has no ``Origin``; another site's EventSource always has one.

    A browser says in ``Sec-Fetch-Site`` whose page asks: also for a link that leads here, which would bring the
    cookie (SameSite=Lax) without an ``Origin``. Where neither is said it is a program or an old browser; that sends
    the cookie along for no other site's EventSource, and without CORS headers no page of another site could read us.
    """
    if request.headers.get("origin"):
        _check_origin(request, live)
    elif request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise Forbidden("This page is not ours.", code="foreign_origin")


async def check_member(request: Request, conversation_id: UUID) -> None:
    """Raises Forbidden for outsiders, and alike for conversations that do not exist."""
    session = session_of(request)
    found = await arrivals.members.ask(arrivals.Pass(session.id, session.user_id, conversation_id))
    if not found["is_member"]:
        raise Forbidden("You are not in this conversation.")


def census_keys(request: Request) -> tuple[str, ...]:
    """What this socket or stream counts for."""
    address = address_of(request)
    keys = (f"user:{session_of(request).user_id}",)
    return keys if is_loopback(address) else (*keys, f"address:{address}")


def check_room(request: Request, live: Live) -> None:
    """Raises Restarting, or TooMany when the user or the address has as many sockets and streams as it may."""
    if live.hub.draining:
        raise Restarting(retry_after=1)
    limits = (live.settings.sockets_per_user, live.settings.sockets_per_address)
    for key, limit in zip(census_keys(request), limits, strict=False):
        if live.census.count(key) >= limit:
            raise TooMany("Too many open sockets.", code="too_many_sockets", retry_after=30)


def cursor_of(request: Request, live: Live) -> Cursor:
    """``?after=<seq>&epoch=<epoch>``. Raises BadRequest when ``after`` is no number."""
    text = request.args.get("after")
    after = None if text is None else seq_of(text)
    foreign = after is not None and (request.args.get("epoch") or live.epoch) != live.epoch
    return Cursor(after, foreign, live.epoch, live.settings.backlog_events)


def open_socket(request: Request, live: Live, topic: str, on_command: OnCommand, on_lost: OnLost) -> Connection:
    """Answer 101 and take the transport over. Synchronous, so that nothing happens between the two."""
    settings = live.settings
    line = SocketLine(
        live.outgoing,
        on_lost,
        on_command=on_command,
        max_bytes=settings.frame_bytes,
        ping_seconds=settings.ping_seconds,
        pong_seconds=settings.pong_seconds,
    )
    connection = _connection(request, topic, line)
    _take_over(request, accept(request.headers["sec-websocket-key"], _names(request)), line)
    return connection


def open_stream(request: Request, live: Live, topics: dict[str, int | None], on_lost: OnLost) -> list[Connection]:
    """Answer 200 and take the transport over; a connection for each topic, from the seqs at which the page is."""
    settings = live.settings
    line = EventStream(
        live.outgoing,
        on_lost,
        epoch=live.epoch,
        heartbeat_seconds=settings.ping_seconds,
        pong_seconds=settings.pong_seconds,
    )
    for topic, after in topics.items():
        line.begin_at(topic, after)
        _connection(request, topic, line)
    _take_over(request, event_stream.head(_names(request)), line)
    return line.connections


def _connection(request: Request, topic: str, line: Line) -> Connection:
    session = session_of(request)
    return Connection(session.user.facts(), str(session.id), address_of(request), topic=topic, line=line)


def _names(request: Request) -> dict[str, str]:
    return {"x-natter-worker": request.app.ctx.worker_name, "x-request-id": request.ctx.id}


def _take_over(request: Request, answer: bytes, line: Line) -> None:
    transport: Any = request.transport
    if transport is None or transport.is_closing():
        raise BadRequest("The peer is gone.")
    transport.write(answer)
    early: bytes = transport.get_protocol().hand_over()
    line.take_over(transport)
    if not transport.is_reading():
        transport.resume_reading()
    if early:
        line.data_received(early)
