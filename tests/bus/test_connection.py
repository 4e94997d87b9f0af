"""The connection to NATS: it outlives the server, its handlers' mistakes, and tells what it can no longer do."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from uuid import uuid4

import nats.errors
import pytest

from bus import connection
from bus.canary import Canary
from bus.connection import Bus, account_of, without_password
from bus.subjects import Subjects
from tests.faults.cluster import NODES, Cluster
from tests.site import Servers, until


class Heard(list[bytes]):
    """A handler that keeps what it hears."""

    def __call__(self, subject: bytes, payload: bytes) -> None:
        self.append(payload)

    async def until(self, *payloads: bytes, seconds: float = 10) -> None:
        async def all_there() -> bool:
            return set(payloads) <= set(self)

        await until(all_there, seconds)


class RequestCancelled(asyncio.CancelledError):
    """What Sanic raises when a peer that is being sent to dies."""


@pytest.fixture
async def fragile_bus(fragile_servers: Servers) -> AsyncIterator[Bus]:
    """A connection to a NATS that the test may stop and kill."""
    bus = Bus()
    await bus.connect(fragile_servers.nats.url, "a test", lambda: None)
    yield bus
    await bus.close()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Three nodes of NATS."""
    cluster = Cluster(tmp_path)
    cluster.start()
    yield cluster
    cluster.stop()


def word() -> str:
    return f"test.{uuid4().hex}"


async def test_what_is_published_is_heard_in_order(bus: Bus) -> None:
    subject, heard = word(), Heard()
    await bus.listen(subject, heard)
    await bus.settle()
    sent = [b"%d" % number for number in range(500)]
    for payload in sent:
        bus.publish(subject, payload)
    await heard.until(*sent)
    assert heard == sent


async def test_who_leaves_hears_no_more_and_others_still_do(bus: Bus) -> None:
    subject, one, other = word(), Heard(), Heard()
    interest = await bus.listen(subject, one)
    await bus.listen(subject, other)
    bus.publish(subject, b"first")
    await other.until(b"first")
    await bus.leave(interest)
    await bus.leave(interest)
    bus.publish(subject, b"second")
    await other.until(b"second")
    assert one == [b"first"]


@pytest.mark.parametrize("mistake", [ValueError, asyncio.CancelledError, RequestCancelled, KeyError])
async def test_a_handler_that_fails_stops_nobody(bus: Bus, mistake: type[BaseException]) -> None:
    """With nats-py's own subscriptions a RequestCancelled ends the subscription without any error."""
    subject, good = word(), Heard()

    def fails(subject: bytes, payload: bytes) -> None:
        raise mistake("in a handler")

    await bus.listen(subject, fails)
    await bus.listen(subject, good)
    for payload in (b"1", b"2", b"3"):
        bus.publish(subject, payload)
    await good.until(b"1", b"2", b"3")
    assert await bus.settle()


async def test_ordinary_subscriptions_and_requests_work_beside_the_light_ones(bus: Bus) -> None:
    subject = word()

    async def answer(message: nats.aio.msg.Msg) -> None:
        await message.respond(b"you said " + message.data)

    await bus.client.subscribe(subject, cb=answer)
    reply = await bus.client.request(subject, b"hi", timeout=5)
    assert reply.data == b"you said hi"


async def test_a_server_that_was_killed_is_found_again_with_every_interest(
    fragile_bus: Bus, fragile_servers: Servers
) -> None:
    bus, heard, left, back = fragile_bus, Heard(), Heard(), asyncio.Event()
    subjects = [word() for _ in range(200)]
    for subject in subjects:
        await bus.listen(subject, heard)
    await bus.leave(await bus.listen(subjects[0], left))
    bus.when_back(back.set)
    await bus.settle()
    fragile_servers.nats.kill()

    async def noticed() -> bool:
        return not bus.connected

    await until(noticed)
    for subject in subjects:
        bus.publish(subject, b"while away")
    late = word()
    await bus.listen(late, heard)
    assert not await bus.settle()
    fragile_servers.nats.start()
    await asyncio.wait_for(back.wait(), 10)
    await bus.settle()
    for number, subject in enumerate([*subjects, late]):
        bus.publish(subject, b"%d" % number)
    await heard.until(*(b"%d" % number for number in range(201)))
    assert b"while away" not in heard, "what is published while away is found in the log, not sent later"
    assert len(heard) == 201
    assert not left


