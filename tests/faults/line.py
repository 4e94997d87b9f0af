"""The client's end of a WebSocket as bytes, as cheap as it can be: a thousand of them share half a core."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
# Masking is a client's duty, and a mask of zeros does it for nothing.
_NO_MASK = b"\0\0\0\0"
HANDSHAKE_SECONDS = 8.0
KEY = "dGhlIHNhbXBsZSBub25jZQ=="


class Refused(Exception):
    """The handshake was answered with another status than 101."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class Line(asyncio.Protocol):
    """``await Line.opens(…)``; ``hears`` gets each text frame; ``ended`` is done, with the close code, at the end."""

    def __init__(self, hears: Callable[[bytes], None]) -> None:
        loop = asyncio.get_running_loop()
        self.hears = hears
        self.opened: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[int] = loop.create_future()
        self.transport: Any = None
        self.worker = ""
        self.code = 1006
        self.answers_pings = True
        self._buffer = b""
        self._may_take: int | None = None

    @classmethod
    async def opens(
        cls, host: str, port: int, target: str, token: str, hears: Callable[[bytes], None], receive_buffer: int = 0
    ) -> Line:
        """Shake hands. Raises OSError, TimeoutError, Refused. ``receive_buffer`` is what the kernel keeps for us."""
        loop = asyncio.get_running_loop()
        sock = socket.socket()
        sock.setblocking(False)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        line = cls(hears)
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                await loop.sock_connect(sock, (host, port))
                await loop.create_connection(lambda: line, sock=sock)
                line.transport.write(
                    f"GET {target} HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {token}\r\n"
                    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    f"Sec-WebSocket-Key: {KEY}\r\n\r\n".encode()
                )
                await line.opened
        except BaseException:
            if line.transport:
                line.transport.abort()
            else:
                sock.close()
            raise
        return line

    @property
    def open(self) -> bool:
        """Whether a command may still reach the worker."""
        return not self.ended.done()

    def says(self, text: bytes) -> None:
        """Send one text frame, if the line still stands; whoever sends over one that broke just now is not told."""
        self._write(masked(text, TEXT))

    def closes(self) -> None:
        """Say goodbye in order."""
        self._write(masked(struct.pack("!H", 1000), CLOSE))

    def breaks(self) -> None:
        """Go away without a word."""
        self.transport.abort()

    def slow(self, size: int) -> None:
        """Take ``size`` bytes more from the kernel, at least, and then no more until asked again."""
        self._may_take = size
        self.transport.resume_reading()

    def fast(self) -> None:
        """Read as fast as it comes."""
        self._may_take = None
        self.transport.resume_reading()

    # asyncio.Protocol

    def connection_made(self, transport: Any) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if self._may_take is not None:
            self._may_take -= len(data)
            if self._may_take <= 0:
                self.transport.pause_reading()
        buffer = self._buffer + data if self._buffer else data
        if not self.opened.done():
            head, end, buffer = buffer.partition(b"\r\n\r\n")
            if not end:
                self._buffer = head
                return
            status = int(head[9:12])
            if status != 101:
                self.opened.set_exception(Refused(status))
                self.transport.abort()
                return
            self.worker = head.partition(b"x-natter-worker: ")[2].partition(b"\r\n")[0].decode()
            self.opened.set_result(None)
        self._buffer = self._frames(buffer)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(ConnectionResetError("hung up during the handshake"))
        if not self.ended.done():
            self.ended.set_result(self.code)

    def _write(self, data: bytes) -> None:
        # uvloop raises where asyncio only warns.
        if not self.transport.is_closing():
            self.transport.write(data)

    def _frames(self, buffer: bytes) -> bytes:
        """Handle every whole frame; what is left."""
        start, available = 0, len(buffer)
        while available - start >= 2:
            size, body = buffer[start + 1], start + 2
            if size == 126:
                size, body = int.from_bytes(buffer[start + 2 : start + 4], "big"), start + 4
            elif size == 127:
                size, body = int.from_bytes(buffer[start + 2 : start + 10], "big"), start + 10
            if available < body + size or available < body:
                break
            opcode = buffer[start] & 0x0F
            start = body + size
            self._frame(opcode, buffer[body:start])
        return buffer[start:]

    def _frame(self, opcode: int, payload: bytes) -> None:
        if opcode == TEXT:
            self.hears(payload)
        elif opcode == PING and self.answers_pings:
            self._write(masked(payload, PONG))
        elif opcode == CLOSE:
            self.code = int.from_bytes(payload[:2], "big") or 1005
            self._write(masked(payload[:2], CLOSE))
            self.transport.close()


def masked(payload: bytes, opcode: int) -> bytes:
    """One frame as a client sends it."""
    size = len(payload)
    if size < 126:
        return bytes((0x80 | opcode, 0x80 | size)) + _NO_MASK + payload
    if size < 65536:
        return struct.pack("!BBH", 0x80 | opcode, 0x80 | 126, size) + _NO_MASK + payload
    return struct.pack("!BBQ", 0x80 | opcode, 0x80 | 127, size) + _NO_MASK + payload
