"""The relay: turns what rings on the bus into frames for the hub, in order and exactly once, whatever the bus does.

It keeps a position per topic with local listeners. An event below it was seen and is dropped; the next one goes out at
once; a hole waits 20 ms and is then read from the log, once per worker and topic. Against silence the positions are
compared with the log every 5 s, and every second while the bus is away or was so just now.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from types import MethodType
from typing import Any

import msgspec

from app.batches import Batches
from app.database import DATABASE_ERRORS
from app.log import read
from app.realtime import frames
from app.realtime.hub import Hub
from app.realtime.topics import LocalTopic
from app.realtime.websocket import frame
from bus.canary import Canary
from bus.connection import Bus
from bus.encoding import decode_event, decode_ring, decode_signal
from bus.events import Event
from bus.subjects import Subjects

logger = logging.getLogger(__name__)

HOLE_SECONDS = 0.02
COMPARE_SECONDS = 5.0
COMPARE_SECONDS_DEGRADED = 1.0
LOOK_SECONDS = 0.2
# Other workers may find back to NATS later than we do, and what they publish until then rings nowhere.
DOUBT_SECONDS = 5.0
EARLY_AT_MOST = 2000


class Relay:
    """One per worker."""

    def __init__(self, hub: Hub, bus: Bus, subjects: Subjects, canary: Canary) -> None:
        self.hub = hub
        self.healings = {"lost": 0, "early": 0, "repeated": 0}
        """Rings that were not as they should be, by what was wrong with them."""
        self.effects: Mapping[type[Any], Callable[[Any], None]] = {}
        """What is done besides with an event of a type, once it was handed out."""
        self._bus, self._subjects, self._canary = bus, subjects, canary
        self._events, self._signals = subjects.events.encode(), subjects.signals.encode()
        self._topics: dict[str, LocalTopic] = {}
        self._hear = self._heard
        self._fresh: Batches[list[LocalTopic], None] = Batches(self._establish)
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()
        bus.when_back(self._wake.set)

    @property
    def topics(self) -> int:
        """How many topics are listened to here."""
        return len(self._topics)

    # Interest

    async def hold(self, names: Iterable[str]) -> list[LocalTopic]:
        """Listen to these topics for somebody here, each counted once more; ``release`` them afterwards.

        When this returns, NATS has the subscriptions (or the log is polled, while there is no NATS) and each topic
        has a position. Raises the database's errors.
        """
        held = []
        for name in names:
            topic = self._topics.setdefault(name, LocalTopic(name))
            topic.holders += 1
            held.append(topic)
        fresh = [topic for topic in held if not topic.established]
        try:
            if fresh:
                await self._fresh.ask(fresh)
        except BaseException:
            self.release(held)
            raise
        return held

    def release(self, topics: Iterable[LocalTopic]) -> None:
        """Undo a ``hold``. Interest outlives its last holder a little: a reload comes back at once."""
        for topic in topics:
            topic.holders -= 1
            topic.left = asyncio.get_running_loop().time()

    async def _establish(self, asked: list[list[LocalTopic]]) -> list[None]:
        # Not those for whom nobody waits any more: they may have been dropped.
        topics = {topic for fresh in asked for topic in fresh if topic.holders and not topic.established}
        for topic in topics:
            topic.establishing = True
        try:
            if topics:
                await self._begin(topics)
        finally:
            for topic in topics:
                topic.establishing = False
        return [None] * len(asked)

    async def _begin(self, topics: set[LocalTopic]) -> None:
        for topic in topics:
            if topic.interest is None:
                # Lighter than a partial, of which there would be thousands.
                hear = MethodType(self._hear, topic)
                topic.interest = await self._bus.listen(self._subjects.all_of(topic.name), hear)
        await self._bus.settle()
        # Read after NATS has the subscriptions: whatever is committed later rings here.
        heads = await read.heads([topic.name for topic in topics])
        for topic in topics:
            topic.establish(heads[topic.name])
            self._advance(topic)

    async def _drop_unheld(self) -> None:
        now = asyncio.get_running_loop().time()
        for topic in tuple(self._topics.values()):
            # Asked for each one anew: while the last one left, somebody may have come back to this one.
            if topic.abandoned(now):
                del self._topics[topic.name]
                if topic.interest:
                    await self._bus.leave(topic.interest)

    def _spawn(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # From the bus

    def _heard(self, topic: LocalTopic, subject: bytes, payload: bytes) -> None:
        # The first word is checked although we subscribed: the wildcard in it also matches ``notify.…``, where
        # operators may publish what they like.
        if subject.startswith(self._events):
            try:
                seq, event = decode_ring(payload)
            except msgspec.DecodeError:
                logger.warning("bus: not a ring on %s", subject.decode("utf-8", "replace"))
                return
            if seq <= topic.position and topic.established:
                self.healings["repeated"] += 1
            self.feed(topic, seq, event)
        elif subject.startswith(self._signals):
            self._signalled(topic, payload)

    def _signalled(self, topic: LocalTopic, payload: bytes) -> None:
        signal = decode_signal(payload)
        if signal is None or type(signal) not in frames.SIGNAL_FRAMES:
            return
        view, build = frames.SIGNAL_FRAMES[type(signal)]
        if self.hub.listening((topic.name, view)):
            about = getattr(signal, "user_id", None) if view == "chat" else None
            self.hub.send((topic.name, view), frame(build(signal)), but_user=about)

    def feed(self, topic: LocalTopic, seq: int, event: Event | None) -> None:
        """Take an event from wherever it comes; hand it out if it is the next one, keep it if it is early."""
        if topic.established:
            if seq == topic.position + 1:
                self._hand_out(topic, seq, event)
                if topic.early:
                    self._advance(topic)
                return
            if seq <= topic.position:
                return
            self.healings["early"] += 1
        if topic.early is None:
            topic.early = {}
        if len(topic.early) < EARLY_AT_MOST:
            topic.early[seq] = event
        if topic.established and not topic.healing:
            topic.healing = True
            asyncio.get_running_loop().call_later(HOLE_SECONDS, self._heal_soon, topic)

    def _advance(self, topic: LocalTopic) -> None:
        while topic.early and topic.position + 1 in topic.early:
            self._hand_out(topic, topic.position + 1, topic.early.pop(topic.position + 1))
        if topic.early is not None:
            topic.early = {seq: event for seq, event in topic.early.items() if seq > topic.position} or None

    def _hand_out(self, topic: LocalTopic, seq: int, event: Event | None) -> None:
        topic.position = seq
        for view in topic.views:
            audience = view.audience
            if audience is None or not audience.listeners:
                audience = view.audience = self.hub.audience(view.channel)
            if audience:
                piece = frames.piece_of(event, seq, view.name)
                if piece.data:
                    self.hub.hand(audience, piece)
        effect = self.effects.get(type(event))
        if effect:
            effect(event)

    # Healing

    def _heal_soon(self, topic: LocalTopic) -> None:
        if not topic.early:
            topic.healing = False
            return
        self._spawn(self._heal(topic))

    async def _heal(self, topic: LocalTopic) -> None:
        try:
            self.healings["lost"] += 1
            await self.catch_up({topic.name: topic})
        except DATABASE_ERRORS as error:
            # The comparison of heads tries again; nothing is lost, the position has not moved.
            logger.warning("relay: the log cannot be read: %s", type(error).__name__)
        finally:
            topic.healing = False

    async def catch_up(self, topics: dict[str, LocalTopic]) -> None:
        """Read what the log holds after each topic's position, and hand it out. Raises the database's errors."""
        while topics:
            cursors = {name: topic.position for name, topic in topics.items()}
            entries = await read.after_many(cursors)
            for name, found in entries.items():
                topic = topics[name]
                if found and found[0].seq > cursors[name] + 1 and topic.position == cursors[name]:
                    self._lost_track(topic, found[0].seq - 1)
                for entry in found:
                    self.feed(topic, entry.seq, decode_event(entry.body))
            topics = {name: topics[name] for name, found in entries.items() if found}

    async def reach(self, name: str, seq: int) -> None:
        """See to it that ``seq`` of this topic has been handed out. Raises the database's errors."""
        topic = self._topics.get(name)
        if topic and topic.established:
            if topic.position < seq:
                await self.catch_up({name: topic})
            for view in topic.views:
                self.hub.settle(view.channel)

    async def read_anew(self) -> Callable[[], None]:
        """For a log that is another one by now: read all heads, and give what makes them the positions."""
        topics = [topic for topic in self._topics.values() if topic.established]
        heads = await read.heads([topic.name for topic in topics])

        def begin() -> None:
            for topic in topics:
                topic.early = None
                topic.establish(heads[topic.name])

        return begin

    def _lost_track(self, topic: LocalTopic, position: int) -> None:
        """The log no longer holds what comes next (pruned, or another epoch): its pages must be fetched anew."""
        topic.position = position
        topic.early = None
        for view in topic.views:
            for connection in self.hub.listeners(view.channel):
                connection.send(frame(frames.build("reset")))
                connection.close(1000, "reset")

    async def keep_up(self) -> None:
        """Compare heads for ever. Runs as a task of the worker."""
        compared = doubted = float("-inf")
        while True:
            # Looked at often: an outage that begins during a long pause must not wait for its end.
            try:
                await asyncio.wait_for(self._wake.wait(), LOOK_SECONDS)
            except TimeoutError:
                pass
            now = asyncio.get_running_loop().time()
            if self._wake.is_set() or not (self._canary.alive and self._bus.connected):
                doubted = now
            pause = COMPARE_SECONDS_DEGRADED if now - doubted < DOUBT_SECONDS else COMPARE_SECONDS
            if now - compared < pause and not self._wake.is_set():
                continue
            self._wake.clear()
            compared = now
            try:
                await self._drop_unheld()
                await self.compare()
            except DATABASE_ERRORS as error:
                logger.warning("relay: heads cannot be compared: %s", type(error).__name__)
            except Exception:
                logger.exception("relay: comparing heads failed")

    async def compare(self) -> None:
        """One comparison of all positions with the log, and what follows from it."""
        topics = {name: topic for name, topic in self._topics.items() if topic.established}
        if not topics:
            return
        before = {name: topic.position for name, topic in topics.items()}
        heads = await read.heads(list(topics))
        for name, topic in topics.items():
            if heads[name] < before[name]:
                logger.warning("relay: %s went back from %d to %d", name, before[name], heads[name])
                self._lost_track(topic, heads[name])
        behind = {name: topic for name, topic in topics.items() if heads[name] > topic.position}
        if behind:
            self.healings["lost"] += len(behind)
            await self.catch_up(behind)
