"""A row of the table while it runs: the site, the crowd, the outages, and what was measured against its limit."""

from __future__ import annotations

import asyncio
import os
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec

from tests.faults.cast import invites, rows_of
from tests.faults.crowd import Crowd
from tests.faults.oracle import violations
from tests.faults.rig import Rig, Unit
from unit.servers import Server

SETTLE_SECONDS = 30.0
KEPT_VIOLATIONS = 20
# What was written just before a fault is under way when it comes, and belongs to it.
ON_THE_WAY = 0.3


@dataclass(frozen=True)
class Scale:
    """How much of everything. ``seconds`` is how long an outage lasts, ``healthy`` the time between two of them."""

    sockets: int = 1000
    conversations: int = 50
    rate: float = 200.0
    times: int = 3
    healthy: float = 5.0
    seconds: float = 10.0
    slack: float = 1.0
    """Limits of time are stretched by it."""
    fsync: bool = True


WHOLE = Scale()
SMALL = Scale(sockets=200, conversations=10, rate=50, times=1, healthy=2, seconds=4, slack=2.0, fsync=False)


class Finding(msgspec.Struct, frozen=True):
    """Something measured that has a limit."""

    what: str
    measured: float
    at_most: float

    @property
    def kept(self) -> bool:
        """Whether it is within its limit."""
        return self.measured <= self.at_most


class Outcome(msgspec.Struct):
    """A line of the table. Times are in seconds."""

    name: str
    title: str
    sockets: int
    messages: int
    deliveries: int
    violations: list[str]
    before: tuple[float, float]
    during: tuple[float, float]
    worst: float
    reconnects: int
    findings: list[Finding]
    seconds: float
    at: str = ""
    machine: str = ""
    load: float = 0.0
    """The machine's load average before the row: what others did on it. Times are only worth something near 0."""

    @property
    def passed(self) -> bool:
        """Whether the promise was kept and every limit with it."""
        return not self.violations and all(finding.kept for finding in self.findings)


