"""A WebSocket as the client's line: frames of RFC 6455, and commands over the same connection."""

from __future__ import annotations

import struct
from collections.abc import Callable

from tests.faults.line import Line

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
# Masking is a client's duty, and a mask of zeros does it for nothing.
_NO_MASK = b"\0\0\0\0"
KEY = "dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}


class SocketLine(Line):
    """``await SocketLine.opens(…)``."""

    opens_with = 101

    @classmethod
    async def opens(
        cls, host: str, port: int, target: str, token: str, hears: Callable[[bytes], None], receive_buffer: int = 0
    ) -> SocketLine:
        """Shake hands. Raises what ``connects`` raises."""
        headers = {"Authorization": f"Bearer {token}"} | UPGRADE
        return await cls(hears).connects(host, port, target, headers, receive_buffer)

    def says(self, command: bytes) -> None:
        self._write(masked(command, TEXT))

    def closes(self) -> None:
        """Say goodbye in order."""
        self._write(masked(struct.pack("!H", 1000), CLOSE))

    def _write(self, data: bytes) -> None:
        # uvloop raises where asyncio only warns.
        if not self.transport.is_closing():
            self.transport.write(data)

    def _frames(self, buffer: bytes) -> bytes:
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
