"""RFC 6455 in bytes: whatever way they are cut, the same messages or the same refusal come out."""

import random
from contextlib import suppress
from itertools import pairwise

import pytest

from app.realtime.websocket import (
    CLOSE,
    PING,
    TEXT,
    Parser,
    ProtocolError,
    accept,
    close_code,
    frame,
    payloads,
    valid_key,
)
from tests.realtime.listener import decoded
from tests.sockets import client_frame


def parsed(data: bytes, cuts: list[int] | None = None) -> list[tuple[int, bytes]]:
    """What comes out of the parser for these bytes, cut at these places."""
    found: list[tuple[int, bytes]] = []
    parser = Parser(65536, lambda opcode, payload: found.append((opcode, payload)))
    places = [0, *sorted(cuts or []), len(data)]
    for start, end in pairwise(places):
        parser.feed(data[start:end])
    return found


def test_a_conversation_of_frames_is_read_however_it_is_cut() -> None:
    chance = random.Random(3)
    text = "Grüße 🙂 " * 50
    pieces = text.encode()
    data = (
        client_frame(text)
        + client_frame(pieces[:7], final=False)
        + client_frame("ping", PING)
        + client_frame(pieces[7:100], 0, final=False)
        + client_frame(pieces[100:], 0)
        + client_frame("x" * 65536)
        + client_frame("")
        + client_frame(b"\x03\xe8bye", CLOSE)
    )
    expected = [
        (TEXT, text.encode()),
        (PING, b"ping"),
        (TEXT, text.encode()),
        (TEXT, b"x" * 65536),
        (TEXT, b""),
        (CLOSE, b"\x03\xe8bye"),
    ]
    assert parsed(data) == expected
    for _ in range(300):
        cuts = [chance.randrange(len(data)) for _ in range(chance.randrange(40))]
        assert parsed(data, cuts) == expected
    assert parsed(data[:1000], list(range(1000)))[0] == expected[0]


@pytest.mark.parametrize("text", [b"\xff", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82"])
def test_what_is_no_utf8_is_1007_in_one_frame_and_in_many(text: bytes) -> None:
    whole = client_frame(b"ok" + text)
    split = client_frame(b"ok", final=False) + b"".join(
        client_frame(text[i : i + 1], 0, final=i == len(text) - 1) for i in range(len(text))
    )
    for data in (whole, split):
        for cuts in ([], list(range(1, len(data)))):
            with pytest.raises(ProtocolError) as refused:
                parsed(data, cuts)
            assert refused.value.code == 1007


def test_random_bytes_never_do_anything_but_refuse() -> None:
    chance = random.Random(5)
    for _ in range(3000):
        with suppress(ProtocolError):
            parsed(chance.randbytes(chance.randrange(1, 40)))


@pytest.mark.parametrize("size", [0, 1, 125, 126, 127, 65535, 65536])
def test_a_frame_of_ours_has_the_shortest_header_there_is(size: int) -> None:
    made = frame(b"x" * size)
    assert len(made) - size == (2 if size < 126 else 4 if size < 65536 else 10)
    assert made[0] == 0x81
    assert made.endswith(b"x" * size)


def test_frames_in_a_row_can_be_told_apart() -> None:
    assert decoded(frame(b'{"a":1}') + frame(b'{"b":"%b"}' % (b"x" * 70000))) == [{"a": 1}, {"b": "x" * 70000}]


@pytest.mark.parametrize("size", [0, 1, 125, 126, 65_535, 65_536])
def test_frames_of_ours_are_taken_apart_again(size: int) -> None:
    sent = [b"{}", b"x" * size, b"[1]"]
    assert list(payloads(b"".join(map(frame, sent)))) == sent
    assert list(payloads(b"")) == []


def test_the_answer_is_that_of_the_rfc() -> None:
    answer = accept("dGhlIHNhbXBsZSBub25jZQ==", {"x-more": "1"})
    assert b"\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" in answer
    assert b"\r\nx-more: 1\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(("key", "valid"), [("dGhlIHNhbXBsZSBub25jZQ==", True), ("", False), ("dGhl", False)])
def test_a_key_has_sixteen_bytes(key: str, valid: bool) -> None:
    assert valid_key(key) is valid


def test_close_codes_are_those_that_may_be_sent() -> None:
    good = [1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 4999]
    for code in good:
        assert close_code(code.to_bytes(2, "big")) == code
    assert close_code(b"") == 1000
    for code in (0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65535):
        with pytest.raises(ProtocolError):
            close_code(code.to_bytes(2, "big"))
