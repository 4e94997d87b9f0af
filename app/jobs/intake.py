"""The intake: takes operators' publications from JetStream one by one, and acknowledges what is stored.

Stored before acknowledged: whatever dies in between, the publication comes again and is recognised by its id.
"""

import asyncio
import logging
import re

import msgspec
from nats.aio.msg import Msg
from nats.js.client import JetStreamContext
from tortoise.exceptions import BaseORMException

from app.database import DATABASE_ERRORS
from app.jobs.publication import Refused, accept, reject
from bus import streams
from bus.connection import Bus
from bus.subjects import Subjects

logger = logging.getLogger(__name__)

AGAIN_SECONDS = 1.0
SILENT_FETCHES = 3
TRIES = 4


class Intake:
    """One per worker; over all workers of a site one publication is in hand at a time."""

    def __init__(self, bus: Bus, subjects: Subjects, replicas: int = 1) -> None:
        self._bus, self._subjects, self._replicas = bus, subjects, replicas
        self._task: asyncio.Task[None] | None = None
        self._stale = asyncio.Event()
        bus.when_back(self._stale.set)

    def start(self) -> None:
        """Take publications until ``stop``."""
        self._task = asyncio.create_task(self._run(), name="intake")

    async def stop(self) -> None:
        """Let go; what is not acknowledged goes to another worker."""
        if self._task:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                subscription = await streams.ensure(self._bus, self._subjects, self._replicas)
                self._stale.clear()
                try:
                    await self._take_until_stale(subscription)
                finally:
                    await subscription.unsubscribe()
            except streams.STREAM_ERRORS as error:
                logger.warning("intake: NATS does not serve it now: %s", type(error).__name__)
            except Exception:
                logger.exception("intake: failed")
            await asyncio.sleep(AGAIN_SECONDS)

    async def _take_until_stale(self, subscription: JetStreamContext.PullSubscription) -> None:
        """Take publications while the subscription is known to work.

        A pull subscription may fall silent after a reconnect, with messages waiting and no error; so after some
        silence the consumer is asked what waits, and a reconnect ends the subscription in any case.
        """
        silent = 0
        while not self._stale.is_set():
            try:
                messages = await subscription.fetch(1, timeout=streams.FETCH_SECONDS)
            except streams.TimeoutError:
                silent += 1
                if silent % SILENT_FETCHES == 0 and await streams.waiting(self._bus, self._subjects):
                    logger.warning("intake: publications wait and none arrives; subscribing anew")
                    return
                continue
            silent = 0
            for message in messages:
                await self._take(message)

    async def _take(self, message: Msg) -> None:
        meta = message.metadata
        # The sequence alone is not enough: it begins again at 1 when the stream is lost and made anew.
        published = f"{meta.timestamp.timestamp():.6f}/{meta.sequence.stream}"
        username = message.subject.removeprefix(self._subjects.notify(""))
        try:
            await self._store(message, username, published)
        except Exception as error:
            is_away = isinstance(error, DATABASE_ERRORS) and not isinstance(error, BaseORMException)
            logger.warning("intake: cannot store now: %s", type(error).__name__, exc_info=not is_away)
            if is_away or meta.num_delivered < TRIES:
                await message.nak(delay=AGAIN_SECONDS)
                return
            # PostgreSQL is there and it cannot be done: it must not hold up the next ones for ever.
            await reject(message.subject, message.data, Refused("not_storable", type(error).__name__), published)
        await message.ack()

    async def _store(self, message: Msg, username: str, published: str) -> None:
        try:
            if not re.fullmatch(r"[A-Za-z0-9_]{1,30}", username):
                raise Refused("unknown_user", "The subject must be notify.<username>.")
            await accept(username, message.data, published)
        except Refused as refused:
            await reject(message.subject, message.data, refused, published)
            logger.info("intake: refused a publication: %s", refused.reason)
            announcement = {"subject": message.subject, "reason": refused.reason, "detail": refused.detail}
            self._bus.publish(self._subjects.rejected(refused.reason), msgspec.json.encode(announcement))
