"""Whether the database answers, and its clock: what a lost connection or a busy loop must not be taken for."""

import asyncio
import time
from collections.abc import AsyncIterator

import asyncpg
import pytest
import uvloop

from app.config import Settings
from app.pulse import EVERY_SECONDS, LATE_SECONDS, Pulse
from tests.site import Servers, until
from tests.test_outage import inflict

FAR = 3600.0


@pytest.fixture
async def pulse(fragile_servers: Servers) -> AsyncIterator[Pulse]:
    pulse = Pulse(Settings(database_url=fragile_servers.postgres.url))
    await pulse.start()
    yield pulse
    pulse.stop()


async def soon() -> str:
    await asyncio.sleep(0)
    return "done"


def later() -> float:
    return time.monotonic() + FAR


async def test_its_clock_is_that_of_the_database(fragile_servers: Servers, pulse: Pulse) -> None:
    connection = await asyncpg.connect(fragile_servers.postgres.url)
    try:
        before = pulse.now()
        moment = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
        assert before - 0.1 < moment < pulse.now() + 0.1
    finally:
        await connection.close()


@pytest.mark.parametrize("fault", ["frozen", "killed", "stopped"])
async def test_it_is_lost_soon_and_found_again_at_once(fragile_servers: Servers, pulse: Pulse, fault: str) -> None:
    clock, began = pulse.now(), time.monotonic()
    end = inflict(fault, fragile_servers.postgres)

    async def is_lost() -> bool:
        return not pulse.alive

    async def is_found() -> bool:
        return pulse.alive

    await until(is_lost, 3)
    with pytest.raises(TimeoutError):
        await pulse.in_time(soon(), later())
    assert pulse.now() - clock == pytest.approx(time.monotonic() - began, abs=0.1), "it goes on"
    end()
    await until(is_found, 1.5)
    assert await pulse.in_time(soon(), later()) == "done"


async def test_a_connection_that_ends_is_not_the_end_of_the_database(fragile_servers: Servers, pulse: Pulse) -> None:
    connection = await asyncpg.connect(fragile_servers.postgres.url)
    try:
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name='natter'"
        )
    finally:
        await connection.close()
    ended = time.monotonic()

    async def has_answered_since() -> bool:
        assert pulse.alive
        return time.monotonic() - pulse.age > ended + EVERY_SECONDS

    await until(has_answered_since)


def test_a_loop_that_was_held_up_is_not_taken_for_a_silence(fragile_servers: Servers) -> None:
    """On the loop that workers have, which must read what has come before it sees to what is due."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(is_held_up(fragile_servers))


async def is_held_up(servers: Servers) -> None:
    pulse = Pulse(Settings(database_url=servers.postgres.url))
    await pulse.start()
    go_on = inflict("frozen", servers.postgres)

    async def is_asking() -> bool:
        return pulse.age > EVERY_SECONDS + 0.05

    await until(is_asking)
    go_on()
    # The answer comes while nothing turns here, and so does the time at which it is late.
    time.sleep(2 * LATE_SECONDS)  # noqa: ASYNC251 - that is the point
    while pulse.age > EVERY_SECONDS:
        assert pulse.alive
        await asyncio.sleep(0)
    pulse.stop()


async def test_work_that_is_waited_for_is_given_up_when_the_database_is_lost(
    fragile_servers: Servers, pulse: Pulse
) -> None:
    end = inflict("frozen", fragile_servers.postgres)
    try:
        began = time.monotonic()
        with pytest.raises(TimeoutError):
            await pulse.in_time(asyncio.sleep(FAR), later())
        assert time.monotonic() - began < 3
    finally:
        end()


async def test_work_gives_what_it_gives_and_is_cancelled_when_it_takes_too_long(pulse: Pulse) -> None:
    cancelled = asyncio.Event()

    async def fails() -> None:
        raise ValueError

    async def hangs() -> None:
        try:
            await asyncio.sleep(FAR)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    assert await pulse.in_time(soon(), later()) == "done"
    with pytest.raises(ValueError, match=r"^$"):
        await pulse.in_time(fails(), later())
    with pytest.raises(TimeoutError):
        await pulse.in_time(hangs(), time.monotonic() + 0.05)
    await asyncio.wait_for(cancelled.wait(), 1)
    cancelled.clear()
    waiting = asyncio.create_task(pulse.in_time(hangs(), later()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(cancelled.wait(), 1)
