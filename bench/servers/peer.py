"""What the peers have in common: a folder with their program, and Redis between them and whoever publishes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from bench.frames import TEXT_BYTES, message_frame, notification_frame
from bench.install import redis_server
from bench.load import Audience
from bench.machine import LOAD_CORE
from bench.servers.server import Server
from bench.versions import PEERS
from unit.ports import free_port

ROOM = "room"


class Peer(Server):
    """A server of ``bench/peers/<peer>``. A socket says in its address which room it wants to hear."""

    peer: ClassVar[str]
    path: ClassVar[str] = "/{room}"
    opening: ClassVar[dict[str, str]] = {}
    words: ClassVar[tuple[str, ...]] = ()
    """What a socket says first, with a place for the room."""

    @property
    def home(self) -> Path:
        """The folder with its program."""
        return PEERS / self.peer

    def conversation(self, listeners: int, text_bytes: int = TEXT_BYTES) -> Audience:
        """All in one room."""
        return self.audience([ROOM] * listeners, [self.target(ROOM, message_frame(text_bytes))])

    def notifications(self, users: int) -> Audience:
        """A room for each."""
        rooms = [f"user{number}" for number in range(users)]
        frame = notification_frame()
        return self.audience(rooms, [self.target(room, frame) for room in rooms], to="one")

    def pairs(self, sockets: int) -> Audience:
        """A room for each two."""
        return self.audience([f"pair{number // 2}" for number in range(sockets)], [])

    def audience(self, rooms: list[str], targets: list[tuple[str, int, str]], to: str = "all") -> Audience:
        """A socket for each of these rooms, and the way to publish to them."""
        sockets = [tuple(part.format(room=room) for part in (self.path, *self.words)) for room in rooms]
        return Audience(self.address, sockets, dict(self.opening), self.broker(), targets, to)

    def target(self, room: str, frame: str) -> tuple[str, int, str]:
        """How the load publishes ``frame`` to ``room``: the name of the room is the name of a channel."""
        return (room, 0, frame)

    def broker(self) -> dict[str, object]:
        """What the load publishes to."""
        raise NotImplementedError


class RedisPeer(Peer):
    """One that listens to Redis."""

    def start_redis(self) -> str:
        """Start Redis beside the load, nothing on disk, and give its URL."""
        self.redis_port = free_port()
        settings = ["--port", self.redis_port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        limits = ["--client-output-buffer-limit", "pubsub 0 0 0", "--dir", self.folder]
        process = self.run([redis_server(), *settings, *limits], role="broker", core=LOAD_CORE)
        self.wait_for_port(process, self.redis_port)
        return f"redis://127.0.0.1:{self.redis_port}/0"

    def broker(self) -> dict[str, object]:
        """Redis itself."""
        return {"kind": "redis", "port": self.redis_port}


class LibraryPeer(RedisPeer):
    """One whose events are published by its own library: a small publisher beside the load takes lines and does it."""

    def start_publisher(self, command: list[object], environment: Mapping[str, str] | None = None) -> None:
        """Start the publisher; it gets the port to listen on as its last argument."""
        self.publisher_port = free_port()
        process = self.run([*command, self.publisher_port], environment, role="publisher", core=LOAD_CORE)
        self.wait_for_port(process, self.publisher_port)

    def target(self, room: str, frame: str) -> tuple[str, int, str]:
        """A line: the room, a space, the frame."""
        return (room, 0, f"{room} {frame}")

    def broker(self) -> dict[str, object]:
        """The publisher."""
        return {"kind": "lines", "port": self.publisher_port}
