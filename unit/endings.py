"""Ending child processes: asked first, made to after a while, and sooner when a second signal says so."""

from __future__ import annotations

import signal
import time
from collections.abc import Sequence

from unit.process import Process, kill
from unit.signals import Signals

HURRY_GRACE = 1.0


def end_all(
    processes: Sequence[Process],
    by: signal.Signals,
    grace: float,
    signals: Signals,
    in_a_hurry: signal.Signals = signal.SIGKILL,
) -> None:
    """Send ``by`` to all; after ``grace`` seconds, or hurried, ``in_a_hurry``; a second later kill the rest.

    Gives back when all of them, and what they started in their groups, are gone.
    """
    for number, patience in ((by, grace), (in_a_hurry, HURRY_GRACE)):
        for process in processes:
            # A stopped process (SIGSTOP) has to go on to hear that it shall end.
            if process.poll() is None:
                process.send_signal(number)
                process.send_signal(signal.SIGCONT)
        await_deaths(processes, patience, signals, number == by)
    for process in processes:
        kill(process)


def await_deaths(processes: Sequence[Process], seconds: float, signals: Signals, can_hurry: bool) -> None:
    """Wait until all are dead, at most that long."""
    deadline = time.monotonic() + seconds
    while any(process.poll() is None for process in processes) and (left := deadline - time.monotonic()) > 0:
        if can_hurry and signals.hurry:
            return
        signals.wait(min(left, 0.2))
