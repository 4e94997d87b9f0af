"""The two sockets: ``/ws/notifications/`` and ``/ws/chat/<uuid>/``."""

from collections.abc import Coroutine
from functools import cache, partial
from typing import Any
from uuid import UUID

from sanic import Blueprint, Request

from app.realtime import commands, execute
from app.realtime.catch_up import Cursor
from app.realtime.connection import Connection
from app.realtime.handshake import census_keys, check_handshake, check_member, check_room, cursor_of, open_socket
from app.realtime.line import Line
from app.realtime.live import Live
from app.realtime.mailbox import Duties, Mailbox
from app.realtime.serve import let_go, serve, stand
from app.realtime.topics import LocalTopic
from app.realtime.websocket import frame
from app.request import session_of

bp = Blueprint("sockets")

Serving = Coroutine[Any, Any, None]
"""What is left to do for a connection that is open: to bring it up to date."""


async def notifications(request: Request) -> Serving:
    """Open ``/ws/notifications/``; what is given is then to be run. Raises the Problem for who may not have it."""
    check_handshake(request, request.app.ctx.live)
    return await _open(request, f"user.{session_of(request).user_id}", _notifications_duties(request.app.ctx.live))


async def chat(request: Request, conversation_id: UUID) -> Serving:
    """The same for ``/ws/chat/<uuid>/``."""
    check_handshake(request, request.app.ctx.live)
    await check_member(request, conversation_id)
    return await _open(request, f"conversation.{conversation_id}", _chat_duties(request.app.ctx.live, conversation_id))


async def notifications_socket(request: Request) -> None:
    """One's notifications, the state of one's conversations, and the posts that the page watches."""
    request.app.ctx.live.spawn(await notifications(request))


async def chat_socket(request: Request, conversation_id: UUID) -> None:
    """A conversation, live, for its members."""
    request.app.ctx.live.spawn(await chat(request, conversation_id))


def _route(handler: Any, path: str) -> None:
    # Tells Sanic that no response is to come from the handler.
    handler.is_websocket = True
    bp.add_route(handler, path, ctx_who="anyone")


_route(notifications_socket, "/ws/notifications")
_route(chat_socket, "/ws/chat/<conversation_id:uuid>")


async def _open(request: Request, topic: str, duties: Duties) -> Serving:
    live: Live = request.app.ctx.live
    # The user's own topic is held for chats too: it brings the end of the session.
    held = await live.relay.hold(dict.fromkeys([topic, f"user.{session_of(request).user_id}"]))
    keys = census_keys(request)

    def lost(line: Line) -> None:
        live.census.remove(*keys)
        let_go(live, line)

    mailbox = Mailbox(live.settings, duties)
    try:
        # Only now, as nothing is awaited between counting and being counted, nor between looking at the epoch and
        # being told of another.
        cursor = cursor_of(request, live)
        check_room(request, live)
        connection = open_socket(request, live, topic, mailbox.put, lost)
    except BaseException:
        live.relay.release(held)
        raise
    connection.held = held
    live.hub.add(connection)
    live.census.add(*keys)
    return _serve(live, connection, held[0], cursor, mailbox)


async def _serve(live: Live, connection: Connection, topic: LocalTopic, cursor: Cursor, mailbox: Mailbox) -> None:
    await serve(live, connection, topic, cursor)
    # Also when it is lost by now: what was received is run.
    mailbox.open(connection)


@cache
def _notifications_duties(live: Live) -> Duties:
    # The same for everybody: there are very many of these sockets, and they are silent.
    return Duties("notifications", partial(_notified, live))


async def _notified(live: Live, connection: Connection, command: commands.Command) -> None:
    match command:
        case commands.MarkRead() | commands.Block() | commands.Unblock():
            await execute.for_notifications(connection.user_id, command)
        case commands.Watch() | commands.Presence() | commands.Active():
            await stand(live, connection, command)


def _chat_duties(live: Live, conversation_id: UUID) -> Duties:
    async def run(connection: Connection, command: commands.Command) -> None:
        repeated = await execute.for_chat(connection.user, conversation_id, command)
        if repeated:
            # In order with everything else: its seq must not come before those below it.
            await live.relay.reach(connection.topic, repeated.seq)
            connection.send(frame(bytes(repeated.frame)))

    def at_once(connection: Connection, command: commands.Command) -> bool:
        return execute.at_once(connection.user, str(conversation_id), command)

    return Duties("chat", run, at_once)
