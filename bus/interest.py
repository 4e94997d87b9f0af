"""A light subscription: no task and no queue of its own, the handler is called where the bytes are parsed.

nats-py spends a task and a queue (5–12 KB) on every subscription; a worker listens to ten thousand topics. So a topic
is an Interest, put where nats-py keeps its subscriptions, which also restores it after a reconnect.
"""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

from nats.aio.client import Client

logger = logging.getLogger(__name__)

Handler = Callable[[str, bytes], None]
"""Takes subject and payload. Synchronous by contract: it may not wait, and an error in it is only logged."""


class Interest:
    """What nats-py asks of an entry in its table of subscriptions, and the handler. Use ``Bus.listen``."""

    __slots__ = ("_id", "_received", "_subject", "handler")
    _queue = ""
    _max_msgs = 0
    _wait_for_msgs_task = None
    _message_iterator = None
    _pending_next_msgs_calls = None

    def __init__(self, number: int, subject: str, handler: Handler) -> None:
        self._id = number
        self._subject = subject
        self._received = 0
        self.handler = handler


class LightClient(Client):
    """nats-py's client, calling the handlers of Interests directly and all other subscriptions as ever."""

    async def _process_msg(self, sid: int, subject: bytes, reply: bytes, data: bytes, headers: bytes) -> None:
        # Anybody may publish to any bytes; nats-py would end the connection over those that are not UTF-8.
        text = subject.decode(errors="replace")
        entry: Any = self._subs.get(sid)
        if type(entry) is not Interest:
            await super()._process_msg(sid, text.encode(), reply, data, headers)
            return
        try:
            entry.handler(text, data)
        except (Exception, asyncio.CancelledError):
            # An exception here would end the reading of the whole connection. A cancellation too: the handler does
            # not wait, so it is never ours, but one that Sanic raises for a peer that died (RequestCancelled).
            logger.exception("a bus handler failed")

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
