"""Bytes of events and signals. Reading is tolerant: an unknown field is ignored, an unknown type is ``None``."""

from functools import reduce
from operator import or_
from typing import Any

import msgspec

from bus.events import EVENTS, Event
from bus.signals import SIGNALS, Signal

_encoder = msgspec.json.Encoder()
_event_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(reduce(or_, EVENTS))
_signal_decoder: msgspec.json.Decoder[Any] = msgspec.json.Decoder(reduce(or_, SIGNALS))


class Ring(msgspec.Struct, frozen=True):
    """What is published for an event: its place in its topic, and the event."""

    seq: int
    event: reduce(or_, EVENTS)  # type: ignore[valid-type]


class LaterRing(msgspec.Struct, frozen=True):
    """The same of an event that this version of the program cannot read: it has its place all the same."""

    seq: int
    event: msgspec.Raw


_ring_decoder = msgspec.json.Decoder(Ring)
_later_ring_decoder = msgspec.json.Decoder(LaterRing)


def encode(item: Event | Signal) -> bytes:
    """The JSON of an event or a signal, tagged with its name."""
    return _encoder.encode(item)


def encode_ring(seq: int, body: bytes) -> bytes:
    """The payload that rings for the event whose JSON is ``body``."""
    return b'{"seq":%d,"event":%b}' % (seq, body)


def decode_ring(payload: bytes) -> tuple[int, Event | None]:
    """The seq and the event, as ``decode_event`` gives it. Raises msgspec.DecodeError on what is no ring."""
    try:
        ring = _ring_decoder.decode(payload)
    except msgspec.DecodeError:
        return _later_ring_decoder.decode(payload).seq, None
    return ring.seq, ring.event


def decode_event(body: bytes | str) -> Event | None:
    """The event, or None for one that this version of the program does not know or cannot read."""
    try:
        return _event_decoder.decode(body)  # type: ignore[no-any-return]
    except msgspec.DecodeError:
        return None


def decode_signal(payload: bytes) -> Signal | None:
    """The signal, or None for one that this version of the program does not know or cannot read."""
    try:
        return _signal_decoder.decode(payload)  # type: ignore[no-any-return]
    except msgspec.DecodeError:
        return None
