"""The floor: a C program that writes one prepared frame to each socket, told by the same NATS."""

from __future__ import annotations

from bench.build import c_program
from bench.frames import TEXT_BYTES, message_frame
from bench.load import Audience
from bench.servers.server import Server
from unit.servers import Nats


class Floor(Server):
    """``bench/floor/floor.c``."""

    name = "floor"
    title = "C, one write per socket (the floor)"

    @classmethod
    def build(cls) -> None:
        """Compile it. Raises Missing."""
        c_program("floor")

    def start(self) -> None:
        """The broker, and the program."""
        self.nats = Nats(self.folder / "nats")
        self.nats.start()
        self._stack.callback(self.nats.stop)
        self.pids["broker"] = [self.nats.pid]
        command = [c_program("floor"), self.port, self.nats.port, "natter", self.nats.secret()]
        self.wait_for_port(self.run(command))

    def conversation(self, listeners: int, text_bytes: int = TEXT_BYTES) -> Audience:
        """Everybody who is connected listens."""
        broker = {"kind": "nats", "port": self.nats.port, "user": "natter", "password": self.nats.secret()}
        targets = [("floor", 0, message_frame(text_bytes))]
        return Audience(self.address, [("/",)] * listeners, broker=broker, targets=targets)
