"""The relay hands out every event of a topic once and in order, whatever rings, rings twice, or does not ring."""

import asyncio
import itertools
import random
from typing import Any

import msgspec
import pytest

from app.log import transaction
from app.models.base import rows
from app.realtime import relay as relay_module
from app.realtime import topics as topics_module
from app.realtime.relay import Relay
from app.realtime.topics import LocalTopic
from bus import events as e
from bus import signals as s
from bus.connection import Bus
from bus.encoding import encode, encode_ring
from bus.interest import Interest
from bus.subjects import Subjects
from tests.realtime.listener import Listener
from tests.site import until

users = itertools.count(1000)


async def read_all(user_id: int, unread: int = 0) -> None:
    """Something happens in the topic ``user.<user_id>``."""
    async with transaction() as events:
        events.append(e.NotificationsRead(user_id=user_id, ids="all", unread=unread))


def all_read(user_id: int, unread: int = 0) -> e.Event:
    return e.NotificationsRead(user_id=user_id, ids="all", unread=unread)


async def listening(relay: Relay, user_id: int) -> tuple[LocalTopic, Listener]:
    """Somebody who listens to the topic from now on."""
    (topic,) = await relay.hold([f"user.{user_id}"])
    listener = Listener(user_id)
    relay.hub.add(listener)
    relay.hub.join((topic.name, "notifications"), listener)
    return topic, listener


def heard(relay: Relay, topic: LocalTopic, listener: Listener) -> list[int]:
    """The seqs that the listener has been sent, also those that were just gathered."""
    relay.hub.settle((topic.name, "notifications"))
    return listener.seqs()


async def test_a_ring_becomes_one_frame_for_everyone_who_listens(relay: Relay) -> None:
    user = next(users)
    _, one = await listening(relay, user)
    _, other = await listening(relay, user)
    stranger = Listener()
    relay.hub.add(stranger)
    await read_all(user, unread=3)

    async def arrived() -> bool:
        return bool(one.frames)

    await until(arrived)
    assert one.frames == other.frames
    assert one.frames == [
        {"type": "notification_read", "seq": 1, "ids": "all"},
        {"type": "unread_count", "count": 3},
    ]
    assert stranger.frames == []
    assert relay.healings["lost"] == 0


async def test_what_was_seen_is_dropped(deaf_relay: Relay) -> None:
    user = next(users)
    await read_all(user)
    topic, listener = await listening(deaf_relay, user)
    for seq in (1, 0, 2, 2, 1, 3, 2, 3):
        deaf_relay.feed(topic, seq, all_read(user))
    assert heard(deaf_relay, topic, listener) == [2, 3]


async def test_early_ones_wait_and_go_out_in_order(deaf_relay: Relay) -> None:
    user = next(users)
    topic, listener = await listening(deaf_relay, user)
    for seq in (3, 2, 5):
        deaf_relay.feed(topic, seq, all_read(user))
    assert heard(deaf_relay, topic, listener) == []
    deaf_relay.feed(topic, 1, all_read(user))
    assert heard(deaf_relay, topic, listener) == [1, 2, 3]
    deaf_relay.feed(topic, 4, all_read(user))
    assert heard(deaf_relay, topic, listener) == [1, 2, 3, 4, 5]
    assert not topic.early


async def test_a_hole_is_healed_from_the_log_soon(deaf_relay: Relay) -> None:
    user = next(users)
    topic, listener = await listening(deaf_relay, user)
    for _ in range(5):
        await read_all(user)
    deaf_relay.feed(topic, 2, all_read(user))
    deaf_relay.feed(topic, 5, all_read(user))

    async def healed() -> bool:
        return len(listener.seqs()) == 5

    await until(healed, 1)
    assert listener.seqs() == [1, 2, 3, 4, 5]
    assert deaf_relay.healings["lost"] == 1, "once for the topic, however many were early"


async def test_a_hole_that_closes_by_itself_costs_no_query(deaf_relay: Relay) -> None:
    user = next(users)
    topic, listener = await listening(deaf_relay, user)
    deaf_relay.feed(topic, 2, all_read(user))
    deaf_relay.feed(topic, 1, all_read(user))
    await asyncio.sleep(relay_module.HOLE_SECONDS * 2)
    assert (listener.seqs(), deaf_relay.healings["lost"], topic.healing) == ([1, 2], 0, False)


