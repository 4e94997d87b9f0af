"""A plain Sanic handler that awaits every send: what Natter would be without its own protocol."""

from __future__ import annotations

import sys

from bench.servers.peer import Peer
from unit.servers import Nats


class PlainSanic(Peer):
    """``bench/peers/sanic/server.py``, with the application's own Sanic."""

    name = peer = "sanic"
    title = "A plain Sanic handler, `await ws.send`, NATS"
    rests = False
    opening = {"ready": "ready"}  # noqa: RUF012

    def start(self) -> None:
        """The broker, and the program."""
        self.nats = Nats(self.folder / "nats")
        self.nats.start()
        self._stack.callback(self.nats.stop)
        self.pids["broker"] = [self.nats.pid]
        self.wait_for_port(self.run([sys.executable, self.home / "server.py", self.port], {"NATS_URL": self.nats.url}))

    def target(self, room: str, frame: str) -> tuple[str, int, str]:
        """The room is part of the subject."""
        return (f"room.{room}", 0, frame)

    def broker(self) -> dict[str, object]:
        """NATS itself."""
        return {"kind": "nats", "port": self.nats.port, "user": "natter", "password": self.nats.secret()}
