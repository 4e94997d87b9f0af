"""How long to wait before something that keeps dying is started again."""

from __future__ import annotations

DELAYS = (0.0, 0.5, 1.0, 2.0, 4.0, 5.0)
# What lived this long was well: its death starts the row anew.
GOOD_LIFE = 10.0


class Patience:
    """Delays in seconds that grow from 0 to 5 with deaths in quick succession."""

    def __init__(self) -> None:
        self.deaths = 0

    def delay_after(self, lifetime: float) -> float:
        """The wait before the next start, after something lived ``lifetime`` seconds."""
        if lifetime > GOOD_LIFE:
            self.deaths = 0
        delay = DELAYS[min(self.deaths, len(DELAYS) - 1)]
        self.deaths += 1
        return delay
