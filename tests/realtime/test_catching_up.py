"""Joining while things happen: no gap, no double, whatever comes between."""

import asyncio
import random
from uuid import uuid4

from app.log import transaction
from app.log.append import Appended
from app.log.transaction import ring_with
from app.realtime.catch_up import Cursor, welcome
from app.realtime.relay import Relay
from app.realtime.topics import LocalTopic
from bus import events as e
from bus.encoding import decode_event
from tests.realtime.listener import Listener

EPOCH = "e"
JOINS = 400
EVENTS = 400


async def happens(user_id: int, times: int = 1) -> None:
    async with transaction() as events:
        for _ in range(times):
            events.append(e.NotificationsRead(user_id=user_id, ids="all", unread=0))


async def comes(relay: Relay, user_id: int, after: int | None) -> Listener:
    """A listener with this cursor, through the same door as a socket."""
    (topic,) = await relay.hold([f"user.{user_id}"])
    listener = Listener(user_id, topic=topic.name)
    relay.hub.add(listener)
    await welcome(relay, listener, topic, "notifications", Cursor(after, False, EPOCH, 2000))  # type: ignore[arg-type]
    return listener


def new_user() -> int:
    return uuid4().int % 10**9 + 10**6


async def test_random_joins_among_random_rings_miss_nothing_and_see_nothing_twice(relay: Relay) -> None:
    chance = random.Random(11)
    user = new_user()
    name = f"user.{user}"
    loop = asyncio.get_running_loop()

    def ring_badly(appended: list[Appended], jobs_due: bool) -> None:
        for entry in appended:
            for _ in range(chance.choice([0, 1, 1, 1, 2])):
                loop.call_later(chance.random() / 100, ring, entry)

    def ring(entry: Appended) -> None:
        topic = relay._topics.get(name)
        if topic:
            relay.feed(topic, entry.seq, decode_event(entry.body))

    ring_with(ring_badly)
    written = 0
    listeners: list[tuple[int, Listener]] = []

    async def write() -> None:
        nonlocal written
        while written < EVENTS:
            times = chance.choice([1, 1, 1, 7])
            await happens(user, times)
            written += times
            await asyncio.sleep(chance.random() / 500)

    async def join() -> None:
        for _ in range(JOINS // 20):
            await asyncio.sleep(chance.random() / 10)
            after = chance.choice([None, written, chance.randint(max(0, written - 300), written)])
            listener = await comes(relay, user, after)
            hello = listener.frames[0]
            listeners.append((hello["seq"] if after is None else after, listener))

    await asyncio.gather(write(), *(join() for _ in range(20)))
    await asyncio.sleep(0.05)
    await relay.compare()
    relay.hub.settle((name, "notifications"))
    assert len(listeners) == JOINS
    for after, listener in listeners:
        assert listener.seqs() == list(range(after + 1, written + 1)), (after, listener.frames[:5])
        kinds = [frame["type"] for frame in listener.frames]
        assert kinds.count("caught_up") == kinds.count("hello") == 1
        assert kinds[0] == "hello"
    assert relay.healings["lost"]


async def test_a_page_may_be_ahead_of_the_bus(deaf_relay: Relay) -> None:
    """The page was drawn after an event whose ring has not come: that is no cursor from the future."""
    user = new_user()
    await happens(user, 3)
    early = await comes(deaf_relay, user, 3)
    await happens(user, 2)
    late = await comes(deaf_relay, user, 5)
    assert [frame["type"] for frame in late.frames] == ["hello", "caught_up"]
    assert late.frames[0]["seq"] == late.frames[1]["seq"] == 5
    assert late.frames[0]["resumed"] is True
    assert early.seqs() == [4, 5], "who is live already gets them from the same reading"
    await happens(user)
    await deaf_relay.compare()
    assert late.seqs() == [6]
    assert early.seqs() == [4, 5, 6]


async def test_a_backlog_of_several_pages_waits_for_a_slow_reader(deaf_relay: Relay) -> None:
    user = new_user()
    await happens(user, 1234)
    (topic,) = await deaf_relay.hold([f"user.{user}"])
    slow = SlowListener(user, topic=topic.name)
    deaf_relay.hub.add(slow)
    cursor = Cursor(0, False, EPOCH, 2000)
    catching_up = asyncio.create_task(welcome(deaf_relay, slow, topic, "notifications", cursor))  # type: ignore[arg-type]
    while not catching_up.done():
        assert slow.buffered <= slow.half_full + 2000, "a backlog is never poured over a peer"
        await asyncio.sleep(0)
    assert slow.seqs() == list(range(1, 1235))
    assert slow.waits > 3


async def test_who_leaves_while_catching_up_is_not_joined(deaf_relay: Relay) -> None:
    user = new_user()
    await happens(user, 1000)
    (topic,) = await deaf_relay.hold([f"user.{user}"])
    leaver = Leaver(user, topic=topic.name)
    cursor = Cursor(0, False, EPOCH, 2000)
    await welcome(deaf_relay, leaver, topic, "notifications", cursor)  # type: ignore[arg-type]
    assert not deaf_relay.hub.listening((topic.name, "notifications"))


class SlowListener(Listener):
    """Takes what it was sent only when it is waited for."""

    half_full = 4096

    def __init__(self, user_id: int, topic: str) -> None:
        super().__init__(user_id, topic=topic)
        self.buffered = self.waits = 0

    def send(self, data: bytes) -> None:
        super().send(data)
        self.buffered += len(data)

    async def drained(self) -> None:
        self.waits += 1
        await asyncio.sleep(0)
        self.buffered = 0


class Leaver(Listener):
    """Hangs up in the middle of its backlog."""

    def send(self, data: bytes) -> None:
        super().send(data)
        if len(self.frames) > 300:
            self.close(1001)


def test_a_topic_counts_from_where_it_is_established() -> None:
    topic = LocalTopic("user.1")
    assert not topic.established
    topic.establish(7)
    assert (topic.established, topic.position, topic.kind) == (True, 7, "user")
