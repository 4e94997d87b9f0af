"""Signals as states that the supervisor looks at, and one place where it waits for them."""

from __future__ import annotations

import os
import select
import signal
from types import FrameType, TracebackType

ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(Exception):
    """Somebody asked us to end."""


class Signals:
    """While entered: SIGINT, SIGTERM and SIGHUP are counted, and they and SIGCHLD end a wait at once."""

    def __init__(self) -> None:
        self.stops = 0
        # Started under nohup, a terminal that goes away is no reason to end.
        self.stays = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN

    def __enter__(self) -> Signals:
        self.reader, self.writer = os.pipe()
        os.set_blocking(self.reader, False)
        os.set_blocking(self.writer, False)
        signal.set_wakeup_fd(self.writer, warn_on_full_buffer=False)
        for number in ENDING:
            signal.signal(number, self.count)
        if self.stays:
            signal.signal(signal.SIGHUP, signal.SIG_IGN)
        # A handler that does nothing: without one SIGCHLD would not wake us.
        signal.signal(signal.SIGCHLD, lambda *_: None)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(-1)
        for number in (*ENDING, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        os.close(self.reader)
        os.close(self.writer)

    def count(self, number: int, frame: FrameType | None) -> None:
        """Note that the end was asked for; the second time means: hurry."""
        self.stops += 1

    @property
    def hurry(self) -> bool:
        """Whether the end was asked for twice."""
        return self.stops > 1

    def wait(self, seconds: float) -> None:
        """Until a signal comes, at most that long."""
        select.select([self.reader], [], [], seconds)
        try:
            os.read(self.reader, 4096)
        except BlockingIOError:
            pass

    def pause(self, seconds: float) -> None:
        """Wait as above. Raises Stop when the end was asked for."""
        if not self.stops:
            self.wait(seconds)
        if self.stops:
            raise Stop
