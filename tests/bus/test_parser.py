"""The parser: the same messages, however the bytes arrive and whatever stands between them."""

import asyncio
import random
from collections.abc import Iterable

import nats.errors
import pytest

from bus.client import LightClient

INFO = b'INFO {"max_payload":1048576}\r\n'


class Heard(list[tuple[bytes, bytes]]):
    """A handler that keeps what it hears."""

    def __call__(self, subject: bytes, payload: bytes) -> None:
        self.append((subject, payload))


class Client(LightClient):
    """A client that is at no server: what nats-py would make of the rest is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.rest: list[object] = []

    async def _process_ping(self) -> None:
        self.rest.append("PING")

    async def _process_info(self, info: dict[str, object], initial_connection: bool = False) -> None:
        self.rest.append(info)

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        if reply or headers:
            self.rest.append((subject, reply, data, headers))
        await super()._process_msg(sid, subject, reply, data, headers)


async def taken(pieces: Iterable[bytes]) -> tuple[Heard, list[object]]:
    client, heard = Client(), Heard()
    await client.add_interest("a.*", heard)
    for piece in pieces:
        await client._ps.parse(piece)
    return heard, client.rest


def plain(subject: bytes, payload: bytes, sid: int = 1) -> bytes:
    return b"MSG %b %d %d\r\n%b\r\n" % (subject, sid, len(payload), payload)


STREAM = b"".join(
    (
        *(INFO, plain(b"a.1", b"one"), plain(b"a.2", b""), b"PING\r\n", plain(b"a.3", b"MSG a.9 1 2\r\nhi\r\n")),
        *(plain(b"b.1", b"for nobody", sid=9), b"MSG a.4 1 _INBOX.x 5\r\nreply\r\n", b"+OK\r\n"),
        *(b"HMSG a.5 1 12 16\r\nNATS/1.0\r\n\r\nbody\r\n", plain(b"a.\xff", b"\x00\xff"), plain(b"a.6", b"x" * 70_000)),
        *(b"PING\r\n", plain(b"a.7", b"last")),
    )
)
HEARD = [
    *((b"a.1", b"one"), (b"a.2", b""), (b"a.3", b"MSG a.9 1 2\r\nhi\r\n"), (b"a.4", b"reply"), (b"a.5", b"body")),
    *((b"a.\xff", b"\x00\xff"), (b"a.6", b"x" * 70_000), (b"a.7", b"last")),
]
REST = [
    *({"max_payload": 1048576}, "PING", (b"a.4", b"_INBOX.x", b"reply", None)),
    *((b"a.5", b"", b"body", b"NATS/1.0\r\n\r\n"), "PING"),
]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 65536, len(STREAM)])
async def test_messages_are_whole_however_the_bytes_are_cut(size: int) -> None:
    heard, rest = await taken(STREAM[at : at + size] for at in range(0, len(STREAM), size))
    assert heard == HEARD
    assert rest == REST


async def test_random_cuts_change_nothing() -> None:
    chance = random.Random(3)
    stream = STREAM.replace(b"x" * 70_000, b"x" * 70).replace(b" 70000\r\n", b" 70\r\n")
    whole = await taken([stream])
    for _ in range(200):
        cuts = sorted(chance.sample(range(len(stream)), chance.randrange(1, 20)))
        pieces = [stream[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
        assert await taken(pieces) == whole


@pytest.mark.parametrize("line", [b"MSG a.1 one 2\r\n", b"MSG a.1 1 -2\r\n", b"MSG\r\n", b"SMG a.1 1 2\r\n"])
async def test_what_is_no_protocol_is_refused(line: bytes) -> None:
    with pytest.raises(nats.errors.ProtocolError):
        await taken([plain(b"a.1", b"one"), line + b"hi\r\n"])


async def test_who_leaves_in_a_handler_hears_nothing_more_of_what_was_read() -> None:
    client, heard = Client(), Heard()

    def leave(subject: bytes, payload: bytes) -> None:
        heard(subject, payload)
        client._remove_sub(entry._id)

    entry = await client.add_interest("a.*", leave)
    await client._ps.parse(plain(b"a.1", b"one") + plain(b"a.2", b"two"))
    assert heard == [(b"a.1", b"one")]


async def test_a_failing_or_cancelled_handler_stops_nothing() -> None:
    client, heard = Client(), Heard()

    def fail(subject: bytes, payload: bytes) -> None:
        heard(subject, payload)
        raise asyncio.CancelledError if payload == b"one" else RuntimeError("a handler fails")

    await client.add_interest("a.*", fail)
    await client._ps.parse(plain(b"a.1", b"one") + plain(b"a.2", b"two") + plain(b"a.3", b"three"))
    assert [payload for _, payload in heard] == [b"one", b"two", b"three"]


async def test_the_rest_of_a_connection_that_is_gone_is_not_taken() -> None:
    class Reconnecting(Client):
        async def _process_ping(self) -> None:
            self._ps.reset()

    client, heard = Reconnecting(), Heard()
    await client.add_interest("a.*", heard)
    await client._ps.parse(plain(b"a.1", b"one") + b"PING\r\n" + plain(b"a.2", b"two"))
    assert heard == [(b"a.1", b"one")]
    await client._ps.parse(plain(b"a.3", b"three"))
    assert [payload for _, payload in heard] == [b"one", b"three"]
