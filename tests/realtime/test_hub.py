"""The hub is a dictionary: who listens gets it, who left does not."""

import asyncio

import pytest

from app.realtime.hub import Hub
from app.realtime.websocket import frame
from tests.realtime.listener import Listener
from tests.site import until

HELLO = frame(b'{"type":"hi"}')
CHAT, OTHER = ("conversation.1", "chat"), ("conversation.2", "chat")


class Failing(Listener):
    """One whose line is broken in a way that nobody thought of."""

    def send_now(self, data: bytes) -> None:
        raise ZeroDivisionError


def numbered(number: int) -> bytes:
    return frame(b'{"n":%d}' % number)


@pytest.fixture
def hub_with_two() -> tuple[Hub, Listener, Listener]:
    """Two users listen to CHAT."""
    hub, alice, bob = Hub(), Listener(1), Listener(2)
    for listener in (alice, bob):
        hub.add(listener)
        hub.join(CHAT, listener)
    return hub, alice, bob


async def test_everyone_in_a_channel_gets_what_is_sent_to_it_and_nobody_else() -> None:
    hub, alice, bob, mallory = Hub(), Listener(1), Listener(2), Listener(3)
    for listener in (alice, bob, mallory):
        hub.add(listener)
    hub.join(CHAT, alice)
    hub.join(CHAT, bob)
    hub.join(OTHER, mallory)
    hub.send(CHAT, HELLO)
    hub.send(CHAT, HELLO, but_user=1)
    hub.settle(CHAT)
    assert (hub.frames, hub.deliveries) == (2, 3)
    assert (len(alice.frames), len(bob.frames), len(mallory.frames)) == (1, 2, 0)


async def test_who_leaves_or_is_gone_gets_nothing_and_leaves_no_trace() -> None:
    hub, alice, bob = Hub(), Listener(1), Listener(2)
    for listener in (alice, bob):
        hub.add(listener)
        hub.join(CHAT, listener)
        hub.join(OTHER, listener)
    hub.leave(CHAT, alice)
    hub.leave(CHAT, alice)
    hub.send(CHAT, HELLO)
    hub.settle(CHAT)
    assert (len(alice.frames), len(bob.frames)) == (0, 1)
    hub.remove(alice)
    hub.remove(bob)
    hub.remove(bob)
    assert not hub.listening(CHAT)
    assert not hub.listening(OTHER)
    assert hub.listeners(CHAT) == ()
    assert hub.of_user(1) == ()
    assert (hub.connections, hub._channels, hub._by_user) == (set(), {}, {})
    hub.send(CHAT, HELLO)
    assert hub.deliveries == 1


def test_a_user_has_all_their_connections() -> None:
    hub, one, two = Hub(), Listener(1), Listener(1)
    hub.add(one)
    hub.add(two)
    assert set(hub.of_user(1)) == {one, two}
    hub.remove(one)
    assert hub.of_user(1) == (two,)


def test_everyone_looks_at_the_clock_and_is_sent_elsewhere_at_the_end() -> None:
    hub, alice = Hub(), Listener(1)
    hub.add(alice)
    hub.tick()
    hub.drain()
    assert (alice.ticks, alice.code, hub.draining) == (1, 1012, True)


async def test_what_comes_in_one_turn_goes_out_in_one_write(hub_with_two: tuple[Hub, Listener, Listener]) -> None:
    hub, alice, bob = hub_with_two
    for number in range(3):
        hub.send(CHAT, numbered(number), but_user=1 if number == 1 else None)
    assert alice.frames == []
    await asyncio.sleep(0)
    assert (alice.writes, bob.writes) == (1, 1)
    assert [[f["n"] for f in listener.frames] for listener in (alice, bob)] == [[0, 2], [0, 1, 2]]
    assert hub.deliveries == 5


async def test_who_is_left_out_of_everything_is_written_nothing(hub_with_two: tuple[Hub, Listener, Listener]) -> None:
    hub, alice, bob = hub_with_two
    hub.send(CHAT, HELLO, but_user=1)
    await asyncio.sleep(0)
    assert (alice.writes, bob.writes, hub.deliveries) == (0, 1, 1)


