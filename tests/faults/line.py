"""The client's end of a line as bytes, as cheap as it can be: a thousand of them share half a core."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from typing import Any, ClassVar, Self

HANDSHAKE_SECONDS = 8.0


class Refused(Exception):
    """The request was answered with another status than the one that opens a line."""

    def __init__(self, status: int) -> None:
        super().__init__(f"status {status}")
        self.status = status


class Line(asyncio.Protocol):
    """``hears`` gets the JSON of each frame; ``ended`` is done, with the close code, at the end.

    The kinds (a socket, an event stream) say what opens them, and how frames are cut out of bytes.
    """

    opens_with: ClassVar[int]
    """The status that opens it."""

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

    async def connects(self, host: str, port: int, target: str, headers: dict[str, str], receive_buffer: int) -> Self:
        """Ask for ``target``; the kernel keeps ``receive_buffer`` for us. Raises OSError, TimeoutError, Refused."""
        loop = asyncio.get_running_loop()
        sock = socket.socket()
        sock.setblocking(False)
        if receive_buffer:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        said = "".join(f"{name}: {value}\r\n" for name, value in ({"Host": f"{host}:{port}"} | headers).items())
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                await loop.sock_connect(sock, (host, port))
                await loop.create_connection(lambda: self, sock=sock)
                self.transport.write(f"GET {target} HTTP/1.1\r\n{said}\r\n".encode())
                await self.opened
        except BaseException:
            if self.transport:
                self.transport.abort()
            else:
                sock.close()
            raise
        return self

    @property
    def open(self) -> bool:
        """Whether a command may still reach the worker."""
        return not self.ended.done()

    def says(self, command: bytes) -> None:
        """Send a command, if the line still stands; whoever sends over one that broke just now is not told."""
        raise NotImplementedError

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

    def _frames(self, buffer: bytes) -> bytes:
        """Handle every whole frame; what is left."""
        raise NotImplementedError

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
            if status != self.opens_with:
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
