"""The door of a socket: who may come in, and turning the request into a connection.

The route is a plain one. So a refusal is a real answer (401, 403, 429) before any upgrade, and after the 101 the
transport is taken away from Sanic, whose own WebSocket can be silenced by one peer that stops reading.
"""

from typing import Any
from urllib.parse import urlsplit

from sanic import Request

from app.errors import BadRequest, Forbidden, NotSignedIn, Problem, TooMany
from app.realtime.catch_up import Cursor
from app.realtime.connection import Connection, OnCommand, OnLost
from app.realtime.live import Live
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
    if request.ctx.session is None:
        _check_origin(request, live)
        raise NotSignedIn
    if session_of(request).kind != "token":
        # A token is not sent by a browser on its own; a cookie is, from any page.
        _check_origin(request, live)
    if live.hub.draining:
        raise Restarting(retry_after=1)
    check_counts(request, live)


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


def census_keys(request: Request) -> tuple[str, ...]:
    """What this socket counts for."""
    address = address_of(request)
    keys = (f"user:{session_of(request).user_id}",)
    return keys if is_loopback(address) else (*keys, f"address:{address}")


def check_counts(request: Request, live: Live) -> None:
    """Raises TooMany when the user or the address has as many sockets as it may."""
    limits = (live.settings.sockets_per_user, live.settings.sockets_per_address)
    for key, limit in zip(census_keys(request), limits, strict=False):
        if live.census.count(key) >= limit:
            raise TooMany("Too many open sockets.", code="too_many_sockets", retry_after=30)


def cursor_of(request: Request, live: Live) -> Cursor:
    """``?after=<seq>&epoch=<epoch>``. Raises BadRequest when ``after`` is no number."""
    text = request.args.get("after")
    epoch = request.args.get("epoch") or live.epoch
    if text is not None and not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise BadRequest("after must be a number: the newest seq that the page shows.", code="bad_cursor")
    after = None if text is None else int(text)
    foreign = after is not None and epoch != live.epoch
    return Cursor(after, foreign, live.epoch, live.settings.backlog_events)


def open_connection(request: Request, live: Live, topic: str, on_command: OnCommand, on_lost: OnLost) -> Connection:
    """Answer 101 and take the transport over. Synchronous, so that nothing happens between the two."""
    settings, session = live.settings, session_of(request)
    connection = Connection(
        session.user.facts(),
        str(session.id),
        address_of(request),
        topic=topic,
        on_command=on_command,
        on_lost=on_lost,
        max_bytes=settings.frame_bytes,
        buffer_bytes=settings.socket_buffer_bytes,
        ping_seconds=settings.ping_seconds,
        pong_seconds=settings.pong_seconds,
    )
    transport: Any = request.transport
    if transport is None or transport.is_closing():
        raise BadRequest("The peer is gone.")
    stream: Any = request.stream
    protocol = transport.get_protocol()
    headers = {"x-natter-worker": request.app.ctx.worker_name}
    transport.write(accept(request.headers["sec-websocket-key"], headers))
    early = bytes(protocol.recv_buffer)
    protocol.recv_buffer.clear()
    # Sanic's protocol forgets the socket: it neither closes it when the handler returns nor counts it as its own.
    stream.keep_alive = False
    protocol.connections.discard(protocol)
    protocol.transport = None
    connection.take_over(transport)
    if early:
        connection.data_received(early)
    return connection
