"""Acts: what operators publish while workers, nodes and whole streams go away."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import uuid4

import asyncpg
import nats.errors
from nats.js.api import StreamConfig
from nats.js.client import JetStreamContext
from nats.js.errors import APIError

from bus import streams
from bus.connection import Bus
from bus.subjects import Subjects
from tests.faults.cluster import Cluster
from tests.faults.line import Refused
from tests.faults.page import Member
from tests.faults.socket_line import SocketLine
from tests.faults.stage import Stage, share

REPEATS = 5
EVERY_SECONDS = 0.25
READERS = 20
SMALL_STREAM = 256 * 1024


class Reader:
    """Somebody's notifications on an open page: when each operator's id arrived, and how often."""

    def __init__(self, stage: Stage, member: Member, name: str) -> None:
        self.stage, self.member, self.name = stage, member, name
        self.arrived: dict[str, float] = {}
        self.shown: Counter[str] = Counter()
        self.live = asyncio.Event()
        self._cursor = self._epoch = ""

    async def run(self) -> None:
        """Keep the page open."""
        while True:
            host, port = random.choice(self.stage.crowd.addresses)
            try:
                target = f"/ws/notifications/{self._cursor}"
                line = await SocketLine.opens(host, port, target, self.member.token, self._hears)
                await line.ended
            except (OSError, TimeoutError, Refused):
                pass
            self.live.clear()
            await asyncio.sleep(random.random() * 0.4)

    def _hears(self, payload: bytes) -> None:
        frame = json.loads(payload)
        if frame["type"] == "hello":
            self._epoch = frame["epoch"]
        if frame["type"] == "caught_up":
            self.live.set()
        if frame["type"] in ("caught_up", "notification", "skip", "conversation_joined"):
            self._cursor = f"?after={frame['seq']}&epoch={self._epoch}"
        if frame["type"] == "notification":
            self.shown[frame["message"]] += 1
            self.arrived.setdefault(frame["message"], time.monotonic())


class Operator:
    """Publishes as ``nats pub`` does, and knows what was confirmed."""

    def __init__(self, jetstream: JetStreamContext, readers: list[Reader]) -> None:
        self.jetstream, self.readers = jetstream, readers
        self.published: dict[str, tuple[Reader, float]] = {}

    async def publish(self, times: int = 1, reader: Reader | None = None) -> str:
        """One notification, ``times`` with the same id, for somebody; its text is its id."""
        reader = reader or random.choice(self.readers)
        key = str(uuid4())
        payload = json.dumps({"message": key, "id": key}).encode()
        begun = time.monotonic()
        for _ in range(times):
            await self.insist(reader.name, payload)
        self.published[key] = (reader, begun)
        return key

    async def insist(self, name: str, payload: bytes) -> None:
        """Publish until it is confirmed; the id makes that harmless."""
        for _ in range(60):
            try:
                await self.jetstream.publish(Subjects().notify(name), payload, timeout=1)
                return
            except (nats.errors.Error, OSError):
                await asyncio.sleep(0.2)
        raise AssertionError("the intake takes nothing")

    @property
    def all_shown(self) -> bool:
        """Whether everything confirmed is on a page."""
        return all(key in reader.arrived for key, (reader, _) in self.published.items())

    def delays(self) -> list[float]:
        """Seconds from publishing to the page."""
        return sorted(reader.arrived[key] - at for key, (reader, at) in self.published.items())


@asynccontextmanager
async def at_work(stage: Stage) -> AsyncIterator[Operator]:
    """An operator, and people with open pages for whom there is something to publish."""
    members = list({page.member.id: page.member for page in stage.crowd.pages}.values())[:READERS]
    names = await _names(stage, [member.id for member in members])
    readers = [Reader(stage, member, names[member.id]) for member in members]
    tasks = [asyncio.create_task(reader.run()) for reader in readers]
    bus = Bus()
    await bus.connect(stage.rig.nats.url, "an operator", lambda: None)
    try:
        await asyncio.gather(*(reader.live.wait() for reader in readers))
        yield Operator(bus.jetstream, readers)
    finally:
        for task in tasks:
            task.cancel()
        await bus.close()


async def _names(stage: Stage, ids: list[int]) -> dict[int, str]:
    connection = await asyncpg.connect(stage.rig.postgres.url)
    try:
        return dict(await connection.fetch("SELECT id, username FROM users WHERE id = ANY($1::int[])", ids))
    finally:
        await connection.close()


async def judge(stage: Stage, operator: Operator, seconds: float = 20) -> None:
    """Everything confirmed is stored once and shown once."""
    await stage.crowd.until(lambda: operator.all_shown, seconds, "every notification is shown")
    connection = await asyncpg.connect(stage.rig.postgres.url)
    try:
        stored = Counter(
            line["message"]
            for line in await connection.fetch(
                "SELECT message FROM notifications WHERE message = ANY($1::text[])", list(operator.published)
            )
        )
    finally:
        await connection.close()
    stage.must(set(stored.values()) == {1}, f"stored {Counter(stored.values())} times")
    shown = Counter(reader.shown[key] for key, (reader, _) in operator.published.items())
    stage.must(set(shown) == {1}, f"shown {shown} times")
    stage.exact("notifications stored", len(stored), len(operator.published))


async def while_workers_restart(stage: Stage) -> None:
    """Operators publish, every fifth one five times, while one worker after the other is killed."""
    async with at_work(stage) as operator:
        for _ in range(stage.scale.times):
            await stage.healthy()
            async with stage.outage():
                ends = time.monotonic() + stage.scale.seconds
                victim = stage.busy_unit
                for pid in victim.worker_pids:
                    os.kill(pid, signal.SIGKILL)
                while time.monotonic() < ends:
                    await operator.publish(REPEATS if random.random() < 0.2 else 1)
                    await asyncio.sleep(EVERY_SECONDS)
            await stage.ready()
        await judge(stage, operator)
        stage.limit("published to shown, p50", share(operator.delays(), 0.5), 0.5)
        stage.limit("published to shown, p95", share(operator.delays(), 0.95), 2.0)
        stage.limit("published to shown, worst", operator.delays()[-1], 5.0)


async def stream_wiped(stage: Stage) -> None:
    """NATS dies and its data with it: stream and consumer come back by themselves."""
    async with at_work(stage) as operator:
        back = []
        for _ in range(stage.scale.times):
            await operator.publish()
            await judge(stage, operator)
            await stage.healthy()
            async with stage.outage():
                stage.rig.nats.kill()
                shutil.rmtree(stage.rig.nats.data_dir / "nats")
                await stage.revive(stage.rig.nats)
                begun = time.monotonic()
                await operator.publish()
                await judge(stage, operator)
                back.append(time.monotonic() - begun)
        stage.limit("the intake works again after", max(back), 10.0)


async def stream_full(stage: Stage) -> None:
    """Nobody takes anything out and the stream fills: the publisher hears of it, and later all goes on."""
    async with at_work(stage) as operator:
        config: StreamConfig = streams.stream_config(Subjects())
        config.max_bytes = SMALL_STREAM
        await operator.jetstream.update_stream(config)
        for _ in range(stage.scale.times):
            await stage.healthy()
            async with stage.outage():
                await _to_all_workers(stage, signal.SIGSTOP)
                refused = await _fills(operator)
                await _to_all_workers(stage, signal.SIGCONT)
            stage.must(refused == 10077, f"a full intake answered {refused} instead of an error")
            await judge(stage, operator, 60)


async def _to_all_workers(stage: Stage, number: signal.Signals) -> None:
    for unit in stage.rig.units:
        for pid in unit.worker_pids:
            os.kill(pid, number)


async def _fills(operator: Operator) -> int | None:
    for _ in range(1000):
        reader, key = random.choice(operator.readers), str(uuid4())
        payload = {"message": key, "id": key, "data": {"filling": "x" * 4000}}
        try:
            await operator.jetstream.publish(Subjects().notify(reader.name), json.dumps(payload).encode())
        except APIError as error:
            return error.err_code
        operator.published[key] = (reader, time.monotonic())
    return None


async def node_lost(stage: Stage) -> None:
    """One NATS node of three is killed, the others carry on; it comes back."""
    cluster = stage.rig.nats
    assert isinstance(cluster, Cluster)
    async with at_work(stage) as operator:
        for _ in range(stage.scale.times):
            await stage.healthy()
            node = random.choice(cluster.nodes)
            async with stage.outage():
                node.kill()
                ends = time.monotonic() + stage.scale.seconds
                while time.monotonic() < ends:
                    await operator.publish()
                    await asyncio.sleep(EVERY_SECONDS)
                await stage.revive(node)
            await stage.caught_up()
        await judge(stage, operator, 30)
        stage.limit("p99 during", share(stage.during, 0.99), 2.0)
        info = await operator.jetstream.stream_info(Subjects().stream)
        stage.exact("copies of the stream", info.config.num_replicas or 0, len(cluster.nodes))
