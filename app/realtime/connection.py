"""A connection: one socket, one object, a bounded buffer. It is never waited for.

Frames gather during one turn of the event loop and go out together in one write. Over the bound the connection is
aborted: its browser comes back and resumes from its cursor.
"""

import asyncio
import socket
import time
from collections.abc import Callable

from app.models import UserFacts
from app.realtime import websocket
from app.realtime.hub import Channel
from app.realtime.topics import LocalTopic
from app.realtime.totals import totals

KERNEL_BUFFER_BYTES = 64 * 1024
CLOSING_SECONDS = 2.0

OnCommand = Callable[["Connection", bytes], None]
OnLost = Callable[["Connection"], None]


class Connection(asyncio.Protocol):
    """Takes over the transport of an upgraded request. ``on_command`` gets each message, ``on_lost`` the end."""

    __slots__ = (
        "_bound",
        "_flushing",
        "_frames",
        "_lost",
        "_on_command",
        "_on_lost",
        "_parser",
        "_waiting",
        "_writable",
        "address",
        "after_post",
        "channels",
        "closing_since",
        "feed",
        "following",
        "heard",
        "held",
        "ping_seconds",
        "pinged",
        "pong_seconds",
        "session_id",
        "topic",
        "transport",
        "user",
        "user_id",
        "watching",
    )

    def __init__(
        self,
        user: UserFacts,
        session_id: str,
        address: str,
        *,
        topic: str,
        on_command: OnCommand,
        on_lost: OnLost,
        max_bytes: int,
        buffer_bytes: int,
        ping_seconds: float,
        pong_seconds: float,
    ) -> None:
        self.user, self.user_id, self.session_id, self.address = user, user.id, session_id, address
        self.topic = topic
        self.channels: set[Channel] = set()
        self.held: list[LocalTopic] = []
        self.watching: set[LocalTopic] = set()
        self.feed = False
        self.following: frozenset[int] = frozenset()
        self.after_post: int | None = None
        self.transport: asyncio.Transport | None = None
        self.heard, self.pinged, self.closing_since = time.monotonic(), 0.0, 0.0
        self.ping_seconds, self.pong_seconds = ping_seconds, pong_seconds
        self._parser = websocket.Parser(max_bytes, self._message)
        self._on_command, self._on_lost = on_command, on_lost
        self._bound = buffer_bytes
        self._frames: list[bytes] = []
        self._waiting = 0
        self._flushing = self._lost = False
        self._writable: asyncio.Future[None] | None = None

    def take_over(self, transport: asyncio.Transport) -> None:
        """Become the protocol of ``transport``, whose peer has been answered with 101."""
        self.transport = transport
        raw = transport.get_extra_info("socket")
        # Without this the kernel hides 3.8 MB of a peer that never reads before the buffer below says anything.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        transport.set_write_buffer_limits(high=self._bound // 2, low=self._bound // 8)
        transport.set_protocol(self)

    @property
    def open(self) -> bool:
        """Whether frames can still reach the peer."""
        return not self._lost and not self.closing_since

    @property
    def buffered(self) -> int:
        """Bytes that wait here and in the transport."""
        return self._waiting + (self.transport.get_write_buffer_size() if self.transport else 0)

    @property
    def half_full(self) -> int:
        """Above this many buffered bytes a backlog waits."""
        return self._bound // 2

    def send(self, data: bytes) -> None:
        """Hand over one ready-made frame; it leaves when the loop turns."""
        if self._lost or self.closing_since:
            return
        self._write(data)

    async def drained(self) -> None:
        """Wait until the peer has taken most of what it was sent; for a backlog, never for live frames."""
        await asyncio.sleep(0)
        while self.open and self.buffered > self._bound // 2:
            self._writable = asyncio.get_running_loop().create_future()
            await self._writable

    def pause(self) -> None:
        """Read no more from the peer until ``go_on``."""
        if self.transport and not self._lost and self.transport.is_reading():
            self.transport.pause_reading()

    def go_on(self) -> None:
        """Read again, if that was paused."""
        if self.transport and not self._lost and not self.transport.is_closing() and not self.transport.is_reading():
            self.heard = time.monotonic()
            self.transport.resume_reading()

    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye with ``code``; the peer has 2 s to answer."""
        if not self.closing_since and not self._lost:
            self._write(websocket.close_frame(code, reason))
            self.closing_since = time.monotonic()

    def abort(self) -> None:
        """End it now. Nothing else frees a connection whose peer does not read."""
        if self.transport:
            self.transport.abort()

    def tick(self, now: float) -> None:
        """Ping a quiet peer, drop a silent one, and one that does not finish the closing handshake."""
        if self.closing_since:
            if now - self.closing_since > CLOSING_SECONDS:
                self.abort()
        elif self.pinged and now - self.pinged >= self.pong_seconds:
            self.abort()
        elif not self.pinged and now - self.heard >= self.ping_seconds:
            self.pinged = now
            self._write(websocket.PING_FRAME)

    def _write(self, data: bytes) -> None:
        self._frames.append(data)
        self._waiting += len(data)
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        transport = self.transport
        if self._lost or transport is None:
            return
        if self._waiting + transport.get_write_buffer_size() > self._bound:
            self._frames.clear()
            self._waiting = 0
            totals.cut_off += 1
            self.abort()
            return
        data = self._frames[0] if len(self._frames) == 1 else b"".join(self._frames)
        self._frames.clear()
        self._waiting = 0
        totals.bytes_out += len(data)
        transport.write(data)

    def _message(self, opcode: int, payload: bytes) -> None:
        if opcode == websocket.TEXT or opcode == websocket.BINARY:
            if not self.closing_since:
                self._on_command(self, payload)
        elif opcode == websocket.PING:
            self.send(websocket.frame(payload, websocket.PONG))
        elif opcode == websocket.CLOSE:
            self._closed_by_peer(websocket.close_code(payload))

    def _closed_by_peer(self, code: int) -> None:
        if not self.closing_since:
            self._write(websocket.close_frame(code))
            self.closing_since = time.monotonic()
        self._flush()
        if self.transport:
            self.transport.close()

    # asyncio.Protocol

    def data_received(self, data: bytes) -> None:
        """Bytes from the peer: any sign of life counts as a pong."""
        self.heard, self.pinged = time.monotonic(), 0.0
        try:
            self._parser.feed(data)
        except websocket.ProtocolError as error:
            self.close(error.code, str(error))
            self._flush()
            if self.transport:
                # What follows cannot be understood; the close frame leaves first.
                self.transport.close()

    def eof_received(self) -> bool:
        """The peer closed its side: so do we."""
        return False

    def pause_writing(self) -> None:
        """The transport's buffer is half full; only a backlog waits for that."""

    def resume_writing(self) -> None:
        """The transport has room again."""
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The socket is gone."""
        self._lost = True
        self._frames.clear()
        self._wake()
        self._on_lost(self)

    def _wake(self) -> None:
        if self._writable and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None