@dataclass
class Stage:
    """What an act gets: ``rig`` and ``crowd`` to play with, and where it notes what it finds."""

    rig: Rig
    crowd: Crowd
    scale: Scale
    begun: float = 0.0
    outages: list[tuple[float, float]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    async def healthy(self) -> None:
        """Let it run well for a while, and end that at a random moment."""
        await asyncio.sleep(self.scale.healthy * random.uniform(0.8, 1.2))

    @asynccontextmanager
    async def outage(self) -> AsyncIterator[None]:
        """What happens inside is the fault."""
        begun = time.monotonic()
        yield
        self.outages.append((begun, time.monotonic()))

    async def lasts(self) -> None:
        """As long as an outage lasts."""
        await asyncio.sleep(self.scale.seconds)

    def limit(self, what: str, measured: float, at_most: float) -> None:
        """Note a measurement that must not be more than ``at_most`` (times the scale's slack)."""
        self.findings.append(Finding(what, round(measured, 4), at_most * self.scale.slack))

    def exact(self, what: str, measured: float, expected: float) -> None:
        """Note a count that must be just that: what it is off by is the finding."""
        self.findings.append(Finding(f"{what}, off by", abs(measured - expected), 0))

    def must(self, holds: bool, what: str) -> None:
        """Note a breach in words when it does not hold."""
        if not holds:
            self.wrong.append(what)

    def latencies(self, since: float | None = None, until: float | None = None) -> list[float]:
        """Deliveries of what was written in that time; before the first outage without arguments."""
        first = (self.outages[0][0] if self.outages else time.monotonic()) - ON_THE_WAY
        return self.crowd.latencies(self.begun if since is None else since, first if until is None else until)

    @property
    def during(self) -> list[float]:
        """Deliveries of what was written while something was out of order."""
        return sorted(late for begun, ended in self.outages for late in self.crowd.latencies(begun, ended))

    async def caught_up(self, within: float = 2.0) -> None:
        """After an outage: everything written in it is delivered soon."""
        ended = self.outages[-1][1]
        await asyncio.sleep((within + 1) * self.scale.slack)
        self.limit("caught up after", self.crowd.caught_up_after(ended), within)

    @property
    def busy_unit(self) -> Unit:
        """Some unit that pages are on: those of one that has just been started are elsewhere."""
        busy = {page.at for page in self.crowd.pages if page.live}
        return self.rig.units[random.choice(sorted(busy))]

    async def revive(self, server: Server) -> None:
        """Start a dead server on its old port and data, without holding up the crowd."""
        await asyncio.to_thread(server.prepare)
        server.spawn()
        while not await asyncio.to_thread(server.is_ready):
            if not server.is_alive():
                server.spawn()
            await asyncio.sleep(0.02)

    async def ready(self, seconds: float = 60) -> float:
        """Wait until every unit serves again; how long it took."""
        begun = time.monotonic()
        while not await asyncio.to_thread(lambda: self.rig.ready):
            assert time.monotonic() - begun < seconds, "the units do not come back"
            await asyncio.sleep(0.05)
        return time.monotonic() - begun


Act = Callable[[Stage], Awaitable[None]]


@dataclass(frozen=True)
class Row:
    """A fault: what it is called, what is done, and what kind of rig it wants."""

    title: str
    act: Act
    rig: dict[str, Any] = field(default_factory=dict)
    rate: float = 1.0
    """Of the scale's rate; 0 for a crowd that does not write."""
    sockets: float = 1.0
    text: str = "Hello, how are you?"
    settles: float = SETTLE_SECONDS
    streamed: float = 0.0
    """The share of pages that have an event stream in place of a socket."""


async def perform(name: str, row: Row, scale: Scale, folder: Path, rig: Rig | None = None) -> Outcome:
    """Run one row on a rig of its own (or on ``rig``) and judge it."""
    if rig is None:
        with Rig(folder, **{"fsync": scale.fsync} | row.rig) as rig:
            return await perform(name, row, scale, folder, rig)
    begun, load = time.monotonic(), os.getloadavg()[0]
    cast = await invites(rig.postgres.url, scale.conversations)
    async with Crowd(rig.addresses, row.streamed) as crowd:
        stage = Stage(rig, crowd, scale)
        crowd.text = row.text
        sockets = int(scale.sockets * row.sockets)
        await crowd.joins(cast, sockets // scale.conversations)
        if scale.rate * row.rate:
            crowd.writes_at(scale.rate * row.rate)
            await asyncio.sleep(1)  # The first second warms everything up.
        stage.begun = time.monotonic()
        try:
            await row.act(stage)
        except Exception as error:
            # A row that cannot be played is a row that failed; the others still have to be run.
            stage.wrong.append(f"{type(error).__name__}: {error}")
        crowd.rests()
        found = await _judged(stage, list(cast), row.settles)
        return Outcome(
            name=name,
            title=row.title,
            sockets=len(crowd.pages),
            messages=len(crowd.sent),
            deliveries=crowd.deliveries,
            violations=(stage.wrong + crowd.wrong + found)[:KEPT_VIOLATIONS],
            before=_middle_and_tail(stage.latencies()),
            during=_middle_and_tail(stage.during),
            worst=max(crowd.latencies(0, time.monotonic()), default=0.0),
            reconnects=sum(page.reconnects for page in crowd.pages),
            findings=stage.findings,
            seconds=time.monotonic() - begun,
            load=load,
        )


async def _judged(stage: Stage, conversations: list[str], seconds: float) -> list[str]:
    """Wait until all is quiet and complete (or does not become so), then ask the oracle."""
    deadline = time.monotonic() + seconds
    while True:
        # First: what is still on its way may be stored after the rows were read, and acknowledged before the verdict.
        while not stage.crowd.quiet and time.monotonic() < deadline:  # noqa: ASYNC110 - a state of a thousand pages
            await asyncio.sleep(0.05)
        rows = await rows_of(stage.rig.postgres.url, conversations)
        if stage.crowd.settled(rows) or time.monotonic() > deadline:
            return violations(stage.crowd.evidence(rows))
        await asyncio.sleep(0.2)


def share(values: list[float], part: float) -> float:
    """The value below which ``part`` of the sorted values lie; 0 of none."""
    return values[min(len(values) - 1, int(len(values) * part))] if values else 0.0


def _middle_and_tail(values: list[float]) -> tuple[float, float]:
    return share(values, 0.5), share(values, 0.99)
