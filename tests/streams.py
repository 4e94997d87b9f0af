"""Event streams for tests: what a browser's EventSource does, with every byte looked at."""

from __future__ import annotations

import asyncio
import json
from types import TracebackType
from typing import Any
from urllib.parse import urlencode, urlsplit

DEADLINE = 10.0
TOPICS = {"user": "notifications", "conversation": "chat"}


def query(**given: object) -> str:
    """The query of a stream; ``chat`` as ``(conversation, after)``, None for an empty place."""
    said = {}
    for name, value in given.items():
        if name == "chat" and isinstance(value, tuple):
            conversation, after = value
            said[name] = f"{conversation}:{'' if after is None else after}"
        else:
            said[name] = "" if value is None else value if isinstance(value, str | int) else json.dumps(value)
    return urlencode(said)


class Stream:
    """``async with bob.streams(notifications=0) as page:`` Frames are taken in the order in which they came."""

    def __init__(self, url: str, headers: dict[str, str], *, buffer_bytes: int = 2**20) -> None:
        self._parts = urlsplit(url)
        self._headers = {"Host": self._parts.netloc, "Accept": "text/event-stream"} | headers
        # Small, for a peer that does not read: the kernel would hide megabytes otherwise.
        self._limit = buffer_bytes
        self.frames: list[dict[str, Any]] = []
        """Everything taken so far."""
        self.ids: list[str] = []
        """The id of each of them."""
        self.comments = 0
        self.status, self.headers = 0, {}

    async def __aenter__(self) -> Stream:
        self.reader, self.writer = await asyncio.open_connection(
            self._parts.hostname, self._parts.port, limit=self._limit
        )
        lines = "".join(f"{name}: {value}\r\n" for name, value in self._headers.items())
        self.writer.write(f"GET {self._parts.path}?{self._parts.query} HTTP/1.1\r\n{lines}\r\n".encode())
        async with asyncio.timeout(DEADLINE):
            first, *rest = (await self.reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        self.status = int(first.split()[1])
        self.headers = dict(line.lower().split(": ", 1) for line in rest)
        assert self.status == 200, (self.status, await self.reader.read(2000))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.breaks()

    def breaks(self) -> None:
        """Go away without a word."""
        self.writer.transport.abort()

    @property
    def last_id(self) -> str:
        """What a browser would come back with."""
        return self.ids[-1]

    async def event(self) -> tuple[str, str]:
        """The id and the data of the next event; comments are counted. Raises IncompleteReadError at the end."""
        while True:
            text = (await self.reader.readuntil(b"\n\n")).decode().removesuffix("\n\n")
            if text.startswith(":"):
                self.comments += 1
                continue
            id_line, data_line = text.split("\n")
            assert id_line.startswith("id: "), text
            assert data_line.startswith("data: "), text
            return id_line[4:], data_line[6:]

    async def next(self) -> dict[str, Any]:
        """The very next frame."""
        async with asyncio.timeout(DEADLINE):
            event_id, data = await self.event()
        self.ids.append(event_id)
        self.frames.append(json.loads(data))
        return self.frames[-1]

    async def sees(self, kind: str, **fields: Any) -> dict[str, Any]:
        """The next frame of this type with these fields; others before it are passed over (and in ``frames``)."""
        begun = len(self.frames)
        try:
            async with asyncio.timeout(DEADLINE):
                while True:
                    frame = await self.next()
                    if frame["type"] == kind and fields.items() <= frame.items():
                        return frame
        except (TimeoutError, asyncio.IncompleteReadError, ConnectionError) as error:
            raise AssertionError(f"{error!r} before {kind} {fields}: {self.frames[begun:]}") from None

    async def is_live(self, *topics: str) -> Stream:
        """Wait until the backlog of every topic that was asked for is over."""
        left = self._parts.query.count("notifications=") + self._parts.query.count("chat=")
        for _ in range(left):
            await self.sees("caught_up")
        return self

    async def closed(self) -> int:
        """Wait for the server to end the stream; the code it said, 1006 for none."""
        code = 1006
        try:
            while True:
                frame = await self.next()
                code = frame["code"] if frame["type"] == "closed" else code
        except (asyncio.IncompleteReadError, ConnectionError):
            return code

    async def beats(self) -> None:
        """Wait for the next heartbeat, without a frame before it."""
        async with asyncio.timeout(DEADLINE):
            assert await self.reader.readuntil(b"\n\n") == b":\n\n"

    def all_of(self, kind: str, field: str) -> list[Any]:
        """The values of ``field`` of all frames of this type so far."""
        return [frame[field] for frame in self.frames if frame["type"] == kind]

    def of(self, topic: str) -> list[dict[str, Any]]:
        """All frames of this topic so far."""
        return [frame for frame in self.frames if frame["topic"] == topic]
