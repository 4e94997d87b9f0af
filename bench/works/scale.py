"""More workers: whether a delivery costs the same, and whether a worker pays for topics that nobody there hears."""

from __future__ import annotations

from bench.load import Load
from bench.machine import Spent
from bench.servers.natter import Natter
from bench.servers.server import Server
from bench.works.fan_out import delivery_figures
from bench.works.work import Rounds, Scale

EACH = 1000
PACES = {"one at a time": 1, "8 in flight": 8}
REST_SECONDS = 5


def workers(server: Server, scale: Scale) -> Rounds:
    """One conversation with 1,000 listeners on every worker; then one that only the first worker has listeners of."""
    assert isinstance(server, Natter)
    with Load() as load:
        audiences = server.everywhere(EACH)
        for audience in audiences:
            load.open(audience)
        server.opened()
        load.attend(audiences[0])
        for name, window in PACES.items():
            load.publish(0.5, window=window)
            for _ in range(scale.repeats):
                with Spent(server.pids) as spent:
                    reply = load.publish(scale.seconds, window=window)
                yield name, delivery_figures(reply, spent.seconds)
    if len(server.workers) > 1:
        yield from elsewhere(server, scale)


def elsewhere(server: Natter, scale: Scale) -> Rounds:
    """``bystander_busy``: the share of a core that the second worker uses while the first one delivers all it can."""
    bystander = {"bystander": [server.workers[1].pid]}
    with Load() as load:
        audience = server.conversation(EACH)
        load.open(audience)
        server.opened()
        load.attend(audience)
        # Until the second worker has let go of the conversation before.
        load.command("rest", seconds=2 * REST_SECONDS)
        with Spent(bystander) as resting:
            load.command("rest", seconds=REST_SECONDS)
        for _ in range(scale.repeats):
            with Spent(bystander) as spent:
                reply = load.publish(scale.seconds, window=64)
            yield (
                "a bystander",
                {
                    "per_second": reply["delivered"] / reply["seconds"],
                    "bystander_busy": spent.seconds["bystander"] / reply["seconds"],
                    "bystander_at_rest": resting.seconds["bystander"] / REST_SECONDS,
                },
            )
