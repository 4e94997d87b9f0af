"""Sockets for tests: one as a browser has it, and one that speaks bytes, for what no browser would say."""

from __future__ import annotations

import asyncio
import json
import os
import struct
from types import TracebackType
from typing import Any
from urllib.parse import urlencode, urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

DEADLINE = 10.0
TEXT, BINARY, CLOSE, PING, PONG = 1, 2, 8, 9, 10


class Socket:
    """``async with bob.listens("/ws/notifications/") as page:`` Frames are taken in the order in which they came."""

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        self._url, self._headers = url, headers
        self._connection: ClientConnection
        self.frames: list[dict[str, Any]] = []
        """Everything taken so far."""
        self.patience = DEADLINE
        """How long a frame is waited for, in seconds."""

    async def __aenter__(self) -> Socket:
        self._connection = await connect(
            self._url,
            additional_headers=self._headers,
            compression=None,
            ping_interval=None,
            open_timeout=DEADLINE,
            close_timeout=1,
            max_queue=None,
            proxy=None,
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._connection.close()

    async def next(self) -> dict[str, Any]:
        """The very next frame."""
        async with asyncio.timeout(self.patience):
            frame: dict[str, Any] = json.loads(await self._connection.recv())
        self.frames.append(frame)
        return frame

    async def sees(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next frame of this type with these fields; others before it are passed over (and in ``frames``)."""
        begun = len(self.frames)
        try:
            async with asyncio.timeout(self.patience):
                while True:
                    frame = await self.next()
                    if frame["type"] == kind and fields.items() <= frame.items():
                        return frame
        except TimeoutError:
            raise AssertionError(f"no {kind} {fields} in {self.frames[begun:]}") from None
        except ConnectionClosed as closed:
            raise AssertionError(f"closed ({closed}) before {kind} {fields}: {self.frames[begun:]}") from None

    async def is_live(self) -> Socket:
        """Wait until the backlog is over."""
        await self.sees("caught_up")
        return self

    async def says(self, kind: str, **fields: Any) -> None:
        """Send a command."""
        await self.sends(json.dumps({"type": kind} | fields))

    async def sends(self, text: str | bytes) -> None:
        """Send a text (or, as bytes, a binary) frame as it is."""
        await self._connection.send(text)

    async def pings(self) -> None:
        """A ping is answered."""
        async with asyncio.timeout(DEADLINE):
            await (await self._connection.ping())

    async def hangs_up(self) -> None:
        """Close in order, without waiting for what was sent to be handled."""
        await self._connection.close()

    async def closed(self) -> int:
        """Wait for the server to close; the code. Frames before it are in ``frames``."""
        try:
            while True:
                await self.next()
        except ConnectionClosed:
            return self._connection.close_code or 0

    def all_of(self, kind: str, field: str) -> list[Any]:
        """The values of ``field`` of all frames of this type so far."""
        return [frame[field] for frame in self.frames if frame["type"] == kind]


class RawSocket:
    """A socket of bytes: it keeps no rule by itself, answers no ping, and may stop reading."""

    def __init__(self, url: str, headers: dict[str, str], *, buffer_bytes: int | None = None) -> None:
        self._parts, self._headers = urlsplit(url), headers
        # Small, for a peer that does not read: the kernel would hide megabytes otherwise.
        self._limit = buffer_bytes or 2**16
        self.early = b""
        """Sent together with the handshake."""

    async def __aenter__(self) -> RawSocket:
        self.reader, self.writer = await asyncio.open_connection(
            self._parts.hostname, self._parts.port, limit=self._limit
        )
        self.status, self.headers = await self._shakes_hands()
        assert self.status == 101, self.status
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.transport.abort()

    async def _shakes_hands(self) -> tuple[int, str]:
        target = self._parts.path + ("?" + self._parts.query if self._parts.query else "")
        given = {
            "Host": self._parts.netloc,
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        } | self._headers
        lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
        self.writer.write(f"GET {target} HTTP/1.1\r\n{lines}\r\n".encode() + self.early)
        async with asyncio.timeout(DEADLINE):
            answer = (await self.reader.readuntil(b"\r\n\r\n")).decode()
        return int(answer.split()[1]), answer

    def writes(self, *pieces: bytes) -> None:
        """Put bytes on the wire."""
        for piece in pieces:
            self.writer.write(piece)

    async def frame(self) -> tuple[int, bytes]:
        """The next frame's opcode and payload. Raises IncompleteReadError when the server has hung up."""
        async with asyncio.timeout(DEADLINE):
            first, size = await self.reader.readexactly(2)
            assert not size & 0x80, "a server does not mask"
            if size == 126:
                (size,) = struct.unpack("!H", await self.reader.readexactly(2))
            elif size == 127:
                (size,) = struct.unpack("!Q", await self.reader.readexactly(8))
            return first & 0x0F, await self.reader.readexactly(size)

    async def sees(self, kind: str) -> dict[str, Any]:
        """The next frame of this type."""
        while True:
            opcode, payload = await self.frame()
            if opcode == TEXT and (frame := json.loads(payload))["type"] == kind:
                return dict(frame)

    async def frame_of(self, opcode: int) -> bytes:
        """The payload of the next frame with this opcode."""
        while True:
            found, payload = await self.frame()
            if found == opcode:
                return payload

    async def closed(self) -> int:
        """The code in the server's close frame; 1006 when it hung up without one."""
        try:
            payload = await self.frame_of(CLOSE)
        except (asyncio.IncompleteReadError, ConnectionError):
            return 1006
        return int.from_bytes(payload[:2], "big")

    async def hung_up(self) -> None:
        """Wait until the server has ended the connection."""
        async with asyncio.timeout(DEADLINE):
            try:
                while await self.reader.read(2**16):
                    pass
            except ConnectionError:
                pass


def client_frame(payload: bytes | str, opcode: int = TEXT, *, final: bool = True, masked: bool = True) -> bytes:
    """One frame as a client sends it, or should not."""
    payload = payload.encode() if isinstance(payload, str) else payload
    size, mask = len(payload), os.urandom(4) if masked else b""
    first, bit = (0x80 if final else 0) | opcode, 0x80 if masked else 0
    if size < 126:
        header = bytes((first, bit | size))
    elif size < 65536:
        header = struct.pack("!BBH", first, bit | 126, size)
    else:
        header = struct.pack("!BBQ", first, bit | 127, size)
    if masked:
        payload = bytes(byte ^ mask[i % 4] for i, byte in enumerate(payload))
    return header + mask + payload


def address(url: str, path: str, **query: object) -> str:
    """The ``ws:`` address of a path of the site at ``url``."""
    given = {name: value for name, value in query.items() if value is not None}
    return url.replace("http", "ws", 1) + path + ("?" + urlencode(given) if given else "")
