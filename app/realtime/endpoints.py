"""The two sockets: ``/ws/notifications/`` and ``/ws/chat/<uuid>/``."""

import logging
import re
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from sanic import Blueprint, Request

from app.actions import messages, notifications, positions
from app.database import DATABASE_ERRORS
from app.errors import Forbidden, Invalid
from app.models import Membership, Session, User
from app.models.base import row
from app.realtime import activity, commands, frames
from app.realtime.catch_up import Cursor, welcome
from app.realtime.connection import Connection
from app.realtime.effects import NOT_SIGNED_IN
from app.realtime.handshake import census_keys, check_counts, check_handshake, cursor_of, open_connection
from app.realtime.live import Live
from app.realtime.mailbox import Mailbox, Run
from app.realtime.presence import PEOPLE_AT_MOST
from app.realtime.topics import LocalTopic
from app.realtime.websocket import frame
from app.request import session_of

logger = logging.getLogger(__name__)
bp = Blueprint("sockets")

NOT_A_MEMBER = 4403
POSITIONS_AT_MOST = 100

Afterwards = Callable[[Live, Connection, LocalTopic], Awaitable[None]]


async def notifications_socket(request: Request) -> None:
    """One's notifications, the state of one's conversations, and the posts that the page watches."""
    user_id = await _admitted(request)
    await _open(request, f"user.{user_id}", "notifications", _run_notifications(request), _after_notifications)


async def chat_socket(request: Request, conversation_id: UUID) -> None:
    """A conversation, live, for its members."""
    user_id = await _admitted(request)
    if not await Membership.filter(conversation_id=conversation_id, user_id=user_id).exists():
        raise Forbidden("You are not in this conversation.")
    await _open(request, f"conversation.{conversation_id}", "chat", _run_chat(request, conversation_id), _after_chat)


def _route(handler: Any, path: str) -> None:
    # Tells Sanic that no response is to come from the handler.
    handler.is_websocket = True
    bp.add_route(handler, path, ctx_who="anyone")


_route(notifications_socket, "/ws/notifications")
_route(chat_socket, "/ws/chat/<conversation_id:uuid>")


async def _admitted(request: Request) -> int:
    check_handshake(request, request.app.ctx.live)
    return session_of(request).user_id


async def _open(request: Request, topic: str, view: str, run: Run, afterwards: Afterwards) -> None:
    live: Live = request.app.ctx.live
    # The user's own topic is held for chats too: it brings the end of the session.
    held = await live.relay.hold(dict.fromkeys([topic, f"user.{session_of(request).user_id}"]))
    keys = census_keys(request)

    def lost(connection: Connection) -> None:
        live.hub.remove(connection)
        live.census.remove(*keys)
        live.presence.leave(connection)
        live.relay.release([*connection.held, *connection.watching])
        connection.held, connection.watching = [], set()

    mailbox = Mailbox(view, live.settings, run)
    try:
        # Only now, as nothing is awaited between counting and being counted, nor between looking at the epoch and
        # being told of another.
        cursor = cursor_of(request, live)
        check_counts(request, live)
        connection = open_connection(request, live, topic, mailbox.put, lost)
    except BaseException:
        live.relay.release(held)
        raise
    connection.held = held
    live.hub.add(connection)
    live.census.add(*keys)
    live.spawn(_serve(live, connection, held[0], cursor, afterwards, mailbox))


async def _serve(
    live: Live,
    connection: Connection,
    topic: LocalTopic,
    cursor: Cursor,
    afterwards: Afterwards,
    mailbox: Mailbox,
) -> None:
    view = "chat" if topic.kind == "conversation" else "notifications"
    try:
        # Once more, now that the end of the session, or of the membership, would be heard.
        refused = await _no_longer_allowed(connection)
        if refused:
            connection.close(refused, "not allowed any more")
            return
        if await welcome(live.relay, connection, topic, view, cursor):
            await afterwards(live, connection, topic)
    except DATABASE_ERRORS as error:
        logger.warning("socket: cannot be served now: %s", type(error).__name__)
        connection.close(1013, "try again")
    # Also when it is lost by now: what was received is run.
    mailbox.open(connection)


