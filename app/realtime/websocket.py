"""RFC 6455 as bytes: the opening handshake's answer, frames to send, and a parser for frames that arrive.

Ours instead of a library's because a connection must cost little: one object, no task, no queue (see ``bench``).
"""

import base64
import codecs
import hashlib
import struct
from collections.abc import Callable, Iterable, Iterator, Mapping

from websockets.speedups import apply_mask

_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0x0, 0x1, 0x2, 0x8, 0x9, 0xA
PING_FRAME = b"\x89\x00"

# RFC 6455 section 7.4.1, without those that may not be on the wire; 3000 to 4999 are free to use.
_CLOSE_CODES = frozenset({1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014})


class ProtocolError(Exception):
    """The peer broke the protocol; ``code`` is the close code to fail the connection with."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def accept(key: str, headers: Mapping[str, str]) -> bytes:
    """The 101 response to a request with this ``Sec-WebSocket-Key``, and ``headers`` of ours. Never an extension."""
    digest = base64.b64encode(hashlib.sha1(key.encode() + _GUID, usedforsecurity=False).digest())
    more = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        b"Sec-WebSocket-Accept: " + digest + b"\r\n" + more.encode() + b"\r\n"
    )


def valid_key(key: str) -> bool:
    """Whether ``key`` is 16 bytes in base64, as section 4.1 demands."""
    try:
        return len(base64.b64decode(key, validate=True)) == 16
    except ValueError:
        return False


def _head(opcode: int, size: int) -> bytes:
    if size < 126:
        return bytes((0x80 | opcode, size))
    if size < 65536:
        return struct.pack("!BBH", 0x80 | opcode, 126, size)
    return struct.pack("!BBQ", 0x80 | opcode, 127, size)


# Nearly all frames are so small, and to make the head takes longer than the rest.
_HEADS = tuple(_head(TEXT, size) for size in range(1024))


def frame(payload: bytes, opcode: int = TEXT) -> bytes:
    """One unmasked, unfragmented frame, as a server sends them."""
    size = len(payload)
    if opcode == TEXT and size < len(_HEADS):
        return _HEADS[size] + payload
    return _head(opcode, size) + payload


def frames(texts: Iterable[bytes]) -> bytes:
    """One such frame for each of ``texts``, one after another."""
    data = b""
    for text in texts:
        data += frame(text)
    return data


def payloads(data: bytes) -> Iterator[bytes]:
    """The payloads of frames made by ``frame``, one after another."""
    start = 0
    while start < len(data):
        size, begin = data[start + 1], start + 2
        if size == 126:
            size, begin = int.from_bytes(data[begin : begin + 2], "big"), begin + 2
        elif size == 127:
            size, begin = int.from_bytes(data[begin : begin + 8], "big"), begin + 8
        start = begin + size
        yield data[begin:start]


def close_frame(code: int, reason: str = "") -> bytes:
    """A close frame; the reason is cut to what a control frame may hold."""
    return frame(struct.pack("!H", code) + reason.encode()[:123], CLOSE)


class Parser:
    """Takes bytes as they come, calls ``on_message(opcode, payload)`` for whole messages and for control frames.

    ``max_bytes`` limits a message, fragments together. Raises ProtocolError; nothing may be fed after that.
    """

    __slots__ = ("_buffer", "_fragments", "_max_bytes", "_on_message", "_opcode", "_utf8")

    def __init__(self, max_bytes: int, on_message: Callable[[int, bytes], None]) -> None:
        self._buffer = b""
        self._fragments: bytearray | None = None
        self._opcode = 0
        self._utf8: codecs.IncrementalDecoder | None = None
        self._max_bytes = max_bytes
        self._on_message = on_message

    def feed(self, data: bytes) -> None:
        """Parse as many frames as ``data`` completes."""
        buffer = self._buffer + data if self._buffer else data
        start = 0
        while (end := self._one_frame(buffer, start)) > start:
            start = end
        self._buffer = buffer[start:] if start else buffer

    def _one_frame(self, buffer: bytes, start: int) -> int:
        """Handle the frame at ``start``; the offset behind it, or ``start`` when it is not complete."""
        available = len(buffer) - start
        if available < 2:
            return start
        first, second = buffer[start], buffer[start + 1]
        opcode, final = first & 0x0F, first & 0x80
        self._check_header(first, second, opcode)
        size, mask_at = second & 0x7F, start + 2
        if size == 126:
            if available < 4:
                return start
            size, mask_at = int.from_bytes(buffer[start + 2 : start + 4], "big"), start + 4
        elif size == 127:
            if available < 10:
                return start
            size, mask_at = int.from_bytes(buffer[start + 2 : start + 10], "big"), start + 10
        if opcode < CLOSE and size + len(self._fragments or b"") > self._max_bytes:
            raise ProtocolError(1009, "message too large")
        body_at, end = mask_at + 4, mask_at + 4 + size
        if len(buffer) < end:
            return start
        payload = apply_mask(buffer[body_at:end], buffer[mask_at:body_at])
        if opcode >= CLOSE:
            self._on_message(opcode, payload)
        else:
            self._data_frame(opcode, payload, bool(final))
        return end

    def _check_header(self, first: int, second: int, opcode: int) -> None:
        if first & 0x70:
            raise ProtocolError(1002, "reserved bits")
        if not second & 0x80:
            raise ProtocolError(1002, "frame is not masked")
        if opcode >= CLOSE:
            if opcode > PONG or not first & 0x80 or second & 0x7F > 125:
                raise ProtocolError(1002, "bad control frame")
        elif opcode > BINARY:
            raise ProtocolError(1002, "unknown opcode")
        elif (opcode == CONTINUATION) != (self._fragments is not None):
            raise ProtocolError(1002, "unexpected fragment")

    def _data_frame(self, opcode: int, payload: bytes, final: bool) -> None:
        if self._fragments is None:
            if final:
                if opcode == TEXT:
                    check_utf8(payload)
                self._on_message(opcode, payload)
                return
            self._fragments, self._opcode = bytearray(), opcode
            self._utf8 = codecs.getincrementaldecoder("utf-8")() if opcode == TEXT else None
        if self._utf8 is not None:
            try:
                self._utf8.decode(payload, final)
            except UnicodeDecodeError:
                raise ProtocolError(1007, "invalid UTF-8") from None
        self._fragments += payload
        if final:
            whole, self._fragments, self._utf8 = bytes(self._fragments), None, None
            self._on_message(self._opcode, whole)


def check_utf8(payload: bytes) -> None:
    """Raises ProtocolError 1007 when ``payload`` is not UTF-8."""
    try:
        payload.decode()
    except UnicodeDecodeError:
        raise ProtocolError(1007, "invalid UTF-8") from None


def close_code(payload: bytes) -> int:
    """The code to answer a close frame with: the peer's own, 1000 for none. Raises ProtocolError on a bad one."""
    if not payload:
        return 1000
    if len(payload) == 1:
        raise ProtocolError(1002, "bad close frame")
    code = int.from_bytes(payload[:2], "big")
    if code not in _CLOSE_CODES and not 3000 <= code <= 4999:
        raise ProtocolError(1002, "bad close code")
    check_utf8(payload[2:])
    return code
