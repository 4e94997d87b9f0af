"""The hub: which connections of this worker listen to which channel. A dictionary, and one loop that hands out bytes.

A channel is a topic seen in one way, for example ``("conversation.<uuid>", "chat")``. Nothing here waits, and nothing
here knows what the bytes mean.
"""

import time
from collections.abc import Iterable
from typing import Protocol

Channel = tuple[str, str]


class Listener(Protocol):
    """What the hub needs of a connection."""

    user_id: int
    session_id: str
    channels: set[Channel]

    @property
    def open(self) -> bool:
        """Whether bytes can still reach the peer."""

    @property
    def buffered(self) -> int:
        """Bytes that wait for the peer."""

    def send(self, data: bytes) -> None:
        """Take bytes without waiting."""

    def close(self, code: int, reason: str = "") -> None:
        """Say goodbye."""

    def tick(self, now: float) -> None:
        """Look at the clock."""


class Hub:
    """All connections of a worker, by channel, user and session."""

    def __init__(self) -> None:
        self.connections: set[Listener] = set()
        self.draining = False
        self.frames = self.deliveries = 0
        self._channels: dict[Channel, set[Listener]] = {}
        self._by_user: dict[int, set[Listener]] = {}

    def add(self, connection: Listener) -> None:
        """A connection opened."""
        self.connections.add(connection)
        self._by_user.setdefault(connection.user_id, set()).add(connection)

    def remove(self, connection: Listener) -> None:
        """A connection is gone; it leaves all its channels."""
        self.connections.discard(connection)
        for channel in tuple(connection.channels):
            self.leave(channel, connection)
        of_user = self._by_user.get(connection.user_id, set())
        of_user.discard(connection)
        if not of_user:
            self._by_user.pop(connection.user_id, None)

    def join(self, channel: Channel, connection: Listener) -> None:
        """From now on ``connection`` gets what is sent to ``channel``."""
        self._channels.setdefault(channel, set()).add(connection)
        connection.channels.add(channel)

    def leave(self, channel: Channel, connection: Listener) -> None:
        """``connection`` gets no more of ``channel``."""
        connection.channels.discard(channel)
        listeners = self._channels.get(channel)
        if listeners:
            listeners.discard(connection)
            if not listeners:
                del self._channels[channel]

    def listening(self, channel: Channel) -> bool:
        """Whether any connection of this worker listens to ``channel``."""
        return channel in self._channels

    def listeners(self, channel: Channel) -> Iterable[Listener]:
        """A snapshot of who listens to ``channel``."""
        return tuple(self._channels.get(channel, ()))

    def send(self, channel: Channel, data: bytes, but_user: int | None = None) -> int:
        """Hand ``data`` to every listener of ``channel`` but ``but_user``'s. Gives how many it was handed to."""
        handed = 0
        for connection in self._channels.get(channel, ()):
            if connection.user_id != but_user:
                connection.send(data)
                handed += 1
        self.frames += 1
        self.deliveries += handed
        return handed

    def of_user(self, user_id: int) -> tuple[Listener, ...]:
        """A snapshot of a user's connections."""
        return tuple(self._by_user.get(user_id, ()))

    def tick(self) -> None:
        """Twice a second: every connection looks at its clock (ping, pong, close)."""
        now = time.monotonic()
        for connection in tuple(self.connections):
            connection.tick(now)

    def drain(self) -> None:
        """Take no more connections and send those there are elsewhere (1012, service restart)."""
        self.draining = True
        for connection in tuple(self.connections):
            connection.close(1012, "restarting")
