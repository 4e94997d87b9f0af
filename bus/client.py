"""nats-py's client, with interests beside its subscriptions and our own parser before its own."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import nats.errors
from nats.aio.client import Client

from bus.interest import Handler, Interest
from bus.parser import LeanParser

logger = logging.getLogger(__name__)


class LightClient(Client):
    """nats-py's client, calling the handlers of Interests directly and all other subscriptions as ever."""

    def __init__(self) -> None:
        super().__init__()
        self._ps = LeanParser(self)

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        entry: Any = self._subs.get(sid)
        if type(entry) is Interest:
            self.call(entry, subject, data)
        else:
            # nats-py would end the connection over bytes that are not UTF-8.
            await super()._process_msg(sid, subject.decode("utf-8", "replace").encode(), reply, data, headers)

    def call(self, entry: Interest, subject: bytes, data: bytes) -> None:
        """Give a message to the handler of ``entry``. Never raises."""
        try:
            entry.handler(subject, data)
        except (Exception, asyncio.CancelledError):
            # An exception here would end the reading of the whole connection. A cancellation too: the handler does
            # not wait, so it is never ours, but one that Sanic raises for a peer that died (RequestCancelled).
            logger.exception("a bus handler failed")

    async def publish_together(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Publish them, each a subject and a payload, in this order. Raises nats.errors.Error and OSError.

        As ``publish`` does it for one, which looks at the subject, the flusher and the connection each time.
        """
        if not self.is_connected:
            raise nats.errors.ConnectionReconnectingError
        if len("".join([subject for subject, _ in messages]).split()) != 1:
            # White space in a subject would be a command of its own.
            raise nats.errors.BadSubjectError
        commands = [b"PUB %b %d\r\n%b\r\n" % (subject.encode(), len(data), data) for subject, data in messages]
        await self._send_command(b"".join(commands))
        await self._flush_pending()

    async def add_interest(self, subject: str, handler: Handler) -> Interest:
        """Subscribe; the server knows of it after the next ``flush``."""
        self._sid += 1
        entry = Interest(self._sid, subject, handler)
        self._subs[self._sid] = entry  # type: ignore[assignment]
        if self.is_connected:
            await self._send_subscribe(entry)  # type: ignore[arg-type]
        return entry

    async def remove_interest(self, entry: Interest) -> None:
        """Unsubscribe. Nothing is handled after this returns, nor while it waits."""
        self._remove_sub(entry._id)
        if self.is_connected:
            await self._send_unsubscribe(entry._id)
