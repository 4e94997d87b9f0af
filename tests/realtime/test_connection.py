"""What a connection puts up with: broken protocols, floods, peers that do not read, peers that are gone."""

import asyncio
import json
import time

import pytest

from tests.realtime.deaf import passes_by
from tests.site import Person, Site, until
from tests.sockets import BINARY, CLOSE, PING, PONG, TEXT, client_frame

PATH = "/ws/notifications/"
CONTINUATION = 0
KIBIBYTE = 1024


def say(text: str) -> bytes:
    return client_frame(json.dumps({"type": "chat_message", "message": text}))


@pytest.fixture
async def chat(alice: Person, bob: Person) -> str:
    """The address of alice's and bob's conversation."""
    return f"/ws/chat/{await alice.starts_conversation(bob)}/"


VIOLATIONS = {
    "a frame over 64 KiB": (1009, [client_frame("x" * (64 * KIBIBYTE + 1))]),
    "a frame over 1 MiB": (1009, [client_frame("x" * (1024 * KIBIBYTE))]),
    "a frame that says it has 2^62 bytes": (1009, [b"\x81\xff" + (2**62).to_bytes(8, "big") + b"mask"]),
    "fragments over 64 KiB together": (
        1009,
        [client_frame("x" * 40_000, final=False), client_frame("x" * 40_000, CONTINUATION)],
    ),
    "invalid UTF-8": (1007, [client_frame(b'{"type":"\xff"}')]),
    "invalid UTF-8 in fragments": (
        1007,
        [client_frame(b"\xce\xba\xed", final=False), client_frame(b"\xa0\x80", CONTINUATION)],
    ),
    "a character that no fragment ends": (
        1007,
        [client_frame("€".encode()[:2], final=False), client_frame(b"", CONTINUATION)],
    ),
    "a frame that is not masked": (1002, [client_frame("{}", masked=False)]),
    "a reserved bit": (1002, [bytes((0xC1, 0x80)) + b"mask"]),
    "an unknown opcode": (1002, [client_frame("", 3)]),
    "a ping in fragments": (1002, [client_frame("", PING, final=False)]),
    "a ping of 126 bytes": (1002, [client_frame("x" * 126, PING)]),
    "a continuation of nothing": (1002, [client_frame("", CONTINUATION)]),
    "a message within another": (1002, [client_frame("{", final=False), client_frame("{}")]),
    "a close frame of one byte": (1002, [client_frame(b"\x03", CLOSE)]),
    "a close code that may not be sent": (1002, [client_frame((1005).to_bytes(2, "big"), CLOSE)]),
    "a close reason that is not UTF-8": (1007, [client_frame((1000).to_bytes(2, "big") + b"\xff", CLOSE)]),
}


@pytest.mark.parametrize("violation", VIOLATIONS)
async def test_who_breaks_the_protocol_is_told_how_and_closed(alice: Person, violation: str) -> None:
    code, pieces = VIOLATIONS[violation]
    async with alice.connects(PATH) as hers:
        await hers.sees("caught_up")
        hers.writes(*pieces)
        assert await hers.closed() == code
        await hers.hung_up()


async def test_invalid_utf8_is_found_however_the_bytes_are_cut(alice: Person) -> None:
    frames = client_frame(b'{"type":"\xe2\x82', final=False) + client_frame(b'\xff"}', CONTINUATION)
    async with alice.connects(PATH) as hers:
        await hers.sees("caught_up")
        for byte in frames:
            hers.writes(bytes((byte,)))
            await hers.writer.drain()
        assert await hers.closed() == 1007


