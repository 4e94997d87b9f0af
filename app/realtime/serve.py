"""What a connection is told once its line is open: the backlog, then what is not in the log but shown all the same."""

import logging
from collections.abc import Sequence
from uuid import UUID

from app.database import DATABASE_ERRORS
from app.models.base import Row
from app.realtime import activity, arrivals, commands, frames
from app.realtime.catch_up import Cursor, welcome
from app.realtime.connection import Connection
from app.realtime.effects import NOT_SIGNED_IN
from app.realtime.line import Line
from app.realtime.live import Live
from app.realtime.topics import LocalTopic
from app.realtime.websocket import frame

logger = logging.getLogger(__name__)


async def serve(
    live: Live,
    connection: Connection,
    topic: LocalTopic,
    cursor: Cursor,
    standing: Sequence[commands.StandingCommand] = (),
) -> None:
    """Bring the connection up to date and let it listen; close it when it may not any more, or cannot be served."""
    is_chat = topic.kind == "conversation"
    try:
        # Once more, now that the end of the session, or of the membership, would be heard.
        found = await (_member(connection, topic) if is_chat else _person(connection))
        # Beside what a block of this very moment has done to it.
        if found["hides"]:
            connection.hides |= frozenset(found["hides"])
        refused = _refused(found)
        if refused:
            connection.close(refused, "not allowed any more")
        elif await welcome(live.relay, connection, topic, "chat" if is_chat else "notifications", cursor):
            if is_chat:
                await _after_chat(connection, topic)
            else:
                await _after_notifications(live, connection, topic, found)
                for command in standing:
                    await stand(live, connection, command)
    except DATABASE_ERRORS as error:
        logger.warning("connection: cannot be served now: %s", type(error).__name__)
        connection.close(1013, "try again")


async def stand(live: Live, connection: Connection, command: commands.StandingCommand) -> None:
    """Do what holds for a notifications connection until it is said anew. Raises Invalid."""
    match commands.checked(command):
        case commands.Watch() as wanted:
            await activity.watch(live, connection, wanted)
        case commands.Presence(user_ids=user_ids):
            await live.presence.follow(connection, user_ids)
        case commands.Active(is_active=is_active):
            live.presence.active(connection, is_active)


def let_go(live: Live, line: Line) -> None:
    """The line is gone: its connections listen to nothing any more."""
    for connection in line.connections:
        live.hub.remove(connection)
        live.presence.leave(connection)
        live.relay.release([*connection.held, *connection.watching])
        connection.held, connection.watching = [], frozenset()


async def _member(connection: Connection, topic: LocalTopic) -> Row:
    session_id, conversation_id = UUID(connection.session_id), UUID(topic.name.partition(".")[2])
    return await arrivals.members.ask(arrivals.Pass(session_id, connection.user_id, conversation_id))


async def _person(connection: Connection) -> Row:
    return await arrivals.people.ask(arrivals.Pass(UUID(connection.session_id), connection.user_id))


def _refused(found: Row) -> int:
    if not found["is_signed_in"]:
        return NOT_SIGNED_IN
    return 0 if found.get("is_member", True) else activity.NOT_A_MEMBER


async def _after_notifications(live: Live, connection: Connection, topic: LocalTopic, found: Row) -> None:
    if found["head"] < topic.position:
        # Something happened to them since that was read, and this connection may have begun after it.
        found = await _person(connection)
    _arrive(live, connection, topic, found)
    await activity.conversations(live, connection, found["conversations"])
    await activity.threads(live.changes, connection)


def _arrive(live: Live, connection: Connection, topic: LocalTopic, found: Row) -> None:
    """The person is here from now on, unless they hide it. They are told the unread count, unless this connection was
    meanwhile sent events newer than what was read here.
    """
    if found["count"] is not None:  # else there is no such user any more
        live.presence.arrive(connection, found["hides_presence"])
        if found["head"] >= topic.position:
            connection.send(frame(frames.unread_count(found["count"])))


async def _after_chat(connection: Connection, topic: LocalTopic) -> None:
    name = topic.name.partition(".")[2]
    for member in await arrivals.positions_of_others(UUID(name), connection.user_id):
        for kind, seq in (("delivered", member.delivered_seq), ("read", member.read_seq)):
            if seq:
                connection.send(frame(frames.position(kind, seq, member.username, member.user_id)))
