"""Child processes that cannot outlive us, and finding again those of a unit that was killed."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from unit.account import Account

PR_SET_PDEATHSIG = 1

Process = subprocess.Popen[bytes]


def spawn(
    command: Sequence[str | Path],
    *,
    dies_by: signal.Signals = signal.SIGKILL,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    log: IO[bytes] | None = None,
) -> Process:
    """Start a child in a session of its own: the terminal's Ctrl-C reaches only us, and we end it in order.

    ``dies_by`` is what the kernel sends it when the thread that started it is gone (Linux), so nothing
    survives a kill -9 of us. ``log`` takes its output, else it shares ours.
    """
    us = os.getpid()

    def before_exec() -> None:
        if account:
            account.take_on()
        # After the change of user, which would clear it.
        die_with_parent(us, dies_by)

    return subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        env=env,
        start_new_session=True,
        preexec_fn=before_exec,
    )


def die_with_parent(parent: int, by: signal.Signals = signal.SIGKILL) -> None:
    """In a fresh child: have the kernel send ``by`` when the parent is gone, which it may be already."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, by)
        if os.getppid() != parent:
            os._exit(1)


def end(process: Process, by: signal.Signals, grace: float) -> None:
    """Ask the child to end with the signal ``by``; after ``grace`` seconds kill it and what it started."""
    if process.poll() is None:
        process.send_signal(by)
        try:
            process.wait(grace)
        except subprocess.TimeoutExpired:
            kill(process)


def kill(process: Process) -> None:
    """Kill -9 the child with everything in its session's group, and wait for it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def stop_orphan(pid_file: Path, is_ours: Callable[[int], bool], by: signal.Signals, grace: float = 10) -> bool:
    """Stop what a killed unit left behind: the process named in ``pid_file``, if ``is_ours`` knows it.

    Gives back whether there was one. The number alone proves nothing: it may belong to a stranger by now.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return False
    if not is_ours(pid):
        return False
    os.kill(pid, by)
    if not wait_until(lambda: not is_ours(pid), grace):
        os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not is_ours(pid), grace)
    return True


def runs(pid: int, program: Path) -> bool:
    """Whether that process executes that program file. False where there is no /proc to tell."""
    try:
        return os.path.samefile(f"/proc/{pid}/exe", program)
    except OSError:
        return False


def every_pid() -> list[int]:
    """The ids of all processes now; empty where there is no /proc."""
    return [int(entry.name) for entry in Path("/proc").glob("[0-9]*")]


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Wait for a state of the outside world that nothing announces; False when it has not come in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
