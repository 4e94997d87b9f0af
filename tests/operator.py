"""An operator with nothing but a TCP connection: speaks the NATS protocol by hand, without a password."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import Any

from unit.servers import Nats

DEADLINE = 10.0


class Operator:
    """``async with Operator(nats) as operator: await operator.publishes("alice", {"message": "…"})``."""

    def __init__(self, nats: Nats) -> None:
        self._nats = nats

    async def __aenter__(self) -> Operator:
        self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._nats.port)
        assert (await self._line()).startswith("INFO ")
        self._writer.write(b'CONNECT {"verbose":false,"pedantic":false}\r\n')
        assert await self.settles() == []
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.transport.abort()

    async def publishes(self, username: str, what: dict[str, Any] | bytes) -> None:
        """One publication to ``notify.<username>``."""
        await self.puts(f"notify.{username}", what if isinstance(what, bytes) else json.dumps(what).encode())

    async def puts(self, subject: str, payload: bytes) -> list[str]:
        """``PUB``; what the server has against it."""
        self._writer.write(b"PUB %b %d\r\n%b\r\n" % (subject.encode(errors="surrogateescape"), len(payload), payload))
        return await self.settles()

    async def subscribes(self, subject: str) -> list[str]:
        """``SUB``; what the server has against it."""
        self._writer.write(f"SUB {subject} 1\r\n".encode())
        return await self.settles()

    async def settles(self) -> list[str]:
        """PING, PONG; the errors before it."""
        self._writer.write(b"PING\r\n")
        said = []
        while (line := await self._line()) != "PONG":
            if line == "PING":
                self._writer.write(b"PONG\r\n")
            else:
                said.append(line)
        return said

    async def _line(self) -> str:
        async with asyncio.timeout(DEADLINE):
            return (await self._reader.readline()).decode().strip()
