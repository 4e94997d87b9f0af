"""An audience: the listeners of one channel on this worker, and what is gathered for them.

What comes in quick succession is gathered and goes to each listener in one write, as a write costs far more than the
bytes in it. An audience is served in the same turn of the loop. When more came for it than one frame since the last
time, it is busy, and rests for as long as handing out took: at most half of the time goes into it, and the busier it is
the more goes in one write.
"""

import time
from typing import Protocol

# However many listen: nobody waits longer than this for company.
LONGEST_REST_SECONDS = 0.05


class Listener(Protocol):
    """What the hub needs of a connection."""

    user_id: int
    session_id: str
    channels: set[tuple[str, str]]

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


class Audience:
    """``gathered`` is bytes, each with the user who is not to get them; ``since`` is when the first of it came."""

    __slots__ = ("gathered", "listeners", "rests_until", "since")

    def __init__(self) -> None:
        self.listeners: set[Listener] = set()
        self.gathered: list[tuple[bytes, int | None]] = []
        self.since = self.rests_until = 0.0

    def gather(self, data: bytes, but_user: int | None) -> bool:
        """Keep ``data`` for the next handing out. True when that is still to be arranged."""
        self.gathered.append((data, but_user))
        if len(self.gathered) > 1:
            return False
        self.since = time.monotonic()
        return True

    def hand_out(self) -> int:
        """Write what is gathered to everybody. Gives the number of deliveries: of frames, times who got each."""
        began = time.monotonic()
        gathered, self.gathered = self.gathered, []
        data = gathered[0][0] if len(gathered) == 1 else b"".join([piece for piece, _ in gathered])
        handed = len(gathered) * len(self.listeners)
        left_out = {user_id for _, user_id in gathered if user_id is not None}
        for listener in self.listeners:
            if listener.user_id in left_out:
                own = [piece for piece, but_user in gathered if but_user != listener.user_id]
                handed -= len(gathered) - len(own)
                if own:
                    listener.send_now(b"".join(own))
            else:
                listener.send_now(data)
        if len(gathered) > 1:
            ended = time.monotonic()
            self.rests_until = ended + min(ended - began, LONGEST_REST_SECONDS)
        return handed
