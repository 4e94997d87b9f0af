"""An audience: the listeners of one channel on this worker, and what is gathered for them.

What comes in quick succession is gathered and goes to each listener in one write, as a write costs far more than the
bytes in it. An audience is served in the same turn of the loop. When more came for it than one frame since the last
time, it is busy, and rests for half as long as handing out took: at most two thirds of the time go into it, and the
busier it is the more goes in one write.
"""

import os
import time
from collections.abc import Iterable
from typing import ClassVar, Protocol

import msgspec

from app.realtime.totals import totals

REST = 0.5
"""Of the time that handing out took."""
# However many listen: nobody waits longer than this for company.
LONGEST_REST_SECONDS = 0.05


class Way(Protocol):
    """What the hub needs of a line."""

    @property
    def descriptor(self) -> int:
        """Frames may be written to it without passing anything else; negative: not now."""

    def send_rest(self, data: bytes, taken: int) -> None:
        """Take over after the kernel took so many bytes of what was written to ``descriptor``."""


class Listener(Protocol):
    """What the hub needs of a connection."""

    user_id: int
    session_id: str
    channels: set[tuple[str, str]]
    hides: frozenset[int]
    """The people who are hidden from this one."""

    @property
    def line(self) -> Way:
        """Its line, always the same."""

    @property
    def open(self) -> bool:
        """Whether bytes can still reach the peer."""

    @property
    def buffered(self) -> int:
        """Bytes that wait for the peer."""

    def send(self, data: bytes) -> None:
        """Take bytes without waiting."""

    def send_now(self, data: bytes) -> None:
        """The same, and let them go, after what was taken before."""

    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye."""

    def tick(self, now: float) -> None:
        """Look at the clock."""


class Piece(msgspec.Struct, frozen=True, gc=False):
    """Bytes that everybody gets."""

    is_choosy: ClassVar[bool] = False
    data: bytes

    def seen_by(self, listener: Listener) -> bytes:
        """What this listener gets of it."""
        return self.data


class ChoosyPiece(Piece, frozen=True, gc=False):
    """Bytes for everybody but ``but_user``, or ``only`` for some; from whom ``author`` is hidden gets ``instead``."""

    is_choosy: ClassVar[bool] = True
    but_user: int | None = None
    author: int | None = None
    instead: bytes = b""
    only: frozenset[int] | None = None

    def seen_by(self, listener: Listener) -> bytes:
        """What this listener gets of it."""
        if listener.user_id == self.but_user or (self.only is not None and listener.user_id not in self.only):
            return b""
        return self.instead if self.author in listener.hides else self.data


class Audience:
    """``gathered`` is what came, ``since`` when the first of it did; ``is_choosy`` as any piece of it.

    ``listeners`` each with its line; ``is_served``: something was handed out at once in this turn of the loop.
    """

    __slots__ = ("_alone", "_way", "gathered", "is_choosy", "is_served", "listeners", "rests_until", "since")

    def __init__(self) -> None:
        self.listeners: dict[Listener, Way] = {}
        self.gathered: list[Piece] | None = None
        self.is_choosy = self.is_served = False
        self.since = self.rests_until = 0.0
        self._alone: Listener | None = None
        self._way: Way | None = None

    def add(self, listener: Listener) -> None:
        """One more listens."""
        self.listeners[listener] = listener.line
        self._look_who_is_alone()

    def discard(self, listener: Listener) -> None:
        """One less, if this one did."""
        self.listeners.pop(listener, None)
        self._look_who_is_alone()

    def _look_who_is_alone(self) -> None:
        self._alone, self._way = next(iter(self.listeners.items())) if len(self.listeners) == 1 else (None, None)

    def hands_at_once(self, piece: Piece) -> bool:
        """Hand it to the only listener there is, if nothing is before it. False when it has to be gathered."""
        # Every object looked at here is one of thousands and in no cache: hence ``_way``, and no clock.
        way, alone = self._way, self._alone
        if way is None or alone is None or self.is_served or self.gathered or piece.is_choosy:
            return False
        if self.rests_until and self.rests_until > time.monotonic():
            return False
        self.is_served = True
        _write_to(((alone, way),), piece.data)
        return True

    def gather(self, piece: Piece) -> bool:
        """Keep it for the next handing out. True when that is still to be arranged."""
        if piece.is_choosy:
            self.is_choosy = True
        if self.gathered:
            self.gathered.append(piece)
            return False
        self.gathered = [piece]
        self.since = time.monotonic()
        return True

    def hand_out(self) -> int:
        """Write what is gathered to everybody. Gives the number of deliveries: of frames, times who got each."""
        gathered, self.gathered = self.gathered or [], None
        if len(gathered) == 1:
            return self._hand_to_all(gathered, gathered[0].data)
        began = time.monotonic()
        handed = self._hand_to_all(gathered, b"".join([piece.data for piece in gathered]))
        ended = time.monotonic()
        self.rests_until = ended + min((ended - began) * REST, LONGEST_REST_SECONDS)
        return handed

    def _hand_to_all(self, gathered: list[Piece], data: bytes) -> int:
        handed = len(gathered) * len(self.listeners)
        if not self.is_choosy:
            _write_to(self.listeners.items(), data)
            return handed
        self.is_choosy = False
        return handed - (self._hand_one(gathered[0]) if len(gathered) == 1 else self._hand_to_each(gathered, data))

    def _hand_one(self, piece: Piece) -> int:
        """Hand each listener what is for it of one piece. Gives how many get nothing."""
        missed, others = 0, []
        for each in self.listeners.items():
            own = piece.seen_by(each[0])
            if own is piece.data:
                others.append(each)
            elif own:
                _write_to((each,), own)
            else:
                missed += 1
        _write_to(others, piece.data)
        return missed

    def _hand_to_each(self, gathered: list[Piece], data: bytes) -> int:
        """Hand each listener what is for it; ``data`` is all of it. Gives how many deliveries there are less."""
        choosy = [piece for piece in gathered if isinstance(piece, ChoosyPiece)]
        left_out = {piece.but_user for piece in choosy}
        authors = {piece.author for piece in choosy}
        is_for_some = any(piece.only is not None for piece in choosy)
        missed, others = 0, []
        for each in self.listeners.items():
            listener = each[0]
            if is_for_some or listener.user_id in left_out or not authors.isdisjoint(listener.hides):
                own = [found for piece in gathered if (found := piece.seen_by(listener))]
                missed += len(gathered) - len(own)
                if own:
                    _write_to((each,), b"".join(own))
            else:
                others.append(each)
        _write_to(others, data)
        return missed


def _write_to(listeners: Iterable[tuple[Listener, Way]], data: bytes) -> None:
    # Written out, as this is what every delivery runs through: to hand each line the bytes would be two calls more, and
    # the line would look at five things to find out what its descriptor says.
    write, size, directly = os.write, len(data), 0
    for listener, line in listeners:
        descriptor = line.descriptor
        if descriptor < 0:
            listener.send_now(data)
            continue
        directly += 1
        try:
            taken = write(descriptor, data)
        except OSError:
            # The kernel is full, or the peer is gone: who takes over finds out which.
            taken = 0
        if taken < size:
            line.send_rest(data, taken)
    totals.bytes_out += size * directly
