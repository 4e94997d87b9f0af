"""What must stay bounded: peers that do not read, somebody loud, very many topics, a very large conversation."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait

from bench.load import Audience, Load, Reply
from bench.machine import Spent, memory, touch_memory
from bench.results import Figures
from bench.servers.server import Server
from bench.works.work import Rounds, Scale

SECONDS = 20
SETTLE_SECONDS = 3
LOOK_SECONDS = 0.5


def slow_readers(server: Server, scale: Scale) -> Rounds:
    """5,000 that read nothing and 50 that do, in one conversation that says 2,000 bytes 20 times a second."""
    with Load() as load:
        audience = server.conversation(5050, 2000)
        load.open(audience)
        server.opened()
        load.attend(audience)
        load.command("deafen", first=5000)
        touch_memory()
        figures = _watched(server, load, lambda: load.publish(SECONDS, rate=20))
        yield "", figures | {"cut_off": load.command("hear", first=5000)["lost"]}


def loud_publisher(server: Server, scale: Scale) -> Rounds:
    """100 listeners get 1 MB a second each; measured are 1,000 others, in a quiet conversation on the same worker."""
    with Load() as loud, Load() as quiet, ThreadPoolExecutor(1) as beside:
        noise = server.conversation(100, 4000)
        loud.open(noise)
        server.opened()
        audience = server.conversation(1000, 100)
        quiet.open(audience)
        server.opened()
        loud.attend(noise)
        quiet.attend(audience)
        making = beside.submit(loud.publish, SECONDS + SETTLE_SECONDS, rate=120)
        figures = _watched(server, quiet, lambda: quiet.publish(SECONDS, rate=10))
        yield "", figures | {"loud_bytes": making.result()["bytes"] / (SECONDS + SETTLE_SECONDS) / 100}


def many_topics(server: Server, scale: Scale) -> Rounds:
    """10,000 users, each with a topic; 10,000 notifications a second."""
    with Load() as load:
        yield "", _calm(server, load, server.notifications(10_000), rate=10_000)


def big_conversation(server: Server, scale: Scale) -> Rounds:
    """10,000 members, all there; five messages a second."""
    with Load() as load:
        yield "", _calm(server, load, server.conversation(10_000, 100), rate=5)


def _calm(server: Server, load: Load, audience: Audience, rate: float) -> Figures:
    before = memory(server.pids["server"])
    load.open(audience)
    server.opened()
    load.attend(audience)
    load.command("rest", seconds=SETTLE_SECONDS)
    held = memory(server.pids["server"]) - before
    figures = _watched(server, load, lambda: load.publish(SECONDS, rate=rate))
    return figures | {"socket_bytes": held / len(audience.sockets)}


def _watched(server: Server, load: Load, publishing: Callable[[], Reply]) -> Figures:
    """What is delivered, and how far the server's memory grows meanwhile and stays grown."""
    before = memory(server.pids["server"])
    with ThreadPoolExecutor(1) as beside, Spent(server.pids) as spent:
        running = beside.submit(publishing)
        most = before
        while not running.done():
            most = max(most, memory(server.pids["server"]))
            wait([running], timeout=LOOK_SECONDS)
        reply = running.result()
    load.command("rest", seconds=SETTLE_SECONDS)
    return {
        "per_second": reply["delivered"] / reply["seconds"],
        "p50_us": reply["p50_us"],
        "p99_us": reply["p99_us"],
        "max_us": reply["max_us"],
        "grown_mb": (most - before) / 2**20,
        "stays_mb": (memory(server.pids["server"]) - before) / 2**20,
        "busy": spent.seconds["server"] / reply["seconds"],
        "lost": reply["lost"],
        "stalled": float(reply["stalled"]),
    }
