"""What waits for all lines of a worker is bounded: who takes least goes first, and who reads is not touched."""

import asyncio
import socket
from collections.abc import AsyncIterator

import pytest

from app.realtime.line import KERNEL_BUFFER_BYTES, Line
from app.realtime.outgoing import Outgoing

EACH, MOST = 1_000_000, 1_600_000
PIECE = b"x" * 4000
# More than two kernels hide of a peer that does not read, and less than may wait for one line.
MUCH = 150


class Plain(Line):
    """A line without a protocol of its own."""

    def data_received(self, data: bytes) -> None:
        raise AssertionError("peers say nothing here")


class Street:
    """Lines and their peers, over real sockets."""

    def __init__(self, outgoing: Outgoing) -> None:
        self.outgoing = outgoing
        self.lost: list[Line] = []
        self.peers: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))

    async def line(self) -> Plain:
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 * 1024)
        peer.connect(self._listening.getsockname())
        self.peers.append(peer)
        line = Plain(self.outgoing, self.lost.append)
        transport, _ = await asyncio.get_running_loop().connect_accepted_socket(
            asyncio.Protocol, self._listening.accept()[0]
        )
        line.take_over(transport)
        return line

    async def close(self) -> None:
        for peer in [*self.peers, self._listening]:
            peer.close()


@pytest.fixture
async def street() -> AsyncIterator[Street]:
    street = Street(Outgoing(EACH, MOST))
    yield street
    await street.close()


async def gets(line: Line, pieces: int) -> None:
    for _ in range(pieces):
        line._write(PIECE)
        await asyncio.sleep(0)


async def gone(street: Street, count: int) -> None:
    async with asyncio.timeout(5):
        while len(street.lost) < count:  # noqa: ASYNC110 - a few turns of the loop
            await asyncio.sleep(0)


async def test_nothing_is_counted_of_who_takes_everything(street: Street) -> None:
    line = await street.line()
    await gets(line, 1)
    assert (street.outgoing.slow, street.outgoing.waiting) == (0, 0)


async def test_a_line_is_slow_until_its_peer_has_taken_everything(street: Street) -> None:
    line = await street.line()
    await gets(line, MUCH)
    assert street.outgoing.slow == 1
    assert 0 < MUCH * len(PIECE) - street.outgoing.waiting < 8 * KERNEL_BUFFER_BYTES
    taken = 0
    street.peers[0].setblocking(False)
    while taken < MUCH * len(PIECE):
        taken += len(await asyncio.get_running_loop().sock_recv(street.peers[0], 2**16))
    await line.drained()
    assert (street.outgoing.slow, line.buffered, line.open) == (0, 0, True)


async def test_too_much_for_one_ends_that_one(street: Street) -> None:
    line, other = await street.line(), await street.line()
    await gets(other, MUCH)
    await gets(line, EACH // len(PIECE) + MUCH)
    await gone(street, 1)
    assert street.lost == [line]
    assert (street.outgoing.cut_off, street.outgoing.crowded_out) == (1, 0)


async def test_too_much_for_all_ends_those_for_whom_most_waits(street: Street) -> None:
    reads = await street.line()
    lines = [await street.line() for _ in range(6)]
    for place, line in enumerate(lines):
        # The first one has least waiting, and none of them too much.
        await gets(line, MUCH + 10 * place)
    await gets(reads, 1)
    await gone(street, 1)
    ended = set(street.lost)
    assert street.outgoing.crowded_out == len(ended) == street.outgoing.cut_off
    assert street.outgoing.waiting <= MOST
    assert reads not in ended
    left = [line for line in lines if line not in ended]
    assert left, "not more of them than need be"
    assert lines[0] in left


async def test_thousands_that_end_hold_nobody_up(street: Street) -> None:
    lines = [await street.line() for _ in range(100)]
    for line in lines:
        line.cut_off()
        line.cut_off()
    turns = 0
    while len(street.lost) < len(lines):
        await asyncio.sleep(0)
        turns += 1
    assert turns >= 10, "in one turn of the loop they would all go at once"
    assert street.outgoing.cut_off == len(lines)
    assert not any(line.open for line in lines)
