"""Acts: everybody comes at once, comes and goes all the time, or joins at the very moment something is said."""

from __future__ import annotations

import asyncio
import random
import re
import time
from collections import Counter
from contextlib import suppress
from typing import NamedTuple

import asyncpg
import httpx
import psutil

from tests.faults.line import Refused
from tests.faults.socket_line import SocketLine
from tests.faults.stage import Stage

AT_ONCE = 40
WATCHED_SECONDS = 0.15
FARTHEST_BACK = 40


async def reconnect_storm(stage: Stage) -> None:
    """All lines are cut at once; every page comes back after its own random pause, and reads the log once."""
    crowd = stage.crowd
    for _ in range(stage.scale.times):
        await stage.healthy()
        reads = await _log_reads(stage)
        crowd.returns.clear()
        async with stage.outage():
            for page in crowd.pages:
                if page.line:
                    page.line.breaks()
            await crowd.until(lambda: len(crowd.returns) >= len(crowd.pages), 60, "all come back")
        moments = Counter(int(late * 10) for late in crowd.returns)
        read = (await _log_reads(stage) - reads) / len(crowd.pages)
        stage.limit("all back", max(crowd.returns), 15.0)
        stage.limit("log reads for each socket", read, 1.0)
        stage.limit("back in the same 100 ms, share", max(moments.values()) / len(crowd.pages), 0.6)


async def _log_reads(stage: Stage) -> int:
    """How often the log's index was searched so far; PostgreSQL counts with a delay."""
    await asyncio.sleep(2)
    connection = await asyncpg.connect(stage.rig.postgres.url)
    try:
        return int(
            await connection.fetchval(
                "SELECT coalesce(idx_scan, 0) + coalesce(seq_scan, 0) FROM pg_stat_user_tables WHERE relname = 'log'"
            )
        )
    finally:
        await connection.close()


async def joins_raced_with_messages(stage: Stage) -> None:
    """Pages join with and without a cursor while others write, ten times as often as there are sockets."""
    wanted = stage.scale.sockets * 10
    residents = list(stage.crowd.pages)
    stage.crowd.writers = lambda page: page.number < len(residents)
    begun = len(stage.crowd.pages)

    async def comes_and_goes() -> None:
        while len(stage.crowd.pages) - begun < wanted:
            host = random.choice(residents)
            page = stage.crowd.page(host.member, host.conversation, random.randrange(len(stage.crowd.addresses)))
            page.record.left = True
            if random.random() < 0.7 and host.record.since is not None:
                page.begins_at(max(host.record.since, host.record.last - random.randrange(FARTHEST_BACK)), host)
            with suppress(OSError, TimeoutError, Refused):
                await page.looks_in(random.uniform(0, WATCHED_SECONDS))

    await asyncio.gather(*(comes_and_goes() for _ in range(AT_ONCE)))
    joined = stage.crowd.pages[begun:]
    stage.must(sum(len(page.record.frames) for page in joined) > len(joined) / 2, "nothing happened while they joined")


async def shaken_bus(stage: Stage) -> None:
    """Of what rings, 5 % is dropped, 5 % held back and 5 % repeated, in every worker: nobody but /metrics shows it."""
    async with stage.outage():
        await stage.lasts()
        await stage.lasts()
    for unit in stage.rig.units:
        for ring, count in (await asyncio.to_thread(lambda unit=unit: unit.counted("natter_healings_total"))).items():
            stage.must(count > 0, f"{unit.name}: no ring is counted as {ring}")
    stage.limit("p99", stage.during[int(len(stage.during) * 0.99)], 6.0)


async def comes_and_goes(stage: Stage) -> None:
    """Connect and disconnect, two hundred times for each socket: everything is as it was."""
    rounds = stage.scale.sockets * 20
    await _connections(stage, rounds // 2)  # What is made once is made by now.
    before = await _weight(stage)
    await _connections(stage, rounds)
    _compare(stage, before, await _weight(stage))


async def _connections(stage: Stage, count: int) -> None:
    left = iter(range(count))

    async def again() -> None:
        for _ in left:
            page = random.choice(stage.crowd.pages)
            host, port = random.choice(stage.crowd.addresses)
            with suppress(OSError, TimeoutError, Refused):
                line = await SocketLine.opens(host, port, f"/ws/chat/{page.conversation}/", page.member.token, _nobody)
                await asyncio.sleep(random.uniform(0, 0.05))
                random.choice((line.closes, line.breaks))()
                await line.ended

    await asyncio.gather(*(again() for _ in range(AT_ONCE)))


def _nobody(payload: bytes) -> None:
    """Nobody listens."""


async def idle(stage: Stage) -> None:
    """All sockets idle for sixty times an outage's length: nothing grows."""
    before = await _weight(stage)
    begun = time.monotonic()
    while time.monotonic() - begun < stage.scale.seconds * 60:
        await asyncio.sleep(1)
        stage.must(stage.crowd.all_live, "an idle socket was dropped")
    _compare(stage, before, await _weight(stage))


class Weight(NamedTuple):
    """What all workers hold together."""

    bytes: int
    descriptors: int
    tasks: float
    sockets: float
    topics: float


async def _weight(stage: Stage) -> Weight:
    """That, once everything has calmed down."""
    await asyncio.sleep(8)  # Longer than the grace of a topic that nobody holds.
    workers = [psutil.Process(pid) for unit in stage.rig.units for pid in unit.worker_pids]
    metrics = "".join([await _metrics(host, port) for host, port in stage.crowd.addresses])
    return Weight(
        sum(worker.memory_info().rss for worker in workers),
        sum(worker.num_fds() for worker in workers),
        *(sum(map(float, re.findall(rf"^natter_{of} (\S+)$", metrics, re.M))) for of in ("tasks", "sockets", "topics")),
    )


async def _metrics(host: str, port: int) -> str:
    async with httpx.AsyncClient() as client:
        return (await client.get(f"http://{host}:{port}/metrics")).text


def _compare(stage: Stage, before: Weight, after: Weight) -> None:
    # A few more or less are the pool's, and those that work on something just then.
    few = 2 * len(stage.rig.units)
    stage.limit("memory grown, %", 100 * (after.bytes / before.bytes - 1), 1.0)
    stage.limit("descriptors more", after.descriptors - before.descriptors, few)
    stage.limit("tasks more", after.tasks - before.tasks, few)
    stage.must(before.sockets == len(stage.crowd.pages), f"{before.sockets} sockets at first")
    stage.exact("sockets", after.sockets, before.sockets)
    stage.exact("topics", after.topics, before.topics)
