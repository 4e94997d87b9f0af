"""The one connection of a worker to NATS. Publishing never waits, listening never blocks, nothing here raises upwards.

Whatever is lost while NATS is away is found again from the log; so no publish is buffered for later.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

import nats.errors
from nats.js.client import JetStreamContext

from bus.client import LightClient
from bus.interest import Handler, Interest

logger = logging.getLogger(__name__)

WAITING_AT_MOST = 10_000
TOGETHER_AT_MOST = 500
FLUSH_SECONDS = 2
FIRST_SECONDS = 5


class Bus:
    """``await bus.connect(url)``, then ``publish`` and ``listen``. ``on_closed``: it can never recover."""

    def __init__(self) -> None:
        self.client = LightClient()
        self._outgoing: deque[tuple[str, bytes]] = deque(maxlen=WAITING_AT_MOST)
        self._wake = asyncio.Event()
        self._closing = False
        self._publisher: asyncio.Task[None] | None = None
        self._on_back: list[Callable[[], None]] = []

    async def connect(self, url: str, name: str, on_closed: Callable[[], None]) -> None:
        """Connect to one of ``url`` (several with commas), and stay connected for ever.

        The account is that of the first one that names any, also at the nodes that the cluster itself tells of.
        Raises OSError or nats.errors.Error when that fails for 5 s.
        """

        async def say_error(error: Exception) -> None:
            logger.warning("bus: %s: %s", type(error).__name__, error)

        async def say_lost() -> None:
            if not self._closing:
                logger.warning("bus: connection lost")

        async def say_back() -> None:
            logger.info("bus: connection is back")
            for callback in self._on_back:
                callback()

        async def say_closed() -> None:
            on_closed()

        # The callbacks must not raise: one that does strands nats-py for good.
        # Without an end of tries nats-py would also make its first one for ever.
        async with asyncio.timeout(FIRST_SECONDS):
            await self.client.connect(
                url.split(","),
                name=name,
                error_cb=say_error,
                disconnected_cb=say_lost,
                reconnected_cb=say_back,
                closed_cb=say_closed,
                connect_timeout=3,
                reconnect_time_wait=1,
                max_reconnect_attempts=-1,
                # The defaults would notice a half-open connection after six minutes.
                ping_interval=5,
                max_outstanding_pings=2,
                # Not only in the addresses: at a node that it hears of later nats-py would be nobody.
                **account_of(url),
            )
        self._publisher = asyncio.create_task(self._publish_all(), name="bus publisher")

    def when_back(self, callback: Callable[[], None]) -> None:
        """Call ``callback`` after each reconnect. It must not raise."""
        self._on_back.append(callback)

    @property
    def connected(self) -> bool:
        """What the client believes. It may be wrong for seconds: the canary knows better."""
        return bool(self.client.is_connected)

    def publish(self, subject: str, payload: bytes) -> None:
        """Send when the loop turns. Lost if there is no connection: the log knows."""
        if len(payload) > self.client.max_payload:
            # The server would end the connection over it.
            logger.warning("bus: %d bytes are too many for a message", len(payload))
        elif self.connected:
            self._outgoing.append((subject, payload))
            self._wake.set()

    async def listen(self, subject: str, handler: Handler) -> Interest:
        """Call ``handler(subject, payload)`` for each message from now on, and again after reconnects."""
        return await self.client.add_interest(subject, handler)

    async def leave(self, interest: Interest) -> None:
        """Stop listening."""
        await self.client.remove_interest(interest)

    async def settle(self) -> bool:
        """PING, PONG: the server has everything sent before. False when it does not answer within 2 s."""
        if not self.connected:
            # Without its tasks nats-py takes a flush as done.
            return False
        try:
            await self.client.flush(FLUSH_SECONDS)
        except (nats.errors.Error, OSError):
            return False
        return True

    @property
    def jetstream(self) -> JetStreamContext:
        """JetStream over this connection; every call of it waits at most 5 s."""
        return self.client.jetstream(timeout=5)

    async def close(self) -> None:
        """Send what is waiting and close."""
        self._closing = True
        if self._publisher:
            self._publisher.cancel()
        await self._publish_waiting()
        await self.client.close()

    async def _publish_all(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await self._publish_waiting()

    async def _publish_waiting(self) -> None:
        while self._outgoing:
            together = [self._outgoing.popleft() for _ in range(min(len(self._outgoing), TOGETHER_AT_MOST))]
            try:
                await self.client.publish_together(together)
            except (nats.errors.Error, OSError) as error:
                logger.warning("bus: %d not published: %s", len(together), type(error).__name__)


def account_of(url: str) -> dict[str, Any]:
    """Who logs in with such a URL, or several with commas, in the words of nats-py's options."""
    for parts in map(urlsplit, url.split(",")):
        if parts.username and parts.password is not None:
            return {"user": unquote(parts.username), "password": unquote(parts.password)}
        if parts.username:
            return {"token": unquote(parts.username)}
    return {}


def without_password(url: str) -> str:
    """The URL, or several with commas, as it may stand in a log."""
    return ",".join(_without_password(one) for one in url.split(","))


def _without_password(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
