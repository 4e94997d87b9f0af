"""What a person at the terminal reads: steps with their time, and the line that says why it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn


@contextmanager
def step(what: str) -> Iterator[None]:
    """Show a step of the work: its name at once, its time in seconds when it is done."""
    began = time.monotonic()
    say(f"  {what} … ", end="")
    try:
        yield
    except BaseException:
        say("")
        raise
    say(f"{time.monotonic() - began:.1f} s")


def say(line: str, end: str = "\n") -> None:
    """One line on standard output, at once. A terminal that is gone must not keep us from ending in order."""
    try:
        print(line, end=end, flush=True)
    except OSError:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115  (stays open until we end)


def give_up(reason: str) -> NoReturn:
    """Say in one line why it does not go on and what to do, and leave with status 1."""
    sys.exit(f"natter: {reason}")
