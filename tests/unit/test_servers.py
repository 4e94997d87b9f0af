"""The embedded servers as the tests of the application use them."""

import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import nats
import nats.errors
import pytest

from tests.site import until
from unit.ports import LOOPBACK
from unit.servers import Nats, Postgres


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(tmp_path, fsync=False)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Nats]:
    server = Nats(tmp_path)
    server.start()
    yield server
    server.stop()


async def ask(postgres: Postgres, question: str) -> object:
    connection = await asyncpg.connect(postgres.url, timeout=5)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


async def test_the_application_owns_its_database_and_is_no_superuser(postgres: Postgres) -> None:
    assert await ask(postgres, "SELECT current_database() || current_user") == "natternatter"
    assert await ask(postgres, "SELECT usesuper FROM pg_user WHERE usename = current_user") is False
    assert await ask(postgres, "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'natter'") == "natter"


async def test_a_wrong_password_is_refused_and_the_right_one_let_in(postgres: Postgres) -> None:
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(postgres.url.replace(postgres.secret(), "wrong"))
    assert await ask(postgres, "SELECT 1") == 1


async def test_what_was_committed_survives_kill_and_stop(postgres: Postgres) -> None:
    await ask(postgres, "CREATE TABLE kept AS SELECT 7 AS n")
    for death in (postgres.kill, postgres.stop):
        death()
        postgres.start()
        assert await ask(postgres, "SELECT n FROM kept") == 7


async def test_a_pid_that_now_belongs_to_a_stranger_does_not_stop_the_start(postgres: Postgres) -> None:
    postgres.stop()
    (postgres.cluster / "postmaster.pid").write_text(f"1\n{postgres.cluster}\n0\n{postgres.port}\n\n\n\nready\n")
    postgres.start()
    assert await ask(postgres, "SELECT 1") == 1


async def test_an_orphan_is_stopped_first(postgres: Postgres, tmp_path: Path) -> None:
    heir = Postgres(tmp_path, fsync=False)
    heir.start()
    assert not postgres.is_alive()
    assert heir.port == postgres.port
    assert await ask(heir, "SELECT 1") == 1
    heir.stop()


def test_a_port_that_was_taken_meanwhile_is_given_up(postgres: Postgres, tmp_path: Path) -> None:
    postgres.stop()
    with socket.create_server((LOOPBACK, postgres.port)):
        heir = Postgres(tmp_path, fsync=False)
        heir.start()
        heir.stop()
    assert heir.moved
    assert heir.port != postgres.port


async def test_the_application_may_use_jetstream(broker: Nats) -> None:
    client = await nats.connect(broker.url)
    await client.jetstream().add_stream(name="notify", subjects=["notify.>"])
    broker.signal(signal.SIGKILL)
    broker.kill()
    broker.start()
    again = await nats.connect(broker.url)
    assert (await again.jetstream().stream_info("notify")).config.name == "notify"
    await client.close()
    await again.close()


async def test_who_has_no_password_may_publish_notifications_and_nothing_else(broker: Nats) -> None:
    application = await nats.connect(broker.url)
    heard = await application.subscribe("notify.*")
    forged = await application.subscribe("evt.>")
    await application.flush()
    refusals: list[str] = []

    async def note(error: Exception) -> None:
        refusals.append(str(error))

    stranger = await nats.connect(broker.public_url, error_cb=note)
    await stranger.publish("evt.user.7.message_sent", b"forged")
    await stranger.publish("notify.alice", b"hello")
    await stranger.subscribe("evt.>")
    await stranger.flush()
    assert (await heard.next_msg(timeout=2)).subject == "notify.alice"
    assert forged.pending_msgs == 0

    # The client hands an error on when it comes to it, which may be after the flush.
    async def both_refused() -> bool:
        return len(refusals) == 2

    await until(both_refused)
    assert all("permissions violation" in refusal.lower() for refusal in refusals)
    await stranger.close()
    await application.close()