async def test_a_busy_channel_rests_as_long_as_it_worked_and_gathers_meanwhile(
    hub_with_two: tuple[Hub, Listener, Listener],
) -> None:
    hub, alice, _ = hub_with_two
    alice.takes_seconds = 0.03
    hub.send(CHAT, numbered(0))
    await asyncio.sleep(0)
    for number in (1, 2):
        hub.send(CHAT, numbered(number))
    await asyncio.sleep(0)
    assert [f["n"] for f in alice.frames] == [0, 1, 2], "one frame makes nobody busy"
    alice.takes_seconds = 0
    for number in (3, 4, 5):
        hub.send(CHAT, numbered(number))
        await asyncio.sleep(0)
    assert [f["n"] for f in alice.frames] == [0, 1, 2]
    hub.join(OTHER, alice)
    hub.send(OTHER, numbered(9))
    await asyncio.sleep(0)
    assert [f["n"] for f in alice.frames] == [0, 1, 2, 9], "another channel need not wait"

    async def all_there() -> bool:
        return len(alice.frames) == 7

    await until(all_there, 1)
    assert [f["n"] for f in alice.frames] == [0, 1, 2, 9, 3, 4, 5]
    assert alice.writes == 4


async def test_who_is_alone_gets_the_first_of_a_turn_at_once_and_what_follows_together() -> None:
    hub, alice = Hub(), Listener(1)
    hub.add(alice)
    hub.join(CHAT, alice)
    hub.send(CHAT, numbered(0))
    assert [f["n"] for f in alice.frames] == [0]
    for number in (1, 2, 3):
        hub.send(CHAT, numbered(number))
    assert alice.writes == 1
    await asyncio.sleep(0)
    assert [f["n"] for f in alice.frames] == [0, 1, 2, 3]
    assert (alice.writes, hub.deliveries, sum(hub.fan_out.counts)) == (2, 4, 2)


async def test_who_is_not_alone_any_more_shares_and_who_is_again_does_not() -> None:
    hub, alice, bob = Hub(), Listener(1), Listener(2)
    hub.join(CHAT, alice)
    hub.join(CHAT, bob)
    hub.send(CHAT, numbered(0))
    assert (alice.frames, bob.frames) == ([], [])
    hub.leave(CHAT, alice)
    await asyncio.sleep(0)
    hub.send(CHAT, numbered(1))
    assert [[f["n"] for f in who.frames] for who in (alice, bob)] == [[0], [0, 1]]


async def test_one_that_fails_alone_does_not_stop_who_sends() -> None:
    hub, errors = Hub(), []
    asyncio.get_running_loop().set_exception_handler(lambda loop, context: errors.append(type(context["exception"])))
    hub.join(CHAT, Failing(1))
    hub.send(CHAT, HELLO)
    assert errors == [ZeroDivisionError]


async def test_who_comes_gets_only_what_is_sent_from_then_on_and_who_goes_what_was_sent_before(
    hub_with_two: tuple[Hub, Listener, Listener],
) -> None:
    hub, alice, bob = hub_with_two
    hub.send(CHAT, numbered(1))
    late = Listener(3)
    hub.join(CHAT, late)
    hub.send(CHAT, numbered(2))
    hub.leave(CHAT, bob)
    hub.send(CHAT, numbered(3))
    assert set(hub.listeners(CHAT)) == {alice, late}
    assert [[f["n"] for f in who.frames] for who in (alice, bob, late)] == [[1, 2, 3], [1, 2], [2, 3]]


async def test_one_that_fails_keeps_nobody_elses_frames_back(hub_with_two: tuple[Hub, Listener, Listener]) -> None:
    hub, alice, bob = hub_with_two
    loop, errors = asyncio.get_running_loop(), []
    loop.set_exception_handler(lambda loop, context: errors.append(type(context["exception"])))
    hub.join(OTHER, Failing(3))
    hub.send(OTHER, HELLO)
    hub.send(CHAT, HELLO)
    for _ in range(3):
        await asyncio.sleep(0)
    assert (alice.writes, bob.writes) == (1, 1)
    assert errors == [ZeroDivisionError]
