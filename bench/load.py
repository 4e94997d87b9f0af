"""The load generator as Python sees it: ``bench/load`` in C, told what to do line by line."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bench.build import c_program

Reply = dict[str, Any]
MARK = '"message":"t='
"""Stands in every message that counts, right before its stamp."""


@dataclass
class Audience:
    """Who listens, and how to reach them. ``sockets``: for each its path, headers, and first words after ``>``.

    ``opening`` says how a socket is told to be ready and how pings are answered; ``broker`` and ``targets`` how to
    publish: a target is subject, seq and payload. ``to``: each event reaches ``all`` sockets, or ``one`` of them.
    """

    address: str
    sockets: Sequence[Sequence[str]]
    opening: dict[str, str] = field(default_factory=dict)
    broker: dict[str, object] = field(default_factory=dict)
    targets: Sequence[tuple[str, int, str]] = ()
    to: str = "all"


class Load:
    """``with Load() as load``; each method is one command of ``bench/load/main.c`` and gives what it answers."""

    def __enter__(self) -> Load:
        self._folder = TemporaryDirectory(prefix="natter-load-")
        self._process = subprocess.Popen([c_program("load")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._to = "all"
        self._unsaid: dict[str, object] = {}
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)
        self._folder.cleanup()

    @property
    def pid(self) -> int:
        """Its process id."""
        return self._process.pid

    def open(self, audience: Audience, parallel: int = 64) -> Reply:
        """Open all sockets of the audience, so many at the same time."""
        sockets = self._file("sockets", audience.sockets)
        return self.command("open", sockets=sockets, to=audience.address, parallel=parallel, **audience.opening)

    def attend(self, audience: Audience) -> None:
        """Connect to its broker and learn its targets, for ``publish``."""
        self.command("broker", **audience.broker)
        self._unsaid = {"targets": self._file("targets", audience.targets)}
        self._to = audience.to

    def publish(self, seconds: float, *, window: int = 1, rate: float = 0) -> Reply:
        """Measure deliveries with ``window`` events in flight, or at ``rate`` events a second."""
        # It keeps the targets, with the seqs that they have come to.
        unsaid, self._unsaid = self._unsaid, {}
        return self.command("publish", seconds=seconds, window=window, rate=rate, to=self._to, **unsaid)

    def command(self, word: str, **values: object) -> Reply:
        """Say one command and wait for its answer. Raises RuntimeError when the program gave up."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write("\t".join([word, *(f"{key}={value}" for key, value in values.items())]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the load generator gave up on {word}")
        reply: Reply = json.loads(line)
        return reply

    def _file(self, name: str, lines: Sequence[Sequence[object]]) -> Path:
        path = Path(self._folder.name) / name
        path.write_text("".join("\t".join(map(str, line)) + "\n" for line in lines))
        return path
