"""The shipped NATS cluster: who may do what in it, and that it keeps what is published when a node is lost."""

import subprocess
from collections.abc import AsyncIterator

import nats.errors
import pytest

from bus import streams
from bus.connection import Bus
from bus.subjects import Subjects
from tests.deploy.cluster import CONFIGURATION, Cluster, Someone
from tests.site import until
from unit.servers.nats import program

OWN_INBOX = {"inbox_prefix": b"_INBOX_operator"}


@pytest.fixture
async def application(running_cluster: Cluster) -> AsyncIterator[Someone]:
    application = await running_cluster.connects("natter")
    yield application
    await application.client.close()


@pytest.fixture
async def operator(running_cluster: Cluster) -> AsyncIterator[Someone]:
    operator = await running_cluster.connects("operator", **OWN_INBOX)
    yield operator
    await operator.client.close()


@pytest.fixture
async def mallory(running_cluster: Cluster) -> AsyncIterator[Someone]:
    """Somebody with a password for something else: the system account."""
    mallory = await running_cluster.connects("system")
    yield mallory
    await mallory.client.close()


async def test_an_operator_may_publish_what_is_for_natter(application: Someone, operator: Someone) -> None:
    heard = await application.client.subscribe(">")
    await application.client.flush()
    for subject in ("notify.alice", "natter.notify.alice"):
        await operator.client.publish(subject, b"hello")
        assert (await heard.next_msg(timeout=5)).subject == subject
    await heard.unsubscribe()
    assert operator.refusals == []


@pytest.mark.parametrize(
    "subject", ["evt.user.7.notified", "sig.user.7.typing", "ctl.jobs", "$JS.API.INFO", "notified"]
)
async def test_an_operator_may_publish_nothing_else(application: Someone, operator: Someone, subject: str) -> None:
    heard = await application.client.subscribe("evt.>")
    await application.client.flush()
    await operator.client.publish(subject, b"forged")
    await operator.is_refused("publish", subject)
    # What the application says meanwhile is heard; what was forged before it would have been heard first.
    await application.client.publish("evt.user.7.real", b"real")
    assert (await heard.next_msg(timeout=5)).data == b"real"
    await heard.unsubscribe()
    if not subject.startswith("$"):
        await application.client.publish(subject, b"")
    await application.client.flush()
    assert application.refusals == []


@pytest.mark.parametrize("subject", ["evt.>", ">", "notify.>", "_INBOX.>", "$SYS.>"])
async def test_an_operator_hears_nothing_of_what_goes_on(operator: Someone, subject: str) -> None:
    await operator.client.subscribe(subject)
    await operator.is_refused("subscription", subject)


async def test_an_operator_is_told_that_it_is_kept(running_cluster: Cluster, operator: Someone) -> None:
    bus = Bus()
    await bus.connect(running_cluster.url("natter"), "a test", lambda: None)
    await streams.ensure(bus, Subjects(), replicas=3)
    confirmed = await operator.client.request("notify.alice", b'{"message":"hello"}', timeout=5)
    assert b'"stream":"NOTIFY"' in confirmed.data
    assert operator.refusals == []
    await bus.close()


async def test_the_system_account_is_another_world(application: Someone, mallory: Someone) -> None:
    heard = await mallory.client.subscribe(">")
    at_home = await application.client.subscribe("notify.>")
    await mallory.client.flush()
    await application.client.flush()
    await application.client.publish("evt.user.7.notified", b"private")
    await mallory.client.publish("notify.alice", b"from another account")
    await mallory.client.flush()
    await application.client.publish("notify.alice", b"from ours")
    assert (await at_home.next_msg(timeout=5)).data == b"from ours"
    while True:
        message = await heard.next_msg(timeout=5)
        assert b"private" not in message.data
        if message.data == b"from another account":
            break


@pytest.mark.parametrize(
    ("user", "password"), [("", ""), ("natter", "wrong"), ("operator", "app3"), ("route", "route3")]
)
async def test_nobody_else_is_let_in(running_cluster: Cluster, user: str, password: str) -> None:
    with pytest.raises((nats.errors.Error, OSError)):
        await running_cluster.connects(user, password, connect_timeout=2)
    await (await running_cluster.connects("natter")).client.close()


async def test_one_node_may_be_lost(running_cluster: Cluster) -> None:
    bus, subjects = Bus(), Subjects("lost.")
    await bus.connect(running_cluster.url("natter"), "a test", lambda: None)
    subscription = await streams.ensure(bus, subjects, replicas=3)
    info = await bus.jetstream.stream_info(subjects.stream)
    assert info.config.num_replicas == 3
    await bus.jetstream.publish(subjects.notify("alice"), b"before")
    running_cluster.loses(0)

    async def is_kept() -> bool:
        try:
            return bool(await bus.jetstream.publish(subjects.notify("alice"), b"after"))
        except streams.STREAM_ERRORS:
            return False

    await until(is_kept, 20)
    # The first node of the list is the one that is gone.
    late = Bus()
    await late.connect(running_cluster.url("natter"), "a test", lambda: None)
    assert (await streams.held(late, subjects)).waiting >= 2
    await late.close()
    await subscription.unsubscribe()
    await bus.close()


def test_it_has_no_password_of_its_own(running_cluster: Cluster) -> None:
    check = [program(), "--config", CONFIGURATION, "-t"]
    given = running_cluster.environment
    assert subprocess.run(check, env=given, capture_output=True).returncode == 0
    for missing in given:
        rest = {name: value for name, value in given.items() if name != missing}
        assert subprocess.run(check, env=rest, capture_output=True).returncode == 1, missing
