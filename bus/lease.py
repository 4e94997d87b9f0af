"""A lease: one worker's word that a person is there, good for some seconds; and its bytes in the bucket of presence."""

from collections.abc import Callable
from typing import Literal

import msgspec

# A lease that has lapsed still tells when the person was last seen, until a worker has written that down.
KEPT_SECONDS = 90


class Lease(msgspec.Struct, frozen=True, omit_defaults=True):
    """A person is at this place for ``seconds`` from now on.

    ``seen``: when they last did something, as Unix time by the one clock that all workers go by (``app.pulse``).
    """

    state: Literal["online", "away"]
    seconds: float
    seen: float


OnLease = Callable[[int, str, Lease | None], None]
"""Takes the person, the place (a worker's name), and the lease; None: they are not there any more."""

OnFound = Callable[[int, str, Lease, float], None]
"""Takes the person, the place, what is left of the lease, and when it was put (on this host's monotonic clock)."""

_decoder = msgspec.json.Decoder(Lease)


def put_of(lease: Lease | None) -> tuple[bytes, dict[str, str]]:
    """Payload and headers that put this lease into the bucket, or take it back."""
    if lease is None:
        return b"", {"KV-Operation": "PURGE", "Nats-TTL": "1s"}
    return msgspec.json.encode(lease), {"Nats-TTL": f"{round(lease.seconds) + KEPT_SECONDS}s"}


def lease_of(payload: bytes) -> Lease | None:
    """What such a payload says; None also when nobody understands it."""
    try:
        return _decoder.decode(payload) if payload else None
    except msgspec.DecodeError:
        return None
