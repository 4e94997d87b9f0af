"""Acts: peers that do not read, read slowly, or are gone without a word. The others must not notice."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Iterable

import psutil

from tests.faults.page import Page
from tests.faults.stage import Stage, share

PING_SECONDS, PONG_SECONDS = 5.0, 5.0
SETTINGS = {"ping_seconds": str(PING_SECONDS), "pong_seconds": str(PONG_SECONDS)}
RECEIVE_BUFFER = 4096
SLOW_BYTES = 1024
LONG_TEXT = "The quick brown fox jumps over the lazy dog. " * 44
LOOK_SECONDS = 0.05
NEVER_SECONDS = 15.0


async def deaf_and_slow(stage: Stage) -> None:
    """One page of each conversation never reads, and 50 more read 1 KB/s; afterwards all of them resume."""
    conversations = {page.conversation: page.member for page in stage.crowd.pages}
    others = list(stage.crowd.pages)
    stage.crowd.writers = lambda page: page.number < len(others)
    deaf = [_page_with_a_small_buffer(stage, conversation) for conversation in conversations]
    slow = [_page_with_a_small_buffer(stage, random.choice(list(conversations))) for _ in range(len(deaf))]
    await stage.crowd.until(lambda: stage.crowd.all_live, 20, "the victims are live")
    stage.crowd.writes_at(stage.scale.rate)
    await stage.healthy()
    memory = _memory(stage)
    async with stage.outage():
        begun = time.monotonic()
        dropped = [asyncio.create_task(_deaf_until_dropped(page)) for page in deaf]
        reading = [asyncio.create_task(_reads_slowly(page)) for page in slow]
        times = await asyncio.gather(*dropped)
        await stage.lasts()
        grown = _memory(stage) - memory
    for task in reading:
        task.cancel()
    for page in deaf + slow:
        _reads_again(page)
    stage.limit("dropped", max(times), 12.0)
    of_others = stage.crowd.latencies_at(others, begun, stage.outages[-1][1])
    stage.limit("the others' p99", share(of_others, 0.99), 0.15)
    bound = len(deaf + slow) * (256 + 64) * 1024 + 30e6
    stage.limit("memory grown, MB", grown / 1e6, bound / 1e6)
    await stage.crowd.until(lambda: stage.crowd.all_live, 20, "the victims come back")


async def never_read(stage: Stage) -> None:
    """One page of each conversation stops reading for good. Only the others are judged."""
    residents = len(stage.crowd.pages)
    stage.crowd.writers = lambda page: page.number < residents
    victims = [
        _page_with_a_small_buffer(stage, conversation)
        for conversation in {page.conversation for page in stage.crowd.pages}
    ]
    await stage.crowd.until(lambda: stage.crowd.all_live, 20, "the victims are live")
    async with stage.outage():
        for page in victims:
            assert page.line
            page.record.left = True
            page.line.transport.pause_reading()
        stage.crowd.writes_at(stage.scale.rate)
        await asyncio.sleep(NEVER_SECONDS)


async def half_open(stage: Stage) -> None:
    """Peers whose network is gone: no pong, no reset; some with all buffers full."""
    await stage.healthy()
    silent = random.sample(stage.crowd.pages, 20)
    full = silent[:10]
    async with stage.outage():
        for page in silent:
            assert page.line
            page.line.answers_pings = False
            page.paused = True
        for page in full:
            assert page.line
            page.line.transport.pause_reading()
        times = await asyncio.gather(*(_deaf_until_dropped(page, pauses=False) for page in silent))
    for page in silent:
        _reads_again(page)
    stage.limit("dropped", max(times), PING_SECONDS + PONG_SECONDS + 1)
    await stage.crowd.until(lambda: stage.crowd.all_live, 20, "all come back")


def _page_with_a_small_buffer(stage: Stage, conversation: str) -> Page:
    member = next(page.member for page in stage.crowd.pages if page.conversation == conversation)
    at = random.randrange(len(stage.crowd.addresses))
    return stage.crowd.opens(member, conversation, at, RECEIVE_BUFFER)


async def _deaf_until_dropped(page: Page, pauses: bool = True) -> float:
    """Stop reading, and look at the kernel's table: how long until the worker has ended the connection."""
    line = page.line
    assert line
    page.paused = True
    begun = time.monotonic()
    here, there = line.transport.get_extra_info("sockname"), line.transport.get_extra_info("peername")
    if pauses:
        line.transport.pause_reading()
    while _is_established(here, there):  # noqa: ASYNC110 - nothing tells a deaf peer of it
        await asyncio.sleep(LOOK_SECONDS)
    return time.monotonic() - begun


def _is_established(here: tuple[str, int], there: tuple[str, int]) -> bool:
    """Whether the server's end of this connection still exists, which is all that a deaf peer can know."""
    server = f"{_hex(there)} {_hex(here)} 01"
    return server in _tcp_table()


_table: tuple[float, str] = (0.0, "")


def _tcp_table() -> str:
    """/proc/net/tcp, read at most once in ``LOOK_SECONDS``."""
    global _table
    if time.monotonic() - _table[0] > LOOK_SECONDS:
        with open("/proc/net/tcp") as table:
            _table = (time.monotonic(), table.read())
    return _table[1]


def _hex(address: tuple[str, int]) -> str:
    """``0100007F:1F90`` for 127.0.0.1:8080, as the kernel writes it."""
    return "".join(f"{int(part):02X}" for part in reversed(address[0].split("."))) + f":{address[1]:04X}"


async def _reads_slowly(page: Page) -> None:
    """1 KB a second, as far as that can be had: reading is on only while a KB comes in."""
    while True:
        line = page.line
        if line and line.open and not line.transport.is_closing():
            line.slow(SLOW_BYTES)
        await asyncio.sleep(1)


def _reads_again(page: Page) -> None:
    page.paused = False
    if page.line and page.line.open:
        page.line.answers_pings = True
        page.line.fast()


def _memory(stage: Stage) -> float:
    return float(sum(_of(pids) for pids in (unit.worker_pids for unit in stage.rig.units)))


def _of(pids: Iterable[int]) -> int:
    return sum(psutil.Process(pid).memory_info().rss for pid in pids)
