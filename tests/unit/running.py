"""A unit as a process of its own, with deadlines instead of sleeps."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from unit.ports import free_port
from unit.process import every_pid

T = TypeVar("T")
ROOT = Path(__file__).parents[2]
PROGRAM = Path(__file__).with_name("program.py")


def until(state: Callable[[], T], seconds: float = 10) -> T:
    """Wait for a state to become true and give it back."""
    deadline = time.monotonic() + seconds
    while not (found := state()):
        assert time.monotonic() < deadline, f"still not {state.__name__} after {seconds} s"
        time.sleep(0.01)
    return found


class Unit:
    """A bin/run with tiny workers, on free ports."""

    def __init__(self, data_dir: Path, output: Path) -> None:
        self.data_dir = data_dir
        self.output = output
        self.port, self.nats_port = free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None
        self.ever: set[int] = set()

    def command(self, role: str) -> list[object]:
        return [sys.executable, PROGRAM, role]

    def starts(
        self, *arguments: str, role: str = "run", ready: bool = True, nohup: bool = False, **variables: str
    ) -> "Unit":
        own = {"DATA_DIR": self.data_dir, "PORT": self.port, "NATS_PORT": self.nats_port, "PYTHONPATH": ROOT}
        clean = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "NATS_URL", "HOST", "WORKERS")}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*self.command(role), *arguments],
                env=clean | {name: str(value) for name, value in own.items()} | variables,
                stdout=output,
                stderr=output,
                # Also when the tests themselves run under nohup, or without.
                preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN if nohup else signal.SIG_DFL),
            )
        if ready:
            until(lambda: "Natter is up" in self.said or self.process.poll() is not None, 30)
            assert self.process.poll() is None, self.said
            self.ever |= self.members
        return self

    def ends(self, by: signal.Signals = signal.SIGTERM, within: float = 20) -> int:
        self.ever |= self.members
        self.process.send_signal(by)
        return self.process.wait(within)

    def fails(self) -> str:
        """Wait until it gives up, and give back the one line that says why."""
        assert self.process.wait(20) == 1
        [line] = [line for line in self.said.splitlines() if line.startswith("natter: ")]
        assert "Traceback" not in self.said
        return line

    @property
    def said(self) -> str:
        return self.output.read_text()

    def pid_of(self, server: str) -> int:
        return int((self.data_dir / f"{server}.pid").read_text())

    @property
    def members(self) -> set[int]:
        """Every process in the family of the supervisor, itself included."""
        parents = {pid: parent_of(pid) for pid in every_pid()}
        family = {self.process.pid}
        while more := {pid for pid, parent in parents.items() if parent in family} - family:
            family |= more
        return family

    @property
    def worker(self) -> int:
        """The pid of the worker that answers, 0 when none does."""
        try:
            with socket.create_connection(("127.0.0.1", self.port), 1) as connection:
                return int(connection.recv(20) or 0)
        except OSError:
            return 0

    @property
    def left_behind(self) -> set[int]:
        return self.ever & set(every_pid())


def parent_of(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0
