"""What PostgreSQL and nats-server have in common: a folder, a port, a password, a process, a log."""

from __future__ import annotations

import os
import signal
import time
from abc import ABC, abstractmethod
from pathlib import Path

from unit.files import password_in
from unit.ports import LOOPBACK
from unit.process import Process, end, kill

LOG_LIMIT = 10_000_000


class CannotStart(Exception):
    """A server that does not come up; the text is one line that says what to do."""


class Server(ABC):
    """A server as a child of this process; it dies with the thread that started it.

    ``spawn`` and ``is_ready`` never wait (the supervisor's way); ``start`` does both (the tests' way).
    """

    name: str
    stop_signal: signal.Signals
    hurry_signal = signal.SIGKILL

    def __init__(self, data_dir: Path | str, port: int, host: str = LOOPBACK) -> None:
        self.data_dir = Path(data_dir).resolve()
        self.data_dir.mkdir(parents=True, exist_ok=True)
        self.host = host
        self.port = port
        self.process: Process | None = None

    @property
    @abstractmethod
    def url(self) -> str:
        """Where to reach it, with user and password."""

    @abstractmethod
    def prepare(self) -> None:
        """Make its files where they are missing, and stop a predecessor that outlived its unit.

        Raises CannotStart.
        """

    @abstractmethod
    def launch(self) -> Process:
        """Start the program."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it accepts connections now."""

    def start(self, timeout: float = 30) -> None:
        """Prepare, start and wait until it accepts connections.

        Raises CannotStart after ``timeout`` seconds.
        """
        self.prepare()
        self.spawn()
        deadline = time.monotonic() + timeout
        while not self.is_ready():
            if time.monotonic() > deadline:
                self.kill()
                raise CannotStart(f"{self.name} did not start within {timeout:.0f} s: see {self.log_path}")
            if not self.is_alive():
                # After a kill -9 the old processes may hold data or port for a moment.
                self.spawn()
            time.sleep(0.02)

    def spawn(self) -> None:
        """Start the process and note its pid, without waiting until it is ready."""
        self.process = self.launch()
        self.pid_path.write_text(f"{self.process.pid}\n")

    def is_alive(self) -> bool:
        """Whether the process runs; notices every kind of death at once."""
        return self.process is not None and self.process.poll() is None

    @property
    def pid(self) -> int:
        """The process id, for tests that kill or stop it. Raises RuntimeError before the start."""
        if self.process is None:
            raise RuntimeError(f"{self.name} was not started")
        return self.process.pid

    def stop(self, grace: float = 10) -> None:
        """End it in order; after ``grace`` seconds by force. Harmless when it does not run."""
        if self.process is not None:
            end(self.process, self.stop_signal, grace)
        self.pid_path.unlink(missing_ok=True)

    def kill(self) -> None:
        """Kill -9, as a test of what survives it."""
        if self.process is not None:
            kill(self.process)

    def signal(self, number: signal.Signals) -> None:
        """Send it any signal, such as SIGSTOP and SIGCONT."""
        os.kill(self.pid, number)

    @property
    def pid_path(self) -> Path:
        """The file that holds its pid while it runs."""
        return self.data_dir / f"{self.label}.pid"

    @property
    def log_path(self) -> Path:
        """Where its output goes."""
        return self.data_dir / f"{self.label}.log"

    @property
    def label(self) -> str:
        """The name of its files in the data folder: ``postgres`` or ``nats``."""
        return type(self).__name__.lower()

    def shorten_log(self) -> None:
        """Put a log that grew beyond 10 MB aside, in the place of the one before."""
        if self.log_path.exists() and self.log_path.stat().st_size > LOG_LIMIT:
            self.log_path.replace(self.log_path.with_suffix(".log.1"))

    def secret(self) -> str:
        """The password, made once and kept in the data folder, for the owner's eyes only."""
        return password_in(self.data_dir / f"{self.label}.password")
