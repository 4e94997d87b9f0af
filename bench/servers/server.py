"""What all servers under test have in common: processes that are started, waited for and ended."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from types import TracebackType
from typing import ClassVar

from bench.build import work_folder
from bench.load import Audience
from bench.machine import SERVER_CORE, on_core
from unit.files import private_log
from unit.ports import LOOPBACK, free_port
from unit.process import Process, end, spawn

START_SECONDS = 60.0


class Server(ABC):
    """``with Server() as server``. ``works`` are the kinds of audience it can have; ``title`` is for the table."""

    name: ClassVar[str]
    title: ClassVar[str]
    rests: ClassVar[bool] = True
    """Whether it uses next to nothing of a core while nobody asks anything of it, whatever sockets it has."""

    def __init__(self) -> None:
        self.port = free_port()
        self.folder = Path(mkdtemp(prefix=f"{self.name}-", dir=work_folder()))
        self.pids: dict[str, list[int]] = {"server": []}
        self._stack = ExitStack()

    @property
    def address(self) -> str:
        """``host:port``, for sockets and pages."""
        return f"{LOOPBACK}:{self.port}"

    def __enter__(self) -> Server:
        with ExitStack() as stack:
            self._stack = stack
            stack.callback(self._clear)
            self.start()
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    @abstractmethod
    def start(self) -> None:
        """Start everything and wait until it serves. What is left to be ended goes through ``run``."""

    @classmethod  # noqa: B027  (most servers need nothing of the kind)
    def build(cls) -> None:
        """Build or install what is missing. Raises Missing."""

    def conversation(self, listeners: int, text_bytes: int) -> Audience:
        """``listeners`` sockets in one conversation, and the way to publish a message to it."""
        raise NotImplementedError

    def notifications(self, users: int) -> Audience:
        """A socket for each user, each with a topic of its own."""
        raise NotImplementedError

    def chat(self, conversations: int, senders: int) -> tuple[Audience, str]:
        """Members of conversations, the senders first, and what a sender says (with places for stamp and UUID).

        In each conversation is at least one listener beside the sender.
        """
        raise NotImplementedError

    def pairs(self, sockets: int) -> Audience:
        """Sockets of which each two, one after the other, are alone in a conversation."""
        raise NotImplementedError

    def pages(self) -> tuple[dict[str, str], str]:
        """The paths of feed, chat and notifications, and the headers (";" between) of somebody who has all of it."""
        raise NotImplementedError

    def transactions(self) -> int:
        """How many transactions the database has committed."""
        raise NotImplementedError

    def opened(self) -> None:  # noqa: B027
        """The sockets of the audience are open."""

    def run(
        self,
        command: Sequence[object],
        environment: Mapping[str, str] | None = None,
        *,
        role: str = "server",
        core: int = SERVER_CORE,
    ) -> Process:
        """Start a program, on the server's core unless ``core`` says else; it ends with this server."""
        clean = {name: value for name, value in os.environ.items() if not name.endswith("_URL")}
        with private_log(self.folder / f"{role}.log") as log:
            process = spawn(on_core(core, command), env=clean | dict(environment or {}), log=log)
        self._stack.callback(end, process, signal.SIGTERM, 10)
        self.pids.setdefault(role, []).append(process.pid)
        return process

    def wait_for_port(self, process: Process, port: int | None = None) -> None:
        """Wait until it listens. Raises RuntimeError with its log when it ends before."""
        deadline = time.monotonic() + START_SECONDS
        while not _answers(port or self.port):
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{self.name} does not start:\n{self.said()}")
            time.sleep(0.02)

    def said(self) -> str:
        """The end of what its programs said."""
        return "\n".join(log.read_text(errors="replace")[-3000:] for log in sorted(self.folder.glob("*.log")))

    def _clear(self) -> None:
        subprocess.run(["rm", "-rf", self.folder], check=True)


def _answers(port: int) -> bool:
    try:
        socket.create_connection((LOOPBACK, port), 0.5).close()
    except OSError:
        return False
    return True
