"""Centrifuge, the Go library that Centrifugo is made of."""

from __future__ import annotations

from bench.install import go_program
from bench.servers.peer import Peer
from unit.servers import Nats


class Centrifuge(Peer):
    """``bench/peers/centrifuge``: the memory engine, with NATS before it."""

    name = peer = "centrifuge"
    title = "Centrifuge (Centrifugo's library, Go) + NATS"
    path = "/connection/websocket"
    words = ('>{{"id":1,"connect":{{}}}}', '>{{"id":2,"subscribe":{{"channel":"{room}"}}}}')
    opening = {"ready": '"id":2,"subscribe"', "ping": "{}", "pong": "{}", "lines": "1"}  # noqa: RUF012

    @classmethod
    def build(cls) -> None:
        """Build it. Raises Missing."""
        go_program(cls.peer)

    def start(self) -> None:
        """The broker, and the program."""
        self.nats = Nats(self.folder / "nats")
        self.nats.start()
        self._stack.callback(self.nats.stop)
        self.pids["broker"] = [self.nats.pid]
        self.wait_for_port(self.run(self.command()))

    def command(self) -> list[object]:
        """What starts the program, with the broker at work."""
        return [go_program(self.peer), self.port, self.nats.url]

    def target(self, room: str, frame: str) -> tuple[str, int, str]:
        """The room is part of the subject."""
        return (f"room.{room}", 0, frame)

    def broker(self) -> dict[str, object]:
        """NATS itself."""
        return {"kind": "nats", "port": self.nats.port, "user": "natter", "password": self.nats.secret()}
