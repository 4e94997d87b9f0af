"""A connection without a socket: it keeps what it is handed, as the hub, the relay and catching up know it."""

import json
import struct
import time
from typing import Any, Self

from app.realtime.hub import Channel


class Listener:
    """``frames`` is everything handed to it, decoded; ``code`` what it was closed with."""

    buffered, half_full = 0, 1
    descriptor = -1

    def __init__(self, user_id: int = 1, session_id: str = "s", topic: str = "") -> None:
        self.user_id, self.session_id, self.topic = user_id, session_id, topic
        self.channels: set[Channel] = set()
        self.hides: frozenset[int] = frozenset()
        self.watching: frozenset[Any] = frozenset()
        self.held: list[Any] = []
        self.frames: list[dict[str, Any]] = []
        self.code: int | None = None
        self.ticks = self.writes = 0
        self.takes_seconds = 0.0

    @property
    def line(self) -> Self:
        """It is its own line, which can only be handed frames."""
        return self

    @property
    def open(self) -> bool:
        return self.code is None

    def send(self, data: bytes) -> None:
        if self.open:
            self.frames += decoded(data)

    def send_rest(self, data: bytes, taken: int) -> None:
        raise AssertionError("nothing was written")

    def send_now(self, data: bytes) -> None:
        self.writes += 1
        time.sleep(self.takes_seconds)
        self.send(data)

    def close(self, code: int, reason: str = "") -> None:
        self.code = self.code or code

    def tick(self, now: float) -> None:
        self.ticks += 1

    async def drained(self) -> None:
        pass

    def seqs(self) -> list[int]:
        """The cursor's way through the frames."""
        return [f["seq"] for f in self.frames if "seq" in f and f["type"] not in ("hello", "caught_up")]


def decoded(data: bytes) -> list[dict[str, Any]]:
    """The JSON of one or more frames as a server sends them."""
    found = []
    while data:
        size, start = data[1], 2
        if size == 126:
            (size,), start = struct.unpack("!H", data[2:4]), 4
        elif size == 127:
            (size,), start = struct.unpack("!Q", data[2:10]), 10
        found.append(json.loads(data[start : start + size]))
        data = data[start + size :]
    return found