async def test_fragments_and_pings_between_them_are_one_message(alice: Person, chat: str) -> None:
    text = json.dumps({"type": "chat_message", "message": "Grüße 🙂"}, ensure_ascii=False).encode()
    pieces = [text[at : at + 3] for at in range(0, len(text), 3)]
    async with alice.connects(chat) as hers:
        await hers.sees("caught_up")
        hers.writes(client_frame(pieces[0], final=False))
        for piece in pieces[1:-1]:
            hers.writes(client_frame(piece, CONTINUATION, final=False), client_frame("still there?", PING))
        hers.writes(client_frame(pieces[-1], CONTINUATION))
        for _ in pieces[1:-1]:
            assert await hers.frame() == (PONG, b"still there?")
        assert (await hers.sees("chat_message"))["message"] == "Grüße 🙂"


async def test_a_ping_is_answered_with_its_own_words(alice: Person) -> None:
    async with alice.connects(PATH) as hers:
        hers.writes(client_frame(b"\x00\xff" * 62, PING), client_frame(b"", PING))
        assert await hers.frame_of(PONG) == b"\x00\xff" * 62
        assert await hers.frame_of(PONG) == b""


async def test_a_binary_frame_is_read_as_any_other(alice: Person, chat: str) -> None:
    async with alice.connects(chat) as hers:
        hers.writes(client_frame(b"\xff", BINARY), client_frame(b'{"type":"chat_message","message":"bytes"}', BINARY))
        assert (await hers.sees("error"))["code"] == "invalid_json"
        assert (await hers.sees("chat_message"))["message"] == "bytes"


@pytest.mark.parametrize("code", [1000, 1001, 3000, 4999])
async def test_a_close_is_answered_with_its_own_code(alice: Person, code: int) -> None:
    async with alice.connects(PATH) as hers:
        await hers.sees("caught_up")
        hers.writes(client_frame(code.to_bytes(2, "big") + b"bye", CLOSE))
        assert await hers.closed() == code
        await hers.hung_up()


async def test_fifty_commands_and_an_immediate_close_are_fifty_messages(alice: Person, bob: Person, chat: str) -> None:
    history = f"/conversations/{chat.split('/')[3]}/messages"
    async with alice.connects(chat) as hers:
        await hers.sees("caught_up")
        hers.writes(*(say(f"number {number}") for number in range(50)), client_frame((1000).to_bytes(2, "big"), CLOSE))
        await hers.hung_up()

    async def stored() -> list[str]:
        items = (await bob.get(history)).json()["items"]
        return [item["message"] for item in items] if len(items) == 50 else []

    assert await until(stored) == [f"number {number}" for number in range(50)]


async def test_a_command_is_run_to_its_end_when_the_peer_vanishes(alice: Person, bob: Person, chat: str) -> None:
    async with bob.listens(chat) as his:
        await his.is_live()
        for number in range(20):
            async with alice.connects(chat) as hers:
                await hers.sees("caught_up")
                hers.writes(say(f"number {number}"))
                hers.writer.close()
                await his.sees("chat_message", message=f"number {number}", number=number + 1)


async def test_twenty_bad_commands_in_ten_seconds_are_abuse(alice: Person, chat: str) -> None:
    async with alice.listens(chat) as hers:
        await hers.is_live()
        for _ in range(19):
            await hers.sends("{")
        await hers.says("chat_message", message="nineteen are none")
        await hers.sees("chat_message")
        assert hers.all_of("error", "code") == ["invalid_json"] * 19
        await hers.sends("{")
        assert await hers.closed() == 1008


async def test_too_many_commands_are_refused_one_by_one(strict_site: Site) -> None:
    alice, bob = await strict_site.signs_in("alice"), await strict_site.signs_in("bob")
    conversation = await alice.starts_conversation(bob)
    async with alice.listens(f"/ws/chat/{conversation}/") as hers:
        await hers.is_live()
        for number in range(15):
            await hers.says("chat_message", message=f"number {number}", client_id=f"{number:032x}")
        refused = [await hers.sees("error") for _ in range(4)]
        assert {frame["code"] for frame in refused} == {"too_many"}
        assert all(frame["command"] == "chat_message" and frame["client_id"] for frame in refused)

    async def stored() -> bool:
        return len((await bob.get(f"/conversations/{conversation}/messages")).json()["items"]) >= 10

    await until(stored)


