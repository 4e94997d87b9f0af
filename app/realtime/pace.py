"""How fast somebody may send commands: so many a second, so many at once, and so many bad ones in a while."""

import time
from collections import deque

from app.config import Settings

SENDERS_AT_MOST = 10_000


class Pace:
    """Of one sender."""

    __slots__ = ("_bad", "_settings", "_tokens", "_tokens_at")

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._tokens, self._tokens_at = float(settings.command_burst), time.monotonic()
        # Nearly nobody sends a bad one, and a deque takes 600 bytes.
        self._bad: deque[float] | None = None

    def admits(self) -> bool:
        """Whether one more command may come now; a token bucket."""
        self._refill()
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def is_abuse(self) -> bool:
        """Count one bad command; whether those were too many."""
        now = time.monotonic()
        if self._bad is None:
            self._bad = deque(maxlen=self._settings.bad_commands)
        self._bad.append(now)
        return len(self._bad) == self._bad.maxlen and now - self._bad[0] <= self._settings.bad_commands_seconds

    @property
    def is_rested(self) -> bool:
        """Whether it can be forgotten: a new one would be the same."""
        self._refill()
        recent = self._bad and time.monotonic() - self._bad[-1] <= self._settings.bad_commands_seconds
        return self._tokens >= self._settings.command_burst and not recent

    def _refill(self) -> None:
        now = time.monotonic()
        earned = (now - self._tokens_at) * self._settings.commands_per_second
        self._tokens = min(float(self._settings.command_burst), self._tokens + earned)
        self._tokens_at = now


class Paces:
    """Of all who send commands by HTTP to this worker, by session: their requests share no connection."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._paces: dict[str, Pace] = {}

    def of(self, session_id: str) -> Pace:
        """The pace of this session."""
        if len(self._paces) >= SENDERS_AT_MOST:
            self._paces = {sender: pace for sender, pace in self._paces.items() if not pace.is_rested}
        return self._paces.setdefault(session_id, Pace(self._settings))