async def test_a_node_that_only_the_cluster_told_of_is_joined_with_the_same_account(cluster: Cluster) -> None:
    """Nobody's account may do next to nothing: such a worker would stay deaf and mute until somebody restarts it."""
    bus, heard, back = Bus(), Heard(), asyncio.Event()
    await bus.connect(cluster.nodes[0].url, "a test", lambda: None)
    bus.when_back(back.set)
    subject = word()
    await bus.listen(subject, heard)

    async def knows_all() -> bool:
        return len(bus.client.discovered_servers) >= NODES - 1

    await until(knows_all)
    cluster.nodes[0].kill()
    await asyncio.wait_for(back.wait(), 10)
    await bus.settle()
    bus.publish(subject, b"still me")
    await heard.until(b"still me")
    await bus.close()


async def test_the_canary_notices_a_server_that_hangs_though_the_client_does_not(
    fragile_bus: Bus, fragile_servers: Servers
) -> None:
    canary = Canary(fragile_bus, Subjects(), uuid4().hex)
    assert not canary.alive
    await canary.start()

    async def sings() -> bool:
        return canary.alive

    async def is_late() -> bool:
        return not canary.alive

    await until(sings)
    fragile_servers.nats.signal(signal.SIGSTOP)
    try:
        began = time.monotonic()
        await until(is_late)
        assert time.monotonic() - began < 3
        assert fragile_bus.connected, "is_connected still lies: when it no longer does, the canary may retire"
        assert not await fragile_bus.settle()
    finally:
        fragile_servers.nats.signal(signal.SIGCONT)
    await until(sings)
    canary.stop()


async def test_the_first_connection_is_not_tried_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "FIRST_SECONDS", 0.5)
    with pytest.raises((OSError, nats.errors.Error)):
        await Bus().connect("nats://127.0.0.1:9", "nobody", lambda: None)


def test_a_url_in_a_log_shows_no_password() -> None:
    assert without_password("nats://natter:secret@10.0.0.1:4222") == "nats://10.0.0.1:4222"
    assert without_password("nats://10.0.0.1:4222") == "nats://10.0.0.1:4222"
    assert (
        without_password("nats://natter:secret@one:4222,nats://natter:secret@two:4222")
        == "nats://one:4222,nats://two:4222"
    )


def test_the_account_is_that_of_the_first_url_that_names_one() -> None:
    mine = {"user": "natter", "password": "a/b@c"}
    assert account_of("nats://natter:a%2Fb%40c@one:4222,nats://else:where@two:4222") == mine
    assert account_of("nats://one:4222,nats://natter:a%2Fb%40c@two:4222") == mine
    assert account_of("nats://token@one:4222") == {"token": "token"}
    assert account_of("nats://one:4222") == {}


async def test_what_the_server_would_hang_up_for_is_not_published(bus: Bus) -> None:
    heard, subject = Heard(), word()
    await bus.listen(f"{subject}.*", heard)
    await bus.settle()
    bus.publish(f"{subject}.large", b"x" * (bus.client.max_payload + 1))
    bus.publish(f"{subject}.fine", b"first")
    await heard.until(b"first")
    bus.publish(f"{subject}.forged 0\r\n\r\nPUB {subject}.inner", b"forged")
    await bus.settle()
    bus.publish(f"{subject}.fine", b"second")
    await heard.until(b"second")
    assert heard == [b"first", b"second"]
    assert bus.connected
