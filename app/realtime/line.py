"""A line: one transport taken over from Sanic, with a bounded buffer. It is never waited for.

What is sent gathers during one turn of the event loop and goes out in one write. Over the bound the line is aborted:
its browser comes back and resumes from its cursor.
"""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from app.realtime.outgoing import Outgoing
from app.realtime.totals import totals

if TYPE_CHECKING:
    from app.realtime.connection import Connection

KERNEL_BUFFER_BYTES = 64 * 1024
UNSENT_BYTES = 16 * 1024
CLOSING_SECONDS = 2.0
NO_DESCRIPTOR = -1

OnLost = Callable[["Line"], None]


class Line(asyncio.Protocol):
    """Under one connection, or several (``connections``). ``on_lost`` gets the end; the kinds are below this class.

    Frames may be written to ``descriptor`` itself while there is one, as the hub does: nothing waits before them then.
    """

    __slots__ = (
        "_bound",
        "_flushing",
        "_lost",
        "_on_lost",
        "_outgoing",
        "_pieces",
        "_slow",
        "_waiting",
        "_writable",
        "closing_since",
        "connections",
        "descriptor",
        "transport",
    )

    def __init__(self, outgoing: Outgoing, on_lost: OnLost) -> None:
        self.connections: list[Connection] = []
        self.transport: asyncio.Transport | None = None
        self.closing_since = 0.0
        self._outgoing, self._bound = outgoing, outgoing.each
        self._on_lost = on_lost
        self.descriptor = NO_DESCRIPTOR
        self._pieces: list[bytes] = []
        self._waiting = 0
        self._flushing = self._lost = self._slow = False
        self._writable: asyncio.Future[None] | None = None

    def take_over(self, transport: asyncio.Transport) -> None:
        """Become the protocol of ``transport``, whose peer has been answered."""
        self.transport = transport
        raw = transport.get_extra_info("socket")
        # Without this the kernel hides 3.8 MB of a peer that never reads before the buffer below says anything.
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, KERNEL_BUFFER_BYTES)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, UNSENT_BYTES)
        transport.set_protocol(self)
        # Told at once when the kernel takes no more. Until then nothing waits in the transport, not even the answer.
        transport.set_write_buffer_limits(high=0)
        if transport.get_write_buffer_size() and not self._slow:
            # The protocol before us was told already, and nobody tells it twice.
            self.pause_writing()

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

    def send(self, connection: Connection, data: bytes) -> None:
        """Carry ready-made WebSocket frames of ``connection``; they leave when the loop turns."""
        raise NotImplementedError

    def send_now(self, connection: Connection, data: bytes) -> None:
        """The same, and they leave at once: for who has gathered them already."""
        self.send(connection, data)
        self._flush()

    def send_rest(self, data: bytes, taken: int) -> None:
        """Let the transport have what the kernel did not take of what was written to ``descriptor``.

        It may be full, or the peer gone: the transport finds out which, and says so.
        """
        if self.transport:
            # No copy: thousands who do not read wait for the same bytes.
            self.transport.write(memoryview(data)[taken:])

    def close(self, connection: Connection, code: int, reason: str) -> None:
        """Say goodbye with ``code``, for ``connection`` and all that share this line."""
        raise NotImplementedError

    async def drained(self) -> None:
        """Wait until the peer has taken most of what it was sent; for a backlog, never for live frames."""
        await asyncio.sleep(0)
        while self.open and self.buffered > self.half_full:
            self._writable = self._writable or asyncio.get_running_loop().create_future()
            await self._writable

    def pause(self) -> None:
        """Read no more from the peer until ``go_on``."""
        if self.transport and not self._lost and self.transport.is_reading():
            self.transport.pause_reading()

    def go_on(self) -> None:
        """Read again, if that was paused."""
        if self.transport and not self._lost and not self.transport.is_closing() and not self.transport.is_reading():
            self.transport.resume_reading()

    def abort(self) -> None:
        """End it now. Nothing else frees a line whose peer does not read."""
        self.descriptor = NO_DESCRIPTOR
        if self.transport:
            self.transport.abort()

    def tick(self, now: float) -> None:
        """Drop a peer that does not finish the goodbye."""
        if self.closing_since and now - self.closing_since > CLOSING_SECONDS:
            self.abort()

    def _write(self, data: bytes) -> None:
        self.descriptor = NO_DESCRIPTOR
        self._pieces.append(data)
        self._waiting += len(data)
        if not self._flushing:
            self._flushing = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _write_last(self, data: bytes) -> None:
        """Nothing is sent after this."""
        self._write(data)
        self.closing_since = time.monotonic()

    def _flows(self) -> None:
        """Nothing waits any more, here or in the transport."""

    def _flush(self) -> None:
        self._flushing = False
        transport = self.transport
        if self._lost or transport is None or not self._pieces:
            return
        if self._waiting + transport.get_write_buffer_size() > self._bound:
            self.cut_off()
            return
        data = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces.clear()
        self._waiting = 0
        totals.bytes_out += len(data)
        transport.write(data)
        if self._slow:
            self._outgoing.grows(len(data))
        else:
            self._flows()

    def cut_off(self) -> None:
        """The peer takes too little: nothing more is sent, and soon it is ended."""
        if not self._lost:
            self._lost, self.descriptor = True, NO_DESCRIPTOR
            self._pieces.clear()
            self._waiting = 0
            self._wake()
            self._outgoing.end(self)

    def _hang_up(self) -> None:
        """Close once everything is written."""
        self._flush()
        if self.transport:
            self.transport.close()

    # asyncio.Protocol

    def eof_received(self) -> bool:
        """The peer closed its side: so do we."""
        self.descriptor = NO_DESCRIPTOR
        return False

    def pause_writing(self) -> None:
        """The kernel takes no more; only a backlog waits for that."""
        self._slow, self.descriptor = True, NO_DESCRIPTOR
        self._outgoing.slows(self)

    def resume_writing(self) -> None:
        """The kernel has taken everything."""
        self._slow = False
        self._outgoing.flows(self)
        self._flows()
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """The peer is gone."""
        # The transport closes the descriptor after this, and the next peer's may get its number.
        self._lost, self.descriptor = True, NO_DESCRIPTOR
        self._pieces.clear()
        self._outgoing.flows(self)
        self._wake()
        self._on_lost(self)

    def _wake(self) -> None:
        if self._writable and not self._writable.done():
            self._writable.set_result(None)
        self._writable = None
