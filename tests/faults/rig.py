"""The site under test: PostgreSQL and NATS as children of the rig, and units that join them as bin/run makes them.

The servers are the rig's own and not a unit's: a fault lasts as long as the rig says, not until a supervisor mends it,
and killing a unit takes no server down. Every pid that is ever signalled is one that was started here.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

import httpx
import psutil
from prometheus_client.parser import text_string_to_metric_families

from tests.faults.proxy import Proxy
from tests.site import ROOT
from unit.ports import LOOPBACK, free_port
from unit.process import Process, spawn
from unit.servers import Nats, Postgres

READY_SECONDS = 60.0
WORKER_NAMES = ("app.worker", "tests.faults.spoilt_worker")
SETTINGS = {
    # Jobs have rows of their own; here they would only take the processor from what is measured.
    "UNREAD_SECONDS": "3600",
}


class Unit:
    """One unit, on a port of its own."""

    def __init__(self, folder: Path, name: str, variables: dict[str, str]) -> None:
        self.name, self.port = name, free_port()
        self.output = folder / f"{name}.log"
        self.variables = variables | {"PORT": str(self.port), "DATA_DIR": str(folder / name)}
        self.process: Process

    def spawn(self) -> None:
        """Start it, without waiting."""
        clean = {name: value for name, value in os.environ.items() if name not in ("HOST", "DATABASE_URL", "NATS_URL")}
        with self.output.open("ab") as log:
            command = [sys.executable, "-m", "tests.faults.unit_program"]
            environment = clean | {"PYTHONPATH": str(ROOT)} | self.variables
            self.process = spawn(command, env=environment, log=log)

    @property
    def ready(self) -> bool:
        """Whether every worker of it can serve."""
        try:
            return httpx.get(f"http://{LOOPBACK}:{self.port}/readyz", timeout=2).status_code == 200
        except httpx.TransportError:
            return False

    def counted(self, name: str) -> dict[str, float]:
        """What /metrics says of a counter with one label, by that."""
        text = httpx.get(f"http://{LOOPBACK}:{self.port}/metrics", timeout=5).text
        samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
        return {label: sample.value for sample in samples if sample.name == name for label in sample.labels.values()}

    @property
    def worker_pids(self) -> list[int]:
        """Its workers that live now."""
        try:
            children = psutil.Process(self.process.pid).children()
            return [child.pid for child in children if any(name in child.cmdline() for name in WORKER_NAMES)]
        except psutil.NoSuchProcess:
            return []

    def signal(self, number: signal.Signals) -> None:
        """To the supervisor alone, as an operator does it."""
        self.process.send_signal(number)

    def ends(self) -> None:
        """In order; by force when that takes too long."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


class Rig:
    """``with Rig(folder, units=3) as rig:`` — a running site."""

    def __init__(
        self,
        folder: Path,
        *,
        units: int = 3,
        workers: int = 1,
        fsync: bool = True,
        proxied: bool = False,
        nats: Callable[[Path], Nats] = Nats,
        **settings: str,
    ) -> None:
        self.folder = folder
        self.postgres = Postgres(folder / "postgres", fsync=fsync)
        self.nats = nats(folder / "nats")
        self.proxy = Proxy(LOOPBACK, self.nats.port) if proxied else None
        variables = {name.upper(): value for name, value in settings.items()}
        self._variables = {"WORKERS": str(workers)} | SETTINGS | variables
        self._count = units
        self.units: list[Unit] = []

    def __enter__(self) -> Rig:
        try:
            self.postgres.start()
            self.nats.start()
            if self.proxy:
                self.proxy.start()
            nats_url = self.nats.url
            if self.proxy:
                nats_url = nats_url.replace(str(self.nats.port), str(self.proxy.port))
            addresses = {"DATABASE_URL": self.postgres.url, "NATS_URL": nats_url}
            for number in range(1, self._count + 1):
                self.units.append(Unit(self.folder, f"unit-{number}", self._variables | addresses))
                self.units[-1].spawn()
            self.wait_until_ready()
        except BaseException:
            self.end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end()

    def wait_until_ready(self) -> None:
        """Until every unit serves. Raises AssertionError with the end of the log of one that does not."""
        deadline = time.monotonic() + READY_SECONDS
        for unit in self.units:
            while not unit.ready:
                assert unit.process.poll() is None, unit.output.read_text()[-3000:]
                assert time.monotonic() < deadline, unit.output.read_text()[-3000:]
                time.sleep(0.05)

    @property
    def ready(self) -> bool:
        """Whether all units serve now."""
        return all(unit.ready for unit in self.units)

    @property
    def addresses(self) -> list[tuple[str, int]]:
        """Where the units listen."""
        return [(LOOPBACK, unit.port) for unit in self.units]

    def end(self) -> None:
        """End the units, then the servers."""
        for unit in self.units:
            if unit.process.poll() is None:
                unit.process.send_signal(signal.SIGTERM)
        for unit in self.units:
            unit.ends()
        if self.proxy:
            self.proxy.stop()
        for server in (self.nats, self.postgres):
            if server.is_alive():
                # It may have been stopped by a fault that was interrupted.
                server.signal(signal.SIGCONT)
            server.stop()
