"""The load generator counts exactly what it is sent, however that is cut into pieces, and answers pings."""

from __future__ import annotations

import asyncio
import re
import struct
from collections.abc import AsyncIterator, Callable

import pytest

from bench.load import Audience, Load, Reply
from tests.site import until
from unit.ports import LOOPBACK, free_port

ANSWER = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
READY = '"type":"caught_up"'


pytestmark = pytest.mark.usefixtures("programs")


def frame(text: str, opcode: int = 1) -> bytes:
    payload = text.encode()
    if len(payload) < 126:
        return bytes((0x80 | opcode, len(payload))) + payload
    if len(payload) < 65536:
        return struct.pack("!BBH", 0x80 | opcode, 126, len(payload)) + payload
    return struct.pack("!BBQ", 0x80 | opcode, 127, len(payload)) + payload


def message(seq: int, padding: int, stamp: str) -> bytes:
    return frame(f'{{"type":"chat_message","seq":{seq},"message":"t={stamp} {"x" * padding}"}}')


def unmasked(said: bytes) -> bytes:
    """The opcodes and payloads of small masked frames."""
    out, at = b"", 0
    while at < len(said):
        size, mask = said[at + 1] & 127, said[at + 2 : at + 6]
        out += bytes([said[at] & 15]) + bytes(b ^ mask[i % 4] for i, b in enumerate(said[at + 6 : at + 6 + size]))
        at += 6 + size
    return out


class Server:
    """Accepts sockets, says ready, and answers each "go <stamp>" with the pieces that ``script`` makes of the stamp."""

    def __init__(self, script: Callable[[str], list[bytes]]) -> None:
        self.script, self.port = script, free_port()
        self.heard = b""

    async def __aenter__(self) -> Server:
        self.server = await asyncio.start_server(self.serve, LOOPBACK, self.port)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.server.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writer = writer
        await reader.readuntil(b"\r\n\r\n")
        # The first frame may come in the same piece as the answer.
        writer.write(ANSWER + frame('{"type":"caught_up","seq":0}'))
        while said := await reader.read(65536):
            self.heard += unmasked(said)
            for stamp in re.findall(rb"go (\d{19})", unmasked(said)):
                for piece in self.script(stamp.decode()):
                    writer.write(piece)
                    await writer.drain()
        writer.close()


@pytest.fixture
async def load() -> AsyncIterator[Load]:
    with Load() as load:
        yield load


def audience(server: Server) -> Audience:
    return Audience(f"{LOOPBACK}:{server.port}", [("/", "X-Test: yes")], opening={"ready": READY})


async def says_once(load: Load) -> Reply:
    return await asyncio.to_thread(load.command, "say", words="go @STAMP@", senders=1, rate=1, seconds=0.5)


async def test_frames_of_all_sizes_are_counted_wherever_they_are_cut(load: Load) -> None:
    def script(stamp: str) -> list[bytes]:
        stream = b"".join(message(seq, padding, stamp) for seq, padding in enumerate((0, 60, 300, 70_000, 5)))
        return [stream[at : at + 977] for at in range(0, len(stream), 977)]

    async with Server(script) as server:
        await asyncio.to_thread(load.open, audience(server))
        reply = await says_once(load)
    assert reply["delivered"] == reply["frames"] == 5
    assert reply["sent"] == reply["sockets"] == 1
    assert 0 < reply["p50_us"] <= reply["p99_us"] * 1.02
    assert reply["p99_us"] <= reply["max_us"] * 1.02


async def test_a_ping_is_answered(load: Load) -> None:
    async with Server(lambda stamp: [frame("life?", opcode=9), message(1, 0, stamp)]) as server:
        await asyncio.to_thread(load.open, audience(server))
        await says_once(load)
    assert server.heard[0] == 1
    assert server.heard.endswith(b"\x0alife?")


async def test_a_ping_is_answered_also_while_nothing_is_measured(load: Load) -> None:
    async with Server(lambda stamp: [message(1, 0, stamp)]) as server:
        await asyncio.to_thread(load.open, audience(server))
        await says_once(load)
        server.writer.write(frame("still?", opcode=9))

        async def answered() -> bool:
            return server.heard.endswith(b"\x0astill?")

        await until(answered, 5)
