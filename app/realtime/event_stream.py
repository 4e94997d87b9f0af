"""An event stream as a line: the frames of all topics of a page as server-sent events (HTML, section 9.2).

Each event names its topic, and its id says where the page is in all of them: ``Last-Event-ID`` goes on from there.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Mapping

import msgspec

from app.realtime import frames, places
from app.realtime.connection import Connection
from app.realtime.line import Line, OnLost
from app.realtime.outgoing import Outgoing
from app.realtime.websocket import payloads

HEARTBEAT = b":\n\n"


class Head(msgspec.Struct):
    """What an id needs to know of a frame."""

    type: str
    seq: int | None = None


_head = msgspec.json.Decoder(Head)


def head(headers: Mapping[str, str]) -> bytes:
    """The beginning of the response. It has no length: it ends with the connection."""
    lines = {
        "content-type": "text/event-stream; charset=utf-8",
        "cache-control": "no-store",
        # nginx would gather events otherwise.
        "x-accel-buffering": "no",
        "x-content-type-options": "nosniff",
        "connection": "close",
    } | dict(headers)
    return ("HTTP/1.1 200 OK\r\n" + "".join(f"{name}: {value}\r\n" for name, value in lines.items()) + "\r\n").encode()


class EventStream(Line):
    """Takes over the transport of a request. Its connections share one buffer and one end."""

    __slots__ = ("_epoch", "_heartbeat_seconds", "_patience", "_seqs", "beat")

    def __init__(
        self, outgoing: Outgoing, on_lost: OnLost, *, epoch: str, heartbeat_seconds: float, pong_seconds: float
    ) -> None:
        super().__init__(outgoing, on_lost)
        self.beat = time.monotonic()
        self._epoch, self._heartbeat_seconds = epoch, heartbeat_seconds
        self._patience = heartbeat_seconds + pong_seconds
        self._seqs: dict[str, int | None] = {}

    def begin_at(self, topic: str, after: int | None) -> None:
        """The page is there in ``topic``."""
        self._seqs[topic] = after

    def take_over(self, transport: asyncio.Transport) -> None:
        """Become the protocol of ``transport``, whose peer has been sent the head."""
        super().take_over(transport)
        if hasattr(socket, "TCP_USER_TIMEOUT"):
            # Nobody answers a heartbeat: a peer is gone when the kernel waits this long for it to take one.
            raw = transport.get_extra_info("socket")
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(self._patience * 1000))

    def send(self, connection: Connection, data: bytes) -> None:
        """Carry WebSocket frames: they are built once for everyone, and taken apart again for who has a stream."""
        if self.open:
            self._write(b"".join(self._event(connection.topic, payload) for payload in payloads(data)))

    def close(self, connection: Connection, code: int, reason: str) -> None:
        """Say ``closed`` with the code that a socket would be closed with, and end the response."""
        if self.open:
            self._write_last(self._event(connection.topic, frames.build("closed", code=code)))
            self._hang_up()

    def tick(self, now: float) -> None:
        """Send a comment now and then, so that nothing on the way takes the stream for dead."""
        super().tick(now)
        if self.open and now - self.beat >= self._heartbeat_seconds:
            self.beat = now
            self._write(HEARTBEAT)

    def data_received(self, data: bytes) -> None:
        """A request has been answered here; nothing that follows it is."""

    def _event(self, topic: str, payload: bytes) -> bytes:
        frame = _head.decode(payload)
        if frame.seq is not None and frame.type not in frames.ELSEWHERE:
            self._seqs[topic] = frame.seq
        elif frame.type == "reset":
            # Who comes back with this id has fetched the page again, or begins from now.
            self._seqs[topic] = None
        if frame.type != "hello":
            payload = b'%b,"topic":"%b"}' % (payload[:-1], topic.encode())
        return b"id: %b\ndata: %b\n\n" % (places.written(self._seqs, self._epoch).encode(), payload)
