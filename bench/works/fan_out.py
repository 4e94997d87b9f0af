"""One conversation: events published on the bus, delivered to every listener."""

from __future__ import annotations

from dataclasses import dataclass

from bench.frames import TEXT_BYTES
from bench.load import Load, Reply
from bench.machine import Spent
from bench.results import Figures
from bench.servers.server import Server
from bench.works.work import Rounds, Scale, figures_of


@dataclass(frozen=True)
class Pace:
    """How events come: so many in flight, or so many deliveries a second offered."""

    window: int = 1
    deliveries_per_second: float = 0


CAN_BE_OFFERED = 2
"""Times as much as a server delivers at its best is still offered to it."""
SLOW = 50_000
"""Deliveries a second below which many in flight would only wait in line."""
ONE_AT_A_TIME = {"one at a time": Pace()}
PACES = {
    **ONE_AT_A_TIME,
    "8 in flight": Pace(8),
    "64 in flight": Pace(64),
    "50,000/s offered": Pace(deliveries_per_second=50_000),
    "400,000/s offered": Pace(deliveries_per_second=400_000),
}


def fan_out(server: Server, scale: Scale, *, listeners: int, paces: dict[str, Pace]) -> Rounds:
    """Every pace in turn, with the same sockets."""
    with Load() as load:
        audience = server.conversation(listeners, TEXT_BYTES)
        load.open(audience)
        server.opened()
        load.attend(audience)
        most = 0.0
        for name, pace in paces.items():
            if pace.deliveries_per_second > CAN_BE_OFFERED * most > 0:
                # Minutes of backlog would show nothing but that it cannot.
                continue
            if pace.window > 1 and most < SLOW:
                continue
            rate = pace.deliveries_per_second / listeners
            load.publish(0.5, window=pace.window, rate=rate)
            for _ in range(scale.repeats):
                with Spent(server.pids) as spent:
                    reply = load.publish(scale.seconds, window=pace.window, rate=rate)
                most = max(most, reply["delivered"] / reply["seconds"])
                yield name, delivery_figures(reply, spent.seconds, pace.deliveries_per_second)


def delivery_figures(reply: Reply, spent: dict[str, float], offered: float = 0) -> Figures:
    """What a round of deliveries says. ``busy`` and ``load`` are shares of a core: the server's and the load's."""
    delivered = max(1, reply["delivered"])
    figures = figures_of(reply, spent, delivered) | {"bytes": reply["bytes"] / delivered}
    if offered:
        # All of it came in the end, or the round would be stalled; this says whether it came at that rate.
        figures["share"] = min(1.0, delivered / reply["seconds"] / offered)
    return figures
