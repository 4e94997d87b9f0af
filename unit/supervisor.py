"""From nothing to a running site and back: servers, schema, workers, and their end in the opposite order."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from unit import joining
from unit.board import Board
from unit.endings import end_all
from unit.environment import Environment
from unit.files import fresh_folder
from unit.kept import Kept
from unit.ports import hold, is_free, says_of_url
from unit.say import say, step
from unit.servers import CannotStart, Nats, Postgres
from unit.signals import Signals, Stop
from unit.steps import run_step
from unit.welcome import welcome
from unit.workers import Workers

# Together less than the 20 seconds in which everything has to be over.
WORKERS_GRACE = 12.0
NATS_GRACE = 2.0
POSTGRES_GRACE = 4.0


@dataclass(frozen=True)
class Commands:
    """The programs of the application that a unit runs; tests put their own in."""

    worker: Sequence[str] = (sys.executable, "-m", "app.worker")
    migrate: Sequence[str] = (sys.executable, "-m", "app.migrate")
    demo: Sequence[str] = (sys.executable, "-m", "app.demo")


class Supervisor:
    """One unit: the embedded servers it needs and its workers.

    Lives in the main thread of a process of its own.
    """

    def __init__(self, environment: Environment, commands: Commands | None = None) -> None:
        self.environment = environment
        self.commands = commands or Commands()
        self.variables = dict(os.environ)
        self.kept: list[Kept] = []
        self.workers: Workers | None = None

    def run(self, demo: bool = False) -> None:
        """Start everything and keep it running until a signal ends it.

        Raises CannotStart with one line that says what to do.
        """
        with ExitStack() as stack:
            self.signals = stack.enter_context(Signals())
            stack.callback(joining.own(self.environment.data_dir).close)
            stack.callback(self.end)
            try:
                self.start(stack, demo)
                self.watch()
            except Stop:
                say("\nStopping …")

    def start(self, stack: ExitStack, demo: bool) -> None:
        """The table of contents of a start."""
        began = time.monotonic()
        self.take_port(stack)
        self.start_servers()
        with step("Migrating the database"):
            run_step(self.commands.migrate, self.variables, self.signals)
        accounts = ""
        if demo:
            with step("Filling in the demo"):
                accounts = run_step(self.commands.demo, self.variables, self.signals)
        joining.announce(
            self.environment.data_dir,
            self.variables["DATABASE_URL"],
            self.variables["NATS_URL"],
            self.environment.port,
        )
        self.start_workers(stack)
        say(welcome(self.environment, self.variables["NATS_URL"], accounts, time.monotonic() - began))

    def take_port(self, stack: ExitStack) -> None:
        """Make sure that the port is ours before anything is started."""
        host, port = self.environment.host, self.environment.port
        try:
            free = is_free(host, port)
        except OSError as error:
            raise CannotStart(f"cannot listen on {host}:{port} ({error.strerror}): set HOST and PORT.") from None
        if not free:
            raise CannotStart(f"port {port} is taken by another program: stop that one, or set PORT to a free port.")
        stack.enter_context(hold(host, port))

    def start_servers(self) -> None:
        """Start what is not given, and note the addresses for the application."""
        given = self.environment
        if given.nats_url:
            self.variables["NATS_URL"] = given.nats_url
            if not says_of_url(given.nats_url).startswith(b"INFO"):
                raise CannotStart(
                    "no NATS server answers at NATS_URL: start it, or unset NATS_URL to use the embedded one."
                )
        else:
            self.add("NATS_URL", Nats(given.data_dir, given.nats_port, given.nats_host))
        if given.database_url:
            self.variables["DATABASE_URL"] = given.database_url
        else:
            self.add("DATABASE_URL", Postgres(given.data_dir))

    def add(self, variable: str, server: Nats | Postgres) -> None:
        """Start an embedded server and wait until it is ready; the application finds it by that variable."""
        kept = Kept(server)
        self.kept.append(kept)
        with step(f"Starting {server.name}"):
            kept.start()
            deadline = time.monotonic() + 60
            while not server.is_ready():
                if time.monotonic() > deadline or not server.is_alive():
                    raise CannotStart(f"{server.name} does not start: {server.log_path} says why.")
                self.signals.pause(0.02)
        if isinstance(server, Postgres) and server.moved:
            say(f"  PostgreSQL's port was taken by another program: from now on it has port {server.port}.")
        self.variables[variable] = server.url

    def start_workers(self, stack: ExitStack) -> None:
        """Start the workers and wait until each of them serves."""
        given = self.environment
        say(f"  Starting {given.workers} workers …")
        board = Board(given.data_dir / "board", given.workers)
        stack.callback(board.close)
        self.variables |= {
            "HOST": given.host,
            "PORT": str(given.port),
            "WORKERS": str(given.workers),
            "DATA_DIR": str(given.data_dir),
            "UNIT_BOARD": str(board.path),
            "UNIT_METRICS": str(fresh_folder(given.data_dir / "metrics")),
        }
        self.workers = Workers(self.commands.worker, self.variables, board, given.workers)
        patience = time.monotonic() + 20
        while not self.workers.all_ready:
            if time.monotonic() > patience:
                say("  Still waiting for workers to be ready; what they say stands above.")
                patience += 20
            self.tick()
            self.signals.pause(0.05)

    def watch(self) -> None:
        """Replace what dies, until a signal comes.

        A death wakes us at once, silence is looked for every second.
        """
        while True:
            self.tick()
            self.signals.pause(0.1 if any(kept.is_recovering for kept in self.kept) else 1)

    def tick(self) -> None:
        """Look after everything once."""
        for kept in self.kept:
            kept.tick()
        if self.workers:
            self.workers.tick()

    def end(self) -> None:
        """End everything that was started: workers first, the database last."""
        joining.withdraw(self.environment.data_dir)
        if self.workers:
            end_all(self.workers.processes, signal.SIGTERM, WORKERS_GRACE, self.signals)
        for kept in self.kept:
            process = kept.server.process
            if process:
                grace = NATS_GRACE if isinstance(kept.server, Nats) else POSTGRES_GRACE
                end_all([process], kept.server.stop_signal, grace, self.signals, kept.server.hurry_signal)
            kept.server.stop()
