"""The hub is a dictionary: who listens gets it, who left does not."""

from app.realtime.hub import Hub
from app.realtime.websocket import frame
from tests.realtime.listener import Listener

HELLO = frame(b'{"type":"hi"}')
CHAT, OTHER = ("conversation.1", "chat"), ("conversation.2", "chat")


def test_everyone_in_a_channel_gets_what_is_sent_to_it_and_nobody_else() -> None:
    hub, alice, bob, mallory = Hub(), Listener(1), Listener(2), Listener(3)
    for listener in (alice, bob, mallory):
        hub.add(listener)
    hub.join(CHAT, alice)
    hub.join(CHAT, bob)
    hub.join(OTHER, mallory)
    assert hub.send(CHAT, HELLO) == 2
    assert hub.send(CHAT, HELLO, but_user=1) == 1
    assert (len(alice.frames), len(bob.frames), len(mallory.frames)) == (1, 2, 0)


def test_who_leaves_or_is_gone_gets_nothing_and_leaves_no_trace() -> None:
    hub, alice, bob = Hub(), Listener(1), Listener(2)
    for listener in (alice, bob):
        hub.add(listener)
        hub.join(CHAT, listener)
        hub.join(OTHER, listener)
    hub.leave(CHAT, alice)
    hub.leave(CHAT, alice)
    assert hub.send(CHAT, HELLO) == 1
    hub.remove(alice)
    hub.remove(bob)
    hub.remove(bob)
    assert not hub.listening(CHAT)
    assert not hub.listening(OTHER)
    assert hub.listeners(CHAT) == ()
    assert hub.of_user(1) == ()
    assert (hub.connections, hub._channels, hub._by_user) == (set(), {}, {})
    assert hub.send(CHAT, HELLO) == 0


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
