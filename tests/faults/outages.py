"""Acts: servers and units that die, freeze and vanish, one by one and together."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time

import httpx

from tests.faults.rig import Unit
from tests.faults.stage import Stage, share

GONE_SECONDS = 3.0
DRAIN_SECONDS = 20.0
# A page whose message was refused waits up to so long before it tries again (static/js/delivery.js).
SENDERS_WAIT = 5.5


async def nats_killed(stage: Stage) -> None:
    """kill -9 of nats-server: the canary falls silent, polling takes over."""
    for _ in range(stage.scale.times):
        await stage.healthy()
        async with stage.outage():
            stage.rig.nats.kill()
            await stage.lasts()
            await stage.revive(stage.rig.nats)
        await stage.caught_up()
    stage.limit("p99 during", share(stage.during, 0.99), 2.0)


async def nats_stopped(stage: Stage) -> None:
    """SIGSTOP of nats-server: every connection stays open and silent."""
    for _ in range(stage.scale.times):
        await stage.healthy()
        async with stage.outage():
            stage.rig.nats.signal(signal.SIGSTOP)
            await stage.lasts()
            stage.rig.nats.signal(signal.SIGCONT)
        await stage.caught_up()
    stage.limit("p99 during", share(stage.during, 0.99), 3.0)


async def nats_in_a_black_hole(stage: Stage) -> None:
    """The way to NATS swallows everything, and nobody is told."""
    proxy = stage.rig.proxy
    assert proxy
    for _ in range(stage.scale.times):
        await stage.healthy()
        async with stage.outage():
            proxy.swallow()
            await stage.lasts()
            proxy.pass_on()
        await stage.caught_up()
    stage.limit("p99 during", share(stage.during, 0.99), 3.0)


async def unit_killed(stage: Stage) -> None:
    """kill -9 of a unit: its workers die with it, its pages come back elsewhere."""
    for _ in range(stage.scale.times):
        await stage.healthy()
        unit = stage.busy_unit
        async with stage.outage():
            unit.signal(signal.SIGKILL)
            unit.process.wait()
            await stage.crowd.until(lambda: not stage.crowd.all_live, 2, "the sockets of a killed unit break")
            await stage.crowd.until(lambda: stage.crowd.all_live, 20, "the sockets of a killed unit come back")
        unit.spawn()
        await stage.ready()
    stage.limit("back, p95", share(sorted(stage.crowd.returns), 0.95), 5.0)


async def unit_terminated(stage: Stage) -> None:
    """SIGTERM of a unit: it sends its pages away with 1012, takes no new ones, and leaves."""
    slowest = 0.0
    for _ in range(stage.scale.times):
        await stage.healthy()
        unit = stage.busy_unit
        place = stage.rig.units.index(unit)
        theirs = [page for page in stage.crowd.pages if page.at == place and page.live]
        said = {page: len(page.codes) for page in theirs}
        lines = {page: page.line for page in theirs}
        async with stage.outage():
            unit.signal(signal.SIGTERM)
            begun = time.monotonic()
            await asyncio.to_thread(unit.process.wait, DRAIN_SECONDS + 5)
            slowest = max(slowest, time.monotonic() - begun)
            await stage.crowd.until(lambda: stage.crowd.all_live, 20, "the sockets of a stopped unit come back")
        for page, before in said.items():
            stage.must(page.codes[before : before + 1] == [1012], f"{page.record.name}: {page.codes[before:]}, no 1012")
            stage.must(page.line is not lines[page], f"{page.record.name}: its line was not ended")
        unit.spawn()
        await stage.ready()
    stage.limit("exit", slowest, DRAIN_SECONDS)
    stage.limit("back, p95", share(sorted(stage.crowd.returns), 0.95), 5.0)


async def all_units_killed(stage: Stage) -> None:
    """kill -9 of every unit at once; they are started again."""
    for _ in range(stage.scale.times):
        await stage.healthy()
        async with stage.outage():
            for unit in stage.rig.units:
                unit.signal(signal.SIGKILL)
            for unit in stage.rig.units:
                unit.process.wait()
                unit.spawn()
            await stage.ready()
            await stage.crowd.until(lambda: stage.crowd.all_live, 40, "all sockets come back")
    stage.limit("back, p95", share(sorted(stage.crowd.returns), 0.95), 20.0)


async def worker_killed(stage: Stage) -> None:
    """kill -9 of the only worker of a unit: it is replaced, and meanwhile the port refuses instead of hanging."""
    replaced = asked = 0.0
    for _ in range(stage.scale.times):
        await stage.healthy()
        unit = stage.busy_unit
        [victim] = unit.worker_pids
        async with stage.outage():
            begun = time.monotonic()
            signal_pid(victim, unit)
            asked = max(asked, await _slowest_answer_until_ready(unit))
            replaced = max(replaced, time.monotonic() - begun)
        stage.must(unit.worker_pids != [victim], "the worker was not replaced")
        await stage.crowd.until(lambda: stage.crowd.all_live, 20, "all sockets come back")
    stage.limit("replaced", replaced, 5.0)
    stage.limit("slowest answer", asked, 2.0)
    stage.limit("back, p95", share(sorted(stage.crowd.returns), 0.95), 5.0)


def signal_pid(pid: int, unit: Unit) -> None:
    """kill -9 of a process that is certainly a worker of that unit of ours."""
    assert pid in unit.worker_pids
    os.kill(pid, signal.SIGKILL)


async def _slowest_answer_until_ready(unit: Unit) -> float:
    """Ask again and again until the unit serves; the longest that one answer, or refusal, took."""
    slowest, ready = 0.0, False
    while not ready:
        begun = time.monotonic()
        ready = await asyncio.to_thread(lambda: unit.ready)
        slowest = max(slowest, time.monotonic() - begun)
        await asyncio.sleep(0.02)
    return slowest


async def postgres_killed(stage: Stage) -> None:
    """kill -9 of PostgreSQL, back after 3 s. Pages say so meanwhile, and nothing hangs."""
    slowest = 0.0
    statuses: set[int] = set()
    for _ in range(stage.scale.times):
        await stage.healthy()
        async with stage.outage():
            stage.rig.postgres.kill()
            back = asyncio.create_task(_after(GONE_SECONDS, stage))
            while not back.done():
                status, seconds = await _asks_for_a_page(stage)
                statuses.add(status)
                slowest = max(slowest, seconds)
            await back
        await stage.crowd.until(lambda: stage.crowd.all_live, 20, "all sockets are live")
        await stage.ready()
        await stage.caught_up(SENDERS_WAIT + 2)
    stage.must(503 in statuses, f"pages answered {statuses} while PostgreSQL was away")
    stage.must(statuses <= {200, 503}, f"pages answered {statuses} while PostgreSQL was away")
    stage.limit("slowest page", slowest, 6.0)


async def _after(seconds: float, stage: Stage) -> None:
    await asyncio.sleep(seconds)
    await stage.revive(stage.rig.postgres)


async def _asks_for_a_page(stage: Stage) -> tuple[int, float]:
    """The status of some page that needs the database, and how long it took."""
    host, port = random.choice(stage.rig.addresses)
    token = random.choice(stage.crowd.pages).member.token
    begun = time.monotonic()
    headers = {"accept": "text/html", "authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"http://{host}:{port}", headers=headers, timeout=20) as client:
        answer = await client.get("/posts")
    if answer.status_code == 503:
        stage.must("<html" in answer.text and "Traceback" not in answer.text, "a 503 that is no page")
        stage.must("retry-after" in answer.headers, "a 503 without Retry-After")
    await asyncio.sleep(0.1)
    return answer.status_code, time.monotonic() - begun - 0.1


async def three_at_once(stage: Stage) -> None:
    """NATS, PostgreSQL and a unit at the same moment, back after 3 s."""
    for _ in range(stage.scale.times):
        await stage.healthy()
        unit = stage.busy_unit
        async with stage.outage():
            stage.rig.nats.kill()
            stage.rig.postgres.kill()
            unit.signal(signal.SIGKILL)
            unit.process.wait()
            await asyncio.sleep(GONE_SECONDS)
            await stage.revive(stage.rig.postgres)
            await stage.revive(stage.rig.nats)
            unit.spawn()
            await stage.crowd.until(lambda: stage.crowd.all_live, 40, "all sockets come back")
        await stage.ready()
    stage.limit("worst delivery", max(stage.during, default=0), 12.0)