async def test_each_kind_of_healing_is_counted(deaf_relay: Relay, bus: Bus, subjects: Subjects) -> None:
    user = next(users)
    topic, listener = await listening(deaf_relay, user)
    for _ in range(5):
        await read_all(user)
    event = subjects.event(topic.name, "notifications_read")
    for seq in (1, 1, 3, 2, 5):
        bus.publish(event, encode_ring(seq, encode(all_read(user))))

    async def healed() -> bool:
        return len(listener.seqs()) == 5

    await until(healed)
    assert listener.seqs() == [1, 2, 3, 4, 5]
    assert deaf_relay.healings == {"lost": 1, "early": 2, "repeated": 1}


async def test_a_lost_ring_is_found_by_comparing_heads(deaf_relay: Relay) -> None:
    user, quiet_user = next(users), next(users)
    _, listener = await listening(deaf_relay, user)
    _, other = await listening(deaf_relay, quiet_user)
    for _ in range(3):
        await read_all(user)
    await deaf_relay.compare()
    assert listener.seqs() == [1, 2, 3]
    assert other.frames == []
    await deaf_relay.compare()
    assert listener.seqs() == [1, 2, 3]


class Bird:
    """A canary that sings or not as the test likes."""

    alive = True


async def test_an_outage_that_begins_during_a_pause_does_not_wait_for_its_end(
    deaf_relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "COMPARE_SECONDS", 3600)
    monkeypatch.setattr(relay_module, "COMPARE_SECONDS_DEGRADED", 0.2)
    monkeypatch.setattr(relay_module, "DOUBT_SECONDS", 3600)
    bird = deaf_relay._canary = Bird()
    user = next(users)
    _, listener = await listening(deaf_relay, user)
    keeping_up = asyncio.create_task(deaf_relay.keep_up())

    async def seen(seq: int) -> None:
        async def shown() -> bool:
            return seq in listener.seqs()

        await until(shown)

    try:
        await read_all(user)
        await seen(1)  # It compares once at the start, and then not for an hour.
        bird.alive = False
        await read_all(user)
        await seen(2)
        bird.alive = True
        await read_all(user)
        await seen(3)  # Others may still be away: it goes on for a while.
        monkeypatch.setattr(relay_module, "DOUBT_SECONDS", 0)
        await asyncio.sleep(relay_module.LOOK_SECONDS * 3)
        await read_all(user)
        await asyncio.sleep(relay_module.LOOK_SECONDS * 3)
        assert listener.seqs() == [1, 2, 3]
    finally:
        keeping_up.cancel()


async def test_a_long_silence_is_healed_in_several_pages(deaf_relay: Relay) -> None:
    user = next(users)
    topic, listener = await listening(deaf_relay, user)
    async with transaction() as events:
        for _ in range(1234):
            events.append(e.NotificationsRead(user_id=user, ids="all", unread=0))
    await deaf_relay.compare()
    assert heard(deaf_relay, topic, listener) == list(range(1, 1235))


async def test_a_log_that_went_back_resets_who_listens(deaf_relay: Relay) -> None:
    user, unharmed = next(users), next(users)
    for _ in range(3):
        await read_all(user)
        await read_all(unharmed)
    topic, listener = await listening(deaf_relay, user)
    _, other = await listening(deaf_relay, unharmed)
    await rows("UPDATE topics SET head = 1 WHERE name = $1", topic.name)
    await rows("DELETE FROM log WHERE topic = $1 AND seq > 1", topic.name)
    await deaf_relay.compare()
    assert (listener.frames, listener.code) == ([{"type": "reset"}], 1000)
    assert topic.position == 1
    await read_all(unharmed)
    await deaf_relay.compare()
    assert (other.seqs(), other.code) == ([4], None)


async def test_a_log_pruned_beyond_the_position_resets_who_listens(deaf_relay: Relay) -> None:
    user = next(users)
    topic, listener = await listening(deaf_relay, user)
    for _ in range(5):
        await read_all(user)
    await rows("DELETE FROM log WHERE topic = $1 AND seq <= 3", topic.name)
    await deaf_relay.compare()
    assert (listener.frames, listener.code) == ([{"type": "reset"}], 1000)
    assert topic.position == 5


