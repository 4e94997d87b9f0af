"""A worker with one thing made wrong, named in ``NATTER_CONTROL``: what proves that the suite would notice.

Only ever started by ``tests.faults.unit_program``; the application knows nothing of it.
"""

from __future__ import annotations

import asyncio
import os
import random
from typing import Any

from app import worker
from app.jobs import runner
from app.realtime import catch_up as catching_up
from app.realtime.connection import Connection
from app.realtime.hub import Hub
from app.realtime.relay import Relay
from app.realtime.topics import LocalTopic
from bus.client import LightClient
from bus.events import Event
from bus.interest import Interest


def publish_without_log_and_cursor() -> None:
    """What most chats do: commit, publish, and hand out whatever rings. Nobody ever reads the log."""

    def feed(self: Relay, topic: LocalTopic, seq: int, event: Event | None) -> None:
        if topic.established:
            self._hand_out(topic, seq, event)

    async def nothing(self: Relay, *_: object) -> None:
        return None

    async def from_now_on(relay: Relay, connection: Connection, topic: LocalTopic, view: str, cursor: int) -> None:
        relay.hub.join((topic.name, view), connection)

    Relay.feed = feed  # type: ignore[method-assign]
    Relay.compare = nothing  # type: ignore[method-assign]
    Relay.catch_up = nothing  # type: ignore[method-assign, assignment]
    catching_up.catch_up = from_now_on


def await_sends_in_the_callback() -> None:
    """What ``await ws.send(…)`` in a bus callback does: the next event of the topic waits for the slowest reader."""
    feed = Relay.feed
    queues: dict[str, asyncio.Queue[tuple[Any, ...]]] = {}
    tasks = set()

    async def hand_out(queue: asyncio.Queue[tuple[Any, ...]]) -> None:
        while True:
            relay, topic, seq, event = await queue.get()
            feed(relay, topic, seq, event)
            for view in ("chat", "activity"):
                for connection in relay.hub.listeners((topic.name, view)):
                    await connection.drained()

    def feed_later(self: Relay, topic: LocalTopic, seq: int, event: Event | None) -> None:
        if topic.name not in queues:
            queues[topic.name] = asyncio.Queue()
            tasks.add(asyncio.get_running_loop().create_task(hand_out(queues[topic.name])))
        queues[topic.name].put_nowait((self, topic, seq, event))

    Relay.feed = feed_later  # type: ignore[method-assign]
    # A stalled peer holds the lock that the ping needs, so nothing ever ends it.
    Hub.tick = lambda self: None  # type: ignore[method-assign]


def shake_the_bus() -> None:
    """Repeat, hold back and drop 5 % of all that comes from NATS, each. No fault of ours: the view must not change."""
    call = LightClient.call
    share = 0.05

    def shaken(self: LightClient, entry: Interest, subject: bytes, data: bytes) -> None:
        if b"evt." not in subject:
            call(self, entry, subject, data)
            return
        chance = random.random()
        if chance < share:
            return
        if chance < 2 * share:
            asyncio.get_running_loop().call_later(random.uniform(0.005, 0.1), call, self, entry, subject, data)
            return
        call(self, entry, subject, data)
        if chance < 3 * share:
            call(self, entry, subject, data)

    LightClient.call = shaken  # type: ignore[method-assign]


def die_in_jobs() -> None:
    """Two of a hundred jobs are the worker's last: one before the commit, one after it. No fault of ours either."""
    work, run_one, share = runner._work, runner.run_one, 0.01

    async def and_die(events: Any, job: Any) -> None:
        await work(events, job)
        if random.random() < share:
            os._exit(9)

    async def run_and_die() -> bool:
        done = await run_one()
        if done and random.random() < share:
            os._exit(9)
        return done

    runner._work = and_die
    runner.run_one = run_and_die


CONTROLS = {
    "publish-only": publish_without_log_and_cursor,
    "await-send": await_sends_in_the_callback,
    "shaken-bus": shake_the_bus,
    "die-in-jobs": die_in_jobs,
}

if __name__ == "__main__":
    CONTROLS[os.environ["NATTER_CONTROL"]]()
    worker.main()