async def test_a_flood_is_abuse(alice: Person) -> None:
    async with alice.connects(PATH) as hers:
        await hers.sees("caught_up")
        hers.writes(client_frame('{"type":"watch"}') * 400)
        assert await hers.closed() == 1008


async def test_a_peer_that_never_reads_is_dropped_and_delays_nobody(strict_site: Site) -> None:
    """Its 32 KB buffer, and 64 KB in the kernel, are soon full: it is dropped, and bob has it all."""
    alice, bob = await strict_site.signs_in("alice"), await strict_site.signs_in("bob")
    conversation = await alice.starts_conversation(bob)
    path = f"/ws/chat/{conversation}/"
    async with alice.connects(path, buffer_bytes=1024) as deaf, bob.listens(path) as his:
        await deaf.sees("caught_up")
        await his.is_live()
        await passes_by(deaf, conversation, alice, his)

        async def is_dropped() -> bool:
            # The write fails as soon as the server has reset the connection.
            deaf.writes(client_frame("", PONG))
            return deaf.writer.transport.is_closing()

        await until(is_dropped, 5)


async def test_a_half_open_peer_is_dropped_in_time_and_a_living_one_stays(strict_site: Site) -> None:
    """Pinged after 1 s of silence, dropped 1 s later, and half a second is lost each time."""
    alice = await strict_site.signs_in("alice")
    began = time.monotonic()
    async with alice.connects(PATH) as half_open, alice.listens(PATH) as living:
        await half_open.sees("unread_count")
        await living.is_live()
        assert await half_open.frame() == (PING, b"")
        await half_open.hung_up()
        assert 2 <= time.monotonic() - began < 3.3
        await living.pings()
        await living.says("watch")
        await living.pings()


async def test_any_sign_of_life_keeps_a_connection(strict_site: Site) -> None:
    alice = await strict_site.signs_in("alice")
    async with alice.connects(PATH) as hers:
        await hers.sees("unread_count")
        for _ in range(3):
            assert await hers.frame() == (PING, b"")
            hers.writes(client_frame("", PONG))
        hers.writes(client_frame("{"))
        assert (await hers.sees("error"))["code"] == "invalid_json"


async def test_a_server_that_stops_says_that_it_restarts(site: Site, alice: Person, bob: Person, chat: str) -> None:
    other = Site(site.servers, site.log.parent)
    other.start()
    try:
        away = Person(other, {})
        away.http.cookies = alice.http.cookies
        async with away.listens(PATH) as page, away.listens(chat) as open_chat, alice.listens(chat) as here:
            for socket in (page, open_chat, here):
                await socket.is_live()
            stopping = asyncio.get_running_loop().run_in_executor(None, other.stop)
            assert await page.closed() == 1012
            assert await open_chat.closed() == 1012
            await stopping
            await bob.writes(chat.split("/")[3], "still here")
            await here.sees("chat_message", message="still here")
        await away.http.aclose()
    finally:
        if other.process.poll() is None:
            other.stop()


async def test_a_close_that_is_not_answered_ends_all_the_same(alice: Person, site: Site) -> None:
    async with alice.connects(PATH) as hers:
        await hers.sees("caught_up")
        await alice.post("/logout")
        assert await hers.closed() == 4401
        began = time.monotonic()
        await hers.hung_up()
        assert time.monotonic() - began < 4


async def test_nothing_is_sent_after_the_close_frame(alice: Person, bob: Person, chat: str) -> None:
    async with alice.connects(chat) as hers:
        await hers.sees("caught_up")
        hers.writes(client_frame("{", masked=False))
        assert await hers.closed() == 1002
        await bob.writes(chat.split("/")[3], "too late")
        hers.writes(client_frame("anyone?", PING))
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await hers.frame_of(TEXT)
