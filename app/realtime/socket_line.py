"""A WebSocket as a line: frames both ways, pings, and the closing handshake."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from app.realtime import websocket
from app.realtime.connection import Connection
from app.realtime.line import NO_DESCRIPTOR, Line, OnLost
from app.realtime.outgoing import Outgoing

OnCommand = Callable[[Connection, bytes], None]


class SocketLine(Line):
    """Takes over the transport of an upgraded request. ``on_command`` gets each message of its one connection."""

    __slots__ = ("_on_command", "_parser", "_plain", "heard", "ping_seconds", "pinged", "pong_seconds")

    def __init__(
        self,
        outgoing: Outgoing,
        on_lost: OnLost,
        *,
        on_command: OnCommand,
        max_bytes: int,
        ping_seconds: float,
        pong_seconds: float,
    ) -> None:
        super().__init__(outgoing, on_lost)
        self.heard, self.pinged = time.monotonic(), 0.0
        self.ping_seconds, self.pong_seconds = ping_seconds, pong_seconds
        self._parser = websocket.Parser(max_bytes, self._message)
        self._on_command = on_command
        self._plain = NO_DESCRIPTOR

    def take_over(self, transport: asyncio.Transport) -> None:
        """Become the protocol of ``transport``, whose peer has been answered."""
        super().take_over(transport)
        # Whoever encrypts has no way past the transport.
        if transport.get_extra_info("sslcontext") is None:
            self._plain = transport.get_extra_info("socket").fileno()
        self._flows()

    def send(self, connection: Connection, data: bytes) -> None:
        """Hand over one ready-made frame or several."""
        if self.open:
            self._write(data)

    def _flows(self) -> None:
        if not (self._slow or self._pieces or self._lost or self.closing_since):
            self.descriptor = self._plain

    def close(self, connection: Connection, code: int, reason: str) -> None:
        """Say goodbye with ``code``; the peer has 2 s to answer."""
        if self.open:
            self._write_last(websocket.close_frame(code, reason))

    def go_on(self) -> None:
        """Read again, if that was paused: until now the peer could not be heard."""
        if self.transport and not self.transport.is_reading():
            self.heard = time.monotonic()
        super().go_on()

    def tick(self, now: float) -> None:
        """Ping a quiet peer, drop a silent one, and one that does not finish the closing handshake."""
        if self.closing_since:
            super().tick(now)
        elif self.pinged and now - self.pinged >= self.pong_seconds:
            self.abort()
        elif not self.pinged and now - self.heard >= self.ping_seconds:
            self.pinged = now
            self._write(websocket.PING_FRAME)

    def _message(self, opcode: int, payload: bytes) -> None:
        if opcode == websocket.TEXT or opcode == websocket.BINARY:
            if not self.closing_since:
                self._on_command(self.connections[0], payload)
        elif opcode == websocket.PING:
            if self.open:
                self._write(websocket.frame(payload, websocket.PONG))
        elif opcode == websocket.CLOSE:
            self._closed_by_peer(websocket.close_code(payload))

    def _closed_by_peer(self, code: int) -> None:
        if not self.closing_since:
            self._write_last(websocket.close_frame(code))
        self._hang_up()

    def data_received(self, data: bytes) -> None:
        """Bytes from the peer: any sign of life counts as a pong."""
        self.heard, self.pinged = time.monotonic(), 0.0
        try:
            self._parser.feed(data)
        except websocket.ProtocolError as error:
            # What follows cannot be understood; the close frame leaves first.
            self.close(self.connections[0], error.code, str(error))
            self._hang_up()
