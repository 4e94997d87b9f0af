"""More workers: whether a delivery costs the same, and whether a worker pays for topics that nobody there hears."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from bench.load import Load
from bench.machine import Spent
from bench.results import Figures
from bench.servers.natter import Natter
from bench.servers.server import Server
from bench.works.fan_out import delivery_figures
from bench.works.work import Rounds, Scale

EACH = 1000
PACES = {"one at a time": 1, "8 in flight": 8}
REST_SECONDS = 5
EACH_ALONE = "each alone"


def workers(server: Server, scale: Scale) -> Rounds:
    """One conversation with 1,000 listeners on every worker; then one that only the first worker has listeners of.

    In turns with the first, two workers deliver alone, one on either core. The second core has the load too, and this
    machine is not the same from one minute to the next: so only this says what it costs to be several.
    """
    assert isinstance(server, Natter)
    with ExitStack() as stack:
        together = stack.enter_context(Load())
        audiences = server.everywhere(EACH)
        for audience in audiences:
            together.open(audience)
        server.opened()
        together.attend(audiences[0])
        alone = [stack.enter_context(_listeners_of(server, number)) for number in range(min(2, len(audiences)))]
        for name, window in PACES.items():
            together.publish(0.5, window=window)
            for _ in range(scale.repeats):
                yield name, _delivered(server, together, scale.seconds, window)
                if len(audiences) > 1:
                    yield (
                        f"{name}, {EACH_ALONE}",
                        _mean([_delivered(server, load, scale.seconds / 2, window) for load in alone]),
                    )
    if len(server.workers) > 1:
        yield from elsewhere(server, scale)


@contextmanager
def _listeners_of(server: Natter, number: int) -> Iterator[Load]:
    """A conversation with listeners on one worker only."""
    port, server.port = server.port, server.ports[number]
    audience = server.conversation(EACH)
    server.port = port
    with Load() as load:
        load.open(audience)
        server.opened()
        load.attend(audience)
        load.publish(0.5)
        yield load


def _delivered(server: Server, load: Load, seconds: float, window: int) -> Figures:
    with Spent(server.pids) as spent:
        reply = load.publish(seconds, window=window)
    return delivery_figures(reply, spent.seconds)


def _mean(several: list[Figures]) -> Figures:
    return {name: sum(figures[name] for figures in several) / len(several) for name in several[0]}


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
