"""The commands of a page without a socket: by HTTP, one after another as the browser sends them, to any unit."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress

PATIENCE = 20.0
NOBODY = 0
"""The status when no answer came."""

Answered = Callable[[bytes, int, bytes], None]


class Posts:
    """``run`` posts what was ``put``, for ever; ``answered`` gets each command with the answer's status and body."""

    def __init__(self, addresses: list[tuple[str, int]], token: str, answered: Answered) -> None:
        self._addresses, self._token, self._answered = addresses, token, answered
        self._waiting: asyncio.Queue[bytes] = asyncio.Queue()
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    def put(self, command: bytes) -> None:
        """Post this when those before it have been answered."""
        self._waiting.put_nowait(command)

    async def run(self) -> None:
        """Over one connection, as long as that holds."""
        try:
            while True:
                command = await self._waiting.get()
                status, body = await self._post(command)
                self._answered(command, status, body)
        finally:
            self._hang_up()

    async def _post(self, command: bytes) -> tuple[int, bytes]:
        try:
            async with asyncio.timeout(PATIENCE):
                reader, writer = await self._connection()
                head = (
                    f"POST /commands HTTP/1.1\r\nHost: natter\r\nAuthorization: Bearer {self._token}\r\n"
                    "Accept: application/json\r\nContent-Type: application/json\r\n"
                    f"Content-Length: {len(command)}\r\n\r\n"
                )
                writer.write(head.encode() + command)
                return await self._answer(reader)
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            self._hang_up()
            return NOBODY, b""

    async def _answer(self, reader: asyncio.StreamReader) -> tuple[int, bytes]:
        head = (await reader.readuntil(b"\r\n\r\n")).lower()
        length = head.partition(b"content-length: ")[2].partition(b"\r\n")[0]
        body = await reader.readexactly(int(length or 0))
        if b"connection: close" in head:
            self._hang_up()
        return int(head[9:12]), body

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._reader and self._writer and not self._reader.at_eof() and not self._writer.is_closing():
            return self._reader, self._writer
        self._hang_up()
        # What a load balancer does: whoever accepts will do, and need not be the unit that the stream comes from.
        for host, port in random.sample(self._addresses, len(self._addresses)):
            with suppress(OSError):
                self._reader, self._writer = await asyncio.open_connection(host, port)
                return self._reader, self._writer
        raise ConnectionRefusedError

    def _hang_up(self) -> None:
        if self._writer:
            self._writer.transport.abort()
        self._reader = self._writer = None
