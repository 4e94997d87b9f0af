"""An embedded server that is started again whenever it dies, on the same port with the same data."""

from __future__ import annotations

import time

from unit.patience import Patience
from unit.say import say
from unit.servers import CannotStart, Server


class Kept:
    """A server under the supervisor's eye. ``tick`` never waits."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.patience = Patience()
        self.started = time.monotonic()
        self.died: float | None = None
        self.due: float | None = None

    def start(self) -> None:
        """Start the server, without waiting until it is ready. Raises CannotStart."""
        self.server.prepare()
        self.server.spawn()
        self.started = time.monotonic()

    def tick(self) -> None:
        """Start it again when it is dead, tell when it is back."""
        now = time.monotonic()
        if not self.server.is_alive():
            self.revive(now)
        elif self.died is not None and self.server.is_ready():
            say(f"{self.server.name} is back after {now - self.died:.1f} s.")
            self.died = None

    @property
    def is_recovering(self) -> bool:
        """Whether it died and is not yet back."""
        return self.died is not None

    def revive(self, now: float) -> None:
        """Start it again, at once the first time and with growing pauses when it does not stay."""
        if self.died is None:
            self.died = now
            say(f"{self.server.name} died: starting it again.")
        if self.due is None:
            self.due = now + self.patience.delay_after(now - self.started)
        if now >= self.due:
            self.due = None
            self.started = now
            try:
                self.server.spawn()
            except (OSError, CannotStart) as error:
                say(f"{self.server.name} does not start ({error}): trying again.")