async def test_what_an_operator_publishes_never_becomes_a_frame(relay: Relay, bus: Bus, subjects: Subjects) -> None:
    """``notify.user.7.x`` matches the wildcard of the topic ``user.7``, and anybody may publish it."""
    user = next(users)
    topic, listener = await listening(relay, user)
    forged = encode_ring(1, encode(all_read(user, unread=99)))
    heard: list[bytes] = []
    await bus.listen(f"{subjects.prefix}>", lambda subject, payload: heard.append(subject))
    await bus.settle()
    for first in ("notify", "notify_rejected", "ctl", "evtl", "evt2"):
        bus.publish(f"{subjects.prefix}{first}.user.{user}.notifications_read", forged)
    signal = encode(s.ConversationRead(user_id=user, conversation_id="c", number=1))
    bus.publish(f"{subjects.prefix}notify.user.{user}.conversation_read", signal)
    await read_all(user)

    async def arrived() -> bool:
        return bool(listener.frames)

    await until(arrived)
    assert len(heard) == 7, "they did come over the bus"
    assert listener.frames[1] == {"type": "unread_count", "count": 0}
    assert topic.position == 1


async def test_nonsense_on_the_bus_is_ignored(relay: Relay, bus: Bus, subjects: Subjects) -> None:
    user = next(users)
    topic, listener = await listening(relay, user)
    event = subjects.event(topic.name, "notifications_read")
    signal = subjects.signal(topic.name, "conversation_read")
    for payload in (b"", b"\xff", b"[]", b'{"seq":"1","event":{}}', b'{"event":{}}'):
        bus.publish(event, payload)
        bus.publish(signal, payload)
    bus.publish(event, b'{"seq":1,"event":7,"a_later_version":"adds this"}')
    await read_all(user)

    async def arrived() -> bool:
        return topic.position == 1

    await until(arrived)
    await read_all(user)

    async def second() -> bool:
        return topic.position == 2

    await until(second)
    assert listener.seqs()[-1] == 2


async def test_an_event_of_a_later_version_is_a_skip(deaf_relay: Relay) -> None:
    topic, listener = await listening(deaf_relay, next(users))
    deaf_relay.feed(topic, 1, None)
    assert heard(deaf_relay, topic, listener) == [1]
    assert listener.frames == [{"type": "skip", "seq": 1}]


async def test_an_event_that_cannot_be_shown_stops_nothing(deaf_relay: Relay) -> None:
    user = next(users)
    topic, listener = await listening(deaf_relay, user)
    effects: list[e.Event] = []

    def effect(event: e.Event) -> None:
        effects.append(event)
        raise RuntimeError("an effect fails")

    deaf_relay.effects = {e.NotificationsRead: effect}
    with pytest.raises(RuntimeError):
        deaf_relay.feed(topic, 1, all_read(user))
    deaf_relay.effects = {}
    deaf_relay.feed(topic, 2, all_read(user))
    assert heard(deaf_relay, topic, listener) == [1, 2]


async def test_signals_skip_their_own_user(relay: Relay, bus: Bus, subjects: Subjects) -> None:
    (topic,) = await relay.hold(["conversation.c"])
    alice, bob = Listener(1), Listener(2)
    for listener in (alice, bob):
        relay.hub.add(listener)
        relay.hub.join((topic.name, "chat"), listener)
    for user_id, name in ((1, "alice"), (2, "bob")):
        typing = s.Typing(conversation_id="c", user_id=user_id, username=name, is_typing=True)
        bus.publish(subjects.signal(topic.name, typing.name), encode(typing))

    async def arrived() -> bool:
        return bool(alice.frames and bob.frames)

    await until(arrived)
    assert alice.frames == [{"type": "typing", "is_typing": True, "username": "bob", "user_id": 2}]
    assert bob.frames == [{"type": "typing", "is_typing": True, "username": "alice", "user_id": 1}]


async def test_ones_own_reading_reaches_ones_own_pages(relay: Relay, bus: Bus, subjects: Subjects) -> None:
    topic, listener = await listening(relay, next(users))
    read = s.ConversationRead(user_id=listener.user_id, conversation_id="c", number=4)
    bus.publish(subjects.signal(topic.name, read.name), encode(read))

    async def arrived() -> bool:
        return bool(listener.frames)

    await until(arrived)
    assert listener.frames == [{"type": "conversation_read", "conversation_id": "c", "number": 4}]


