"""The door: a handshake as browsers say it goes straight through, any other comes to the same end."""

import asyncio
from uuid import uuid4

import pytest

from app.realtime.door import WANTED
from tests.site import Person
from tests.sockets import DEADLINE, PONG, RawSocket, address, client_frame

PATH = "/ws/notifications/"
CHAT = f"/ws/chat/{uuid4()}/"


@pytest.mark.parametrize("target", [PATH, PATH[:-1], f"{PATH}?after=3&epoch=x", CHAT, CHAT[:-1], f"{CHAT}?after=3"])
def test_what_a_page_says_goes_through_the_door(target: str) -> None:
    assert WANTED.match(f"GET {target} HTTP/1.1\r\n".encode())


@pytest.mark.parametrize(
    "target", ["/", "/ws/", "/ws/other/", f"{PATH}more", CHAT.upper(), "/ws/chat/1/", "/ws//chat/"]
)
def test_nothing_else_does(target: str) -> None:
    assert not WANTED.match(f"GET {target} HTTP/1.1\r\n".encode())
    assert not WANTED.match(f"POST {PATH} HTTP/1.1\r\n".encode())


async def opened(alice: Person, target: str, cut_at: int | None) -> str:
    """The first line and the hello of a handshake that is said in one piece or in two."""
    reader, writer = await asyncio.open_connection("127.0.0.1", alice.site.port)
    fields = {
        "Host": f"127.0.0.1:{alice.site.port}",
        "Upgrade": "websocket",
        "Connection": "Upgrade",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    } | alice.socket_headers()
    head = f"GET {target} HTTP/1.1\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items()) + "\r\n"
    writer.write(head[:cut_at].encode())
    if cut_at is not None:
        await alice.get("/healthz")  # by then the first piece has been read
        writer.write(head[cut_at:].encode())
    async with asyncio.timeout(DEADLINE):
        answer = await reader.readuntil(b"\r\n\r\n")
        hello = await reader.readuntil(b"}")
    writer.close()
    return answer.split(b"\r\n")[0].decode() + hello[hello.index(b"{") :].decode()


@pytest.mark.parametrize("cut_at", [None, 1, 7, 40, -30, -1])
async def test_a_handshake_in_pieces_opens_as_one_in_one_piece_does(alice: Person, cut_at: int | None) -> None:
    said = await opened(alice, PATH, cut_at)
    assert said.startswith("HTTP/1.1 101 ")
    assert f'"topic":"user.{alice.id}"' in said


async def test_an_address_that_is_spelt_otherwise_opens_the_same(alice: Person, bob: Person) -> None:
    conversation = await alice.starts_conversation(bob)
    for target in (f"/ws/chat/{conversation}", f"/ws/chat/{conversation.upper()}/"):
        assert f'"topic":"conversation.{conversation}"' in await opened(alice, target, None)


async def test_much_that_is_said_with_the_handshake_is_heard(alice: Person) -> None:
    eager = RawSocket(address(alice.site.url, PATH), alice.socket_headers())
    eager.early = client_frame(b"x" * 100, 9) * 2000
    async with eager:
        pongs = 0
        while pongs < 2000:
            opcode, _ = await eager.frame()
            pongs += opcode == PONG


async def test_who_leaves_while_the_door_opens_leaves_nothing_behind(alice: Person) -> None:
    said = len(alice.site.log.read_bytes())
    for _ in range(20):
        _, writer = await asyncio.open_connection("127.0.0.1", alice.site.port)
        fields = "".join(f"{name}: {value}\r\n" for name, value in alice.socket_headers().items())
        writer.write(
            f"GET {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{alice.site.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{fields}\r\n".encode()
        )
        await writer.drain()
        writer.transport.abort()
    async with alice.listens(PATH) as page:
        await page.is_live()
    assert b"Traceback" not in alice.site.log.read_bytes()[said:]
