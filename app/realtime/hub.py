"""The hub: which connections of this worker listen to which channel. A dictionary, and one loop that hands out bytes.

A channel is a topic seen in one way, for example ``("conversation.<uuid>", "chat")``. Nothing here waits, and nothing
here knows what the bytes mean.
"""

import asyncio
import time
from collections import deque
from collections.abc import Iterable

from app.histogram import Histogram
from app.realtime.audience import Audience, ChoosyPiece, Listener, Piece

Channel = tuple[str, str]


class Hub:
    """All connections of a worker, by channel, user and session."""

    def __init__(self) -> None:
        self.connections: set[Listener] = set()
        self.draining = False
        self.frames = self.deliveries = 0
        self.fan_out = Histogram()
        self._channels: dict[Channel, Audience] = {}
        self._due: deque[Audience] = deque()
        self._served: list[Audience] = []
        self._turn_ends = False
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
        audience = self._channels.get(channel)
        if audience is None:
            audience = self._channels[channel] = Audience()
        # What was sent before is not for who comes now.
        self._hand_out(audience)
        audience.add(connection)
        connection.channels.add(channel)

    def leave(self, channel: Channel, connection: Listener) -> None:
        """``connection`` gets no more of ``channel``."""
        connection.channels.discard(channel)
        audience = self._channels.get(channel)
        if audience:
            self._hand_out(audience)
            audience.discard(connection)
            if not audience.listeners:
                del self._channels[channel]

    def listening(self, channel: Channel) -> bool:
        """Whether any connection of this worker listens to ``channel``."""
        return channel in self._channels

    def listeners(self, channel: Channel) -> Iterable[Listener]:
        """A snapshot of who listens to ``channel``, each of whom has been handed what was sent to it."""
        audience = self._channels.get(channel)
        if audience is None:
            return ()
        self._hand_out(audience)
        return tuple(audience.listeners)

    def audience(self, channel: Channel) -> Audience | None:
        """Who listens to ``channel``, for ``hand``; None for nobody."""
        return self._channels.get(channel)

    def send(self, channel: Channel, data: bytes, but_user: int | None = None) -> None:
        """Hand ``data`` to every listener of ``channel`` but ``but_user``'s, soon and in order."""
        audience = self._channels.get(channel)
        if audience:
            self.hand(audience, Piece(data) if but_user is None else ChoosyPiece(data, but_user))

    def hand(self, audience: Audience, piece: Piece) -> None:
        """Hand each listener what it gets of this, soon and in order."""
        self.frames += 1
        if not self._turn_ends:
            # One call for all that a turn of the loop brings: to ask for it, and for the loop itself (that is a
            # system call), costs as much as what it does.
            self._turn_ends = True
            asyncio.get_running_loop().call_soon(self._end_turn)
        if self._hands_at_once(audience, piece):
            self.deliveries += 1
            self._served.append(audience)
        elif audience.gather(piece):
            if audience.rests_until <= audience.since:
                self._due.append(audience)
            else:
                rest = audience.rests_until - audience.since
                asyncio.get_running_loop().call_later(rest, self._hand_out, audience)

    def _hands_at_once(self, audience: Audience, piece: Piece) -> bool:
        try:
            return audience.hands_at_once(piece)
        except Exception as error:
            # As of what is handed out at the end of the turn: who sends goes on.
            asyncio.get_running_loop().call_exception_handler({"message": "handing out failed", "exception": error})
            return True

    def settle(self, channel: Channel) -> None:
        """Everything sent to ``channel`` has been handed to its listeners when this returns."""
        audience = self._channels.get(channel)
        if audience:
            self._hand_out(audience)

    def _end_turn(self) -> None:
        self._turn_ends = False
        self.fan_out.observe(0.0, len(self._served))
        for audience in self._served:
            audience.is_served = False
        self._served.clear()
        try:
            while self._due:
                self._hand_out(self._due.popleft())
        finally:
            if self._due:
                # One of them failed, and the others would wait for ever.
                self._turn_ends = True
                asyncio.get_running_loop().call_soon(self._end_turn)

    def _hand_out(self, audience: Audience) -> None:
        if audience.gathered:
            self.deliveries += audience.hand_out()
            self.fan_out.observe(time.monotonic() - audience.since)

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
