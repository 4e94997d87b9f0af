"""What is handed over gathered goes straight to the descriptor: whole, in order, and never to the next peer's."""

import asyncio
import contextlib
import os
import socket
import ssl
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.models import UserFacts
from app.realtime.audience import Audience, Piece
from app.realtime.connection import Connection
from app.realtime.outgoing import Outgoing
from app.realtime.socket_line import SocketLine

MUCH = 600_000


class Pair:
    """A line and its peer, over a real socket."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()
        self.line = SocketLine(
            Outgoing(2 * MUCH, 2 * MUCH),
            lambda line: self.lost.set(),
            on_command=lambda connection, payload: None,
            max_bytes=1000,
            ping_seconds=60,
            pong_seconds=60,
        )
        self.connection = Connection(
            UserFacts(id=1, username="alice", display_name="", avatar=""), "s", "a", topic="user.1", line=self.line
        )

    async def meet(self, answer: bytes = b"") -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            self.peer = socket.create_connection(listening.getsockname())
            self.peer.setblocking(False)
            taken = listening.accept()[0]
        self.transport, _ = await asyncio.get_running_loop().connect_accepted_socket(asyncio.Protocol, taken)
        self.transport.write(answer)
        self.line.take_over(self.transport)

    def hand(self, data: bytes) -> None:
        """Hand it out as the hub does."""
        audience = Audience()
        audience.add(self.connection)
        audience.gather(Piece(data))
        audience.hand_out()

    async def reads(self, size: int) -> bytes:
        read = b""
        async with asyncio.timeout(5):
            while len(read) < size:
                read += await asyncio.get_running_loop().sock_recv(self.peer, 2**16)
        return read


@pytest.fixture
async def pair() -> AsyncIterator[Pair]:
    pair = Pair()
    yield pair
    pair.peer.close()
    pair.line.abort()


async def test_what_the_kernel_does_not_take_follows_before_what_comes_after(pair: Pair) -> None:
    await pair.meet()
    pair.hand(b"a" * MUCH)
    assert 0 < pair.connection.buffered < MUCH, "a part of it has left at once"
    pair.hand(b"b")
    pair.connection.send(b"c")
    pair.hand(b"d")
    assert await pair.reads(MUCH + 3) == b"a" * MUCH + b"bcd"
    await pair.connection.drained()
    pair.hand(b"e")
    assert await pair.reads(1) == b"e"


async def test_an_answer_that_is_still_on_its_way_comes_first(pair: Pair) -> None:
    await pair.meet(answer=b"a" * 8 * MUCH)
    pair.hand(b"b")
    assert await pair.reads(8 * MUCH + 1) == b"a" * 8 * MUCH + b"b"


async def test_what_waited_before_the_line_was_there_comes_first_also_when_the_kernel_has_room(pair: Pair) -> None:
    await pair.meet(answer=b"a" * 8 * MUCH)
    taken = 0
    with contextlib.suppress(BlockingIOError):
        # Without a turn of the loop, in which the transport would go on.
        while True:
            taken += len(pair.peer.recv(2**20))
    pair.hand(b"b")
    assert await pair.reads(8 * MUCH + 1 - taken) == b"a" * (8 * MUCH - taken) + b"b"


async def test_nothing_is_written_to_whoever_has_the_number_next(pair: Pair) -> None:
    await pair.meet()
    number = pair.transport.get_extra_info("socket").fileno()
    pair.peer.close()
    await asyncio.wait_for(pair.lost.wait(), 5)
    async with asyncio.timeout(5):
        while is_open(number):  # noqa: ASYNC110 - a turn or two of the loop
            await asyncio.sleep(0)
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    if writer != number:
        os.dup2(writer, number)
    pair.hand(b"for who was here before")
    with pytest.raises(BlockingIOError):
        os.read(reader, 1)
    for descriptor in {reader, writer, number}:
        os.close(descriptor)


async def test_a_peer_that_is_gone_is_found_out_by_writing(pair: Pair) -> None:
    await pair.meet()
    pair.transport.pause_reading()
    pair.peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    pair.peer.close()
    pair.hand(b"anybody?")
    await asyncio.wait_for(pair.lost.wait(), 5)


async def test_what_is_encrypted_goes_through_the_transport(pair: Pair) -> None:
    written: list[bytes] = []
    await pair.meet()
    plain: Any = pair.transport

    class Encrypting:
        """Looks to the line as a transport with TLS."""

        def get_extra_info(self, name: str) -> Any:
            return ssl.create_default_context() if name == "sslcontext" else plain.get_extra_info(name)

        def get_write_buffer_size(self) -> int:
            return 0

        def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
            pass

        def set_write_buffer_limits(self, high: int) -> None:
            pass

        def write(self, data: bytes) -> None:
            written.append(bytes(data))

    other = Pair()
    other.line.take_over(Encrypting())  # type: ignore[arg-type]
    other.hand(b"secret")
    assert written == [b"secret"]


def is_open(descriptor: int) -> bool:
    """Whether this process has such a descriptor."""
    try:
        os.fstat(descriptor)
    except OSError:
        return False
    return True
