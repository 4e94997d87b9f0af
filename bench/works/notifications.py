"""Many users, each with a topic of their own: notifications published on the bus to one of them, drawn at random."""

from __future__ import annotations

from bench.load import Load
from bench.machine import Spent
from bench.servers.server import Server
from bench.works.fan_out import delivery_figures
from bench.works.work import Rounds, Scale

USERS = 5000
IN_FLIGHT = 512
OFFERED = 10_000


def notifications(server: Server, scale: Scale) -> Rounds:
    """As many as it takes with some in flight, and at a rate that a site might see."""
    with Load() as load:
        audience = server.notifications(USERS)
        load.open(audience)
        server.opened()
        load.attend(audience)
        most = 0.0
        for name, pace in (("as many as it takes", {"window": IN_FLIGHT}), ("10,000/s offered", {"rate": OFFERED})):
            if pace.get("rate", 0) > most > 0:
                continue
            load.publish(0.5, **pace)
            for _ in range(scale.repeats):
                with Spent(server.pids) as spent:
                    reply = load.publish(scale.seconds, **pace)
                most = max(most, reply["delivered"] / reply["seconds"])
                yield name, delivery_figures(reply, spent.seconds, pace.get("rate", 0))
