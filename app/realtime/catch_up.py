"""One way to catch up: page, first connect, reconnect, slow tab and closed laptop all come through here."""

from typing import NamedTuple

from app.log import read
from app.realtime import frames
from app.realtime.connection import Connection
from app.realtime.relay import Relay
from app.realtime.topics import LocalTopic
from app.realtime.websocket import frame
from bus.encoding import decode_event

PAGE = 200


class Cursor(NamedTuple):
    """What a page knows: the newest seq it shows (None: start from now), and whether that was in another epoch.

    ``epoch`` is the site's now; ``limit`` is how many events a cursor may be behind.
    """

    after: int | None
    foreign: bool
    epoch: str
    limit: int


class CannotResume(Exception):
    """The cursor is no place in this log to go on from: too old, too far behind, from the future, another epoch."""


async def resumable(relay: Relay, topic: LocalTopic, cursor: int, limit: int) -> bool:
    """Whether the log can go on from ``cursor``: not below its floor, not from the future, at most ``limit`` behind."""
    # A page drawn just now may show an event whose ring has not come here yet.
    await relay.reach(topic.name, cursor)
    if cursor == topic.position:
        return True
    found = await read.extent(topic.name)
    return found.floor <= cursor <= found.head and found.head - cursor <= limit


async def catch_up(relay: Relay, connection: Connection, topic: LocalTopic, view: str, cursor: int) -> None:
    """Send what ``view`` shows of the events after ``cursor``, then join the live listeners.

    The last check and the joining happen in one turn of the loop, at the same position: nothing can fall between.
    Raises CannotResume when the log does not hold what comes next.
    """
    while connection.open:
        if cursor == topic.position:
            relay.hub.join((topic.name, view), connection)
            return
        cursor = await _next_page(relay, connection, topic, view, cursor)


async def _next_page(relay: Relay, connection: Connection, topic: LocalTopic, view: str, cursor: int) -> int:
    entries = await read.after(topic.name, cursor, PAGE)
    if not entries or entries[0].seq != cursor + 1:
        raise CannotResume
    for entry in entries:
        if connection.buffered > connection.half_full:
            await connection.drained()
        event = decode_event(entry.body)
        connection.send(frames.piece_of(event, entry.seq, view).seen_by(connection))
        # The log may be ahead of the bus: then those who are live already get it from here too.
        relay.feed(topic, entry.seq, event)
    return entries[-1].seq


async def welcome(relay: Relay, connection: Connection, topic: LocalTopic, view: str, cursor: Cursor) -> bool:
    """Say hello, catch up and say caught_up; or say reset and close. True when the connection is live."""
    after = topic.position if cursor.after is None else cursor.after
    accepted = not cursor.foreign and await resumable(relay, topic, after, cursor.limit)
    resumed = accepted and cursor.after is not None
    hello = frames.build("hello", topic=topic.name, epoch=cursor.epoch, seq=topic.position, resumed=resumed)
    connection.send(frame(hello))
    try:
        if not accepted:
            raise CannotResume
        await catch_up(relay, connection, topic, view, after)
    except CannotResume:
        connection.send(frame(frames.build("reset")))
        connection.close(1000, "reset")
        return False
    connection.send(frame(frames.build("caught_up", seq=topic.position)))
    return True
