"""Running one of the application's own programs to its end, as a step of the start."""

from __future__ import annotations

import signal
import tempfile
from collections.abc import Mapping, Sequence

from unit.process import end, spawn
from unit.servers import CannotStart
from unit.signals import Signals


def run_step(command: Sequence[str], variables: Mapping[str, str], signals: Signals) -> str:
    """Run a program and give back what it said.

    Raises CannotStart with that when it failed, Stop on a signal.
    """
    with tempfile.TemporaryFile() as said:
        process = spawn(command, env=variables, log=said)
        try:
            while process.poll() is None:
                signals.pause(1)
        finally:
            end(process, signal.SIGTERM, 3)
        said.seek(0)
        words = said.read().decode(errors="replace").strip()
    if process.returncode:
        raise CannotStart(words or f"{' '.join(command[1:])} failed without a word.")
    return words
