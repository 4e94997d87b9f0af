"""Sockets that do nothing: how fast they open, and what they hold."""

from __future__ import annotations

from dataclasses import replace

from bench.load import Load
from bench.machine import Spent, memory
from bench.servers.server import Server
from bench.works.work import Rounds, Scale

IDLE = 5000
WARM = 500
HANDSHAKES = 2000
PARALLEL = 128
SETTLE_SECONDS = 5


def idle(server: Server, scale: Scale) -> Rounds:
    """What the server holds more with all of them open than after some came and went; and what it does meanwhile."""
    with Load() as load:
        audience = server.notifications(WARM + IDLE)
        load.open(replace(audience, sockets=audience.sockets[:WARM]))
        load.command("close")
        load.command("rest", seconds=SETTLE_SECONDS)
        before = memory(server.pids["server"])
        load.open(replace(audience, sockets=audience.sockets[WARM:]))
        load.command("rest", seconds=SETTLE_SECONDS)
        held = memory(server.pids["server"]) - before
        with Spent(server.pids) as spent:
            load.command("rest", seconds=SETTLE_SECONDS)
        yield "", {"socket_bytes": held / IDLE, "busy": spent.seconds["server"] / SETTLE_SECONDS}


def handshakes(server: Server, scale: Scale) -> Rounds:
    """New people each time, so that nothing is left of the last round."""
    with Load() as load:
        audience = server.notifications(HANDSHAKES * (scale.repeats + 1))
        for number in range(scale.repeats + 1):
            sockets = audience.sockets[HANDSHAKES * number : HANDSHAKES * (number + 1)]
            with Spent(server.pids) as spent:
                reply = load.open(replace(audience, sockets=sockets), PARALLEL)
            load.command("close")
            load.command("rest", seconds=0.5)
            if number:
                yield (
                    "",
                    {
                        "per_second": reply["per_second"],
                        "server_us": spent.seconds["server"] * 1e6 / HANDSHAKES,
                        "broker_us": spent.seconds.get("broker", 0.0) * 1e6 / HANDSHAKES,
                        "database_us": spent.seconds.get("database", 0.0) * 1e6 / HANDSHAKES,
                        "p50_us": reply["p50_us"],
                        "p99_us": reply["p99_us"],
                        "load": reply["load_cpu"] / reply["seconds"],
                    },
                )
