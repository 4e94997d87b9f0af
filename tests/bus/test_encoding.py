"""Bytes on the bus: old and new workers read each other."""

import msgspec
import pytest

from bus import events as e
from bus import signals as s
from bus.encoding import decode_event, decode_ring, decode_signal, encode, encode_ring

LIKED = e.PostLiked(post_id=1, actor_id=2, likes=3, comments=4)


def test_an_event_comes_back_as_it_was_sent() -> None:
    assert encode(LIKED) == b'{"type":"post_liked","post_id":1,"actor_id":2,"likes":3,"comments":4}'
    assert decode_event(encode(LIKED)) == LIKED
    assert decode_event(encode(LIKED).decode()) == LIKED


def test_raw_facts_are_passed_on_byte_for_byte() -> None:
    facts = b'{"b":1,   "a":"\\u00e9"}'
    sent = e.MessageSent(conversation_id="c", message=msgspec.Raw(facts))
    read = decode_event(encode(sent))
    assert isinstance(read, e.MessageSent)
    assert bytes(read.message) == facts


def test_a_ring_is_its_place_and_the_event() -> None:
    assert decode_ring(encode_ring(41, encode(LIKED))) == (41, LIKED)


def test_a_ring_of_a_later_version_has_its_place() -> None:
    assert decode_ring(b'{"event":{"type":"danced"},"seq":1,"later":true}') == (1, None)
    assert decode_ring(b'{"event":{"type":"post_liked","post_id":"one"},"seq":2}') == (2, None)


@pytest.mark.parametrize("payload", [b"", b"{}", b'{"seq":1}', b'{"seq":"1","event":{}}', b"\xff", b"[1]"])
def test_what_is_no_ring_is_refused(payload: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_ring(payload)


@pytest.mark.parametrize("body", [b'{"type":"danced","post_id":1}', b"{}", b"[]", b"", b"\xff", b'{"type":"scrubbed"}'])
def test_what_this_version_does_not_know_is_none(body: bytes) -> None:
    assert decode_event(body) is None
    assert decode_signal(body) is None


def test_an_unknown_field_is_ignored_and_a_missing_or_wrong_one_is_none() -> None:
    assert decode_event(b'{"type":"post_liked","post_id":1,"actor_id":2,"likes":3,"comments":4,"stars":5}') == LIKED
    assert decode_event(b'{"type":"post_liked","post_id":1}') is None
    assert decode_event(b'{"type":"post_liked","post_id":"1","actor_id":2,"likes":3,"comments":4}') is None


def test_an_older_event_without_a_newer_field_is_read() -> None:
    read = decode_event(b'{"type":"message_sent","conversation_id":"c","message":{}}')
    assert isinstance(read, e.MessageSent)
    assert read.mentions == ()


def test_a_signal_comes_back_and_its_later_fields_are_ignored() -> None:
    typing = s.Typing(conversation_id="c", user_id=1, username="alice", is_typing=True)
    assert decode_signal(encode(typing)) == typing
    assert decode_signal(encode(typing)[:-1] + b',"mood":"happy"}') == typing