async def _no_longer_allowed(connection: Connection) -> int:
    if not await Session.filter(id=connection.session_id, ended_at=None).exists():
        return NOT_SIGNED_IN
    kind, _, name = connection.topic.partition(".")
    if kind == "conversation":
        member = await Membership.filter(conversation_id=name, user_id=connection.user_id).exists()
        return 0 if member else NOT_A_MEMBER
    return 0


async def _after_notifications(live: Live, connection: Connection, topic: LocalTopic) -> None:
    await _arrive(live, connection, topic)
    await activity.conversations(live, connection)


async def _arrive(live: Live, connection: Connection, topic: LocalTopic) -> None:
    """The person is here from now on, unless they hide it. They are told the unread count, unless this connection was
    meanwhile sent events newer than what was read here.
    """
    found = await row(
        "SELECT unread_notifications AS count, hides_presence, "
        "coalesce((SELECT head FROM topics WHERE name = $2), 0) AS head FROM users WHERE id = $1",
        connection.user_id,
        topic.name,
    )
    if found:
        live.presence.arrive(connection, found["hides_presence"])
    if found and found["head"] >= topic.position:
        connection.send(frame(frames.unread_count(found["count"])))


async def _after_chat(live: Live, connection: Connection, topic: LocalTopic) -> None:
    name = topic.name.partition(".")[2]
    for member in await Membership.positions(UUID(name), connection.user_id, POSITIONS_AT_MOST):
        for kind, seq in (("delivered", member.delivered_seq), ("read", member.read_seq)):
            if seq:
                connection.send(frame(frames.position(kind, seq, member.username, member.user_id)))


def _run_notifications(request: Request) -> Run:
    live: Live = request.app.ctx.live

    async def run(connection: Connection, command: commands.Command) -> None:
        match command:
            case commands.MarkRead(notification_id=notification_id):
                user = await User.get(id=connection.user_id)
                await notifications.mark_read(user, [notification_id])
            case commands.Watch():
                await activity.watch(live, connection, _checked(command))
            case commands.Presence(user_ids=user_ids):
                if len(user_ids) > PEOPLE_AT_MOST:
                    raise Invalid(code="too_many", fields={"user_ids": f"At most {PEOPLE_AT_MOST} people."})
                await live.presence.follow(connection, user_ids)
            case commands.Active(is_active=is_active):
                live.presence.active(connection, is_active)

    return run


def _checked(wanted: commands.Watch) -> commands.Watch:
    if len(wanted.posts) > activity.POSTS_AT_MOST:
        raise Invalid(code="too_many", fields={"posts": f"At most {activity.POSTS_AT_MOST} posts."})
    for post_id, seq in wanted.posts.items():
        # Plain digits only: the id becomes part of a subject.
        if not (re.fullmatch("[1-9][0-9]{0,9}", post_id) and int(post_id) < 2**31) or (seq is not None and seq < 0):
            raise Invalid(code="wrong_type", fields={"posts": "Expected post ids with the seq shown, or null."})
    return wanted


def _run_chat(request: Request, conversation_id: UUID) -> Run:
    live: Live = request.app.ctx.live

    async def run(connection: Connection, command: commands.Command) -> None:
        match command:
            case commands.ChatMessage(message=text, client_id=client_id):
                author = await User.get(id=connection.user_id)
                message, is_new = await messages.send(author, conversation_id, text, client_id)
                if not is_new:
                    # In order with everything else: its seq must not come before those below it.
                    await live.relay.reach(connection.topic, message.seq)
                    connection.send(frame(bytes(await messages.frame_of(message))))
            case commands.Typing(is_typing=is_typing):
                positions.typing(connection.user, str(conversation_id), is_typing)
            case commands.Read(seq=seq):
                await positions.read(connection.user, conversation_id, seq)
            case commands.Delivered(seq=seq):
                await positions.delivered(connection.user, conversation_id, seq)

    return run
