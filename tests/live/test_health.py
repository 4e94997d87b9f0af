"""Readiness and numbers of a unit with two workers, whichever of them answers, also while one hangs or dies."""

import os
import signal
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.blueprints.test_health import number
from tests.live.sockets import on_two_workers
from tests.live.test_endings import workers_of
from tests.live.units import Unit
from tests.site import Person, until


class Asker:
    """Asks a unit, each time by a connection of its own; so now one worker answers, now another."""

    def __init__(self, unit: Unit) -> None:
        self.unit = unit

    async def get(self, path: str) -> httpx.Response:
        async with httpx.AsyncClient(timeout=0.5) as client:
            return await client.get(self.unit.url + path)

    async def ready(self) -> bool:
        return await self.why() == {}

    async def why(self) -> dict[str, str] | None:
        """What is not well; None when the worker that is asked does not answer."""
        try:
            parts = (await self.get("/readyz")).json()["parts"]
        except httpx.TransportError:
            return None
        return {name: part["why"] for name, part in parts.items() if not part["ok"]}

    async def tells(self, name: str, **labels: str) -> float | None:
        try:
            return number(await self.get("/metrics"), name, **labels)
        except httpx.TransportError:
            return None


@pytest.fixture
async def asker(home: Unit) -> AsyncIterator[Asker]:
    asker = Asker(home)
    await until(asker.ready, 20)
    yield asker
    await until(asker.ready, 30)


async def test_a_worker_that_hangs_makes_the_unit_unready(home: Unit, asker: Asker) -> None:
    victim = workers_of(home)[0]
    os.kill(victim, signal.SIGSTOP)
    try:

        async def half() -> bool:
            return await asker.why() == {"workers": "1 of 2 can serve"}

        await until(half, 20)
    finally:
        os.kill(victim, signal.SIGCONT)


async def test_any_worker_tells_the_sockets_of_both_and_none_of_a_dead_one(
    home: Unit, asker: Asker, alice: Person
) -> None:
    before = await asker.tells("natter_bytes_out_total")
    started = await asker.tells("natter_workers_started_total")
    assert started is not None
    first, second = await on_two_workers(alice, "/ws/notifications/", home.url)
    assert before is not None

    async def both() -> bool:
        return {await asker.tells("natter_sockets") for _ in range(6)} == {2.0}

    await until(both)

    async def counted() -> bool:
        return (await asker.tells("natter_bytes_out_total") or 0) > before

    await until(counted)
    written = await asker.tells("natter_bytes_out_total") or 0
    victim = workers_of(home)[0]
    os.kill(victim, signal.SIGKILL)

    async def one_left() -> bool:
        return (first.is_open, second.is_open).count(True) == 1

    await until(one_left)

    async def only_one() -> bool:
        return await asker.tells("natter_sockets") == 1.0

    # The supervisor hears of a death at once; from then on its gauges are gone, whoever is asked.
    await until(only_one, 5)
    await until(asker.ready, 20)

    async def replaced() -> bool:
        return {await asker.tells("natter_workers_started_total") for _ in range(6)} == {started + 1}

    await until(replaced)
    for _ in range(6):
        assert await asker.tells("natter_sockets") == 1.0
        # What a killed worker counted in its last second is lost, and nothing else.
        assert (await asker.tells("natter_bytes_out_total") or 0) >= written - 2000
        assert await asker.tells("natter_workers_ready") == 2.0