async def test_interest_follows_the_listeners_with_a_little_grace(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = next(users)
    (topic,) = await relay.hold([f"user.{user}"])
    relay.release([topic])
    await relay._drop_unheld()
    assert (await relay.hold([f"user.{user}"])) == [topic], "a reload finds it again"
    relay.release([topic])
    monkeypatch.setattr(topics_module, "GRACE_SECONDS", -1.0)
    await relay._drop_unheld()
    (fresh,) = await relay.hold([f"user.{user}"])
    assert fresh is not topic
    await relay._drop_unheld()
    await read_all(user)

    async def counted() -> bool:
        return fresh.position == 1

    await until(counted)
    assert topic.position == 0, "the old one hears no more"


async def test_a_topic_that_is_held_again_while_others_are_dropped_stays(
    relay: Relay, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dropping waits for the bus between two topics; somebody may come in that moment."""
    leave = relay._bus.leave

    async def leave_slowly(interest: Interest) -> None:
        await leave(interest)
        await asyncio.sleep(0)

    monkeypatch.setattr(relay._bus, "leave", leave_slowly)
    monkeypatch.setattr(topics_module, "GRACE_SECONDS", -1.0)
    names = [f"user.{next(users)}" for _ in range(20)]
    for _ in range(10):
        relay.release(await relay.hold(names))
        dropping = asyncio.create_task(relay._drop_unheld())
        await asyncio.sleep(0)
        held = await relay.hold(names)
        await dropping
        assert {relay._topics.get(topic.name) for topic in held} == set(held)
        assert all(topic.interest is not None for topic in held)
        relay.release(held)


async def test_holding_is_shared_and_survives_the_first_ones_leaving(relay: Relay) -> None:
    name = f"user.{next(users)}"
    first = asyncio.create_task(relay.hold([name]))
    await asyncio.sleep(0)
    second = asyncio.create_task(relay.hold([name]))
    await asyncio.sleep(0)
    first.cancel()
    (topic,) = await second
    assert topic.established
    assert topic.holders == 1


async def test_who_leaves_before_the_topic_has_begun_leaves_nothing_behind(relay: Relay) -> None:
    begun, left = f"user.{next(users)}", f"user.{next(users)}"
    first = asyncio.create_task(relay.hold([begun]))
    await asyncio.sleep(0)
    second = asyncio.create_task(relay.hold([left]))  # waits for the first to be done
    await asyncio.sleep(0)
    second.cancel()
    await first
    assert (await relay.hold([begun]))[0].holders == 2
    topic = relay._topics[left]
    assert (topic.holders, topic.interest, topic.establishing) == (0, None, False)


async def test_random_rings_are_one_order(deaf_relay: Relay) -> None:
    """Lost, doubled, late and shuffled rings over several topics: each listener gets 1, 2, 3 …"""
    chance = random.Random(7)
    people = [next(users) for _ in range(5)]
    pairs = [await listening(deaf_relay, user) for user in people]
    heads = dict.fromkeys(people, 0)
    loop = asyncio.get_running_loop()
    for _ in range(400):
        user = chance.choice(people)
        await read_all(user)
        heads[user] += 1
        topic = pairs[people.index(user)][0]
        for _ in range(chance.choice([0, 1, 1, 2])):
            loop.call_later(chance.random() / 50, deaf_relay.feed, topic, heads[user], all_read(user))
    await asyncio.sleep(0.05)
    await deaf_relay.compare()
    for user, (topic, listener) in zip(people, pairs, strict=True):
        assert heard(deaf_relay, topic, listener) == list(range(1, heads[user] + 1))
        assert not topic.early


async def test_every_topic_kind_has_its_ways_of_being_looked_at() -> None:
    def topic_of(kind: type[e.Event]) -> str:
        fields: dict[str, Any] = {
            f.name: msgspec.Raw(b"{}") if f.type is msgspec.Raw else "1" for f in msgspec.structs.fields(kind)
        }
        return kind(**fields).topic

    assert {topic_of(kind).partition(".")[0] for kind in e.EVENTS} == set(topics_module.VIEWS)
