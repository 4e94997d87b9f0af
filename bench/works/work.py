"""A work: what servers are made to do, for how long and how often."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass

from bench.load import Reply
from bench.results import Figures
from bench.servers.server import Server

Rounds = Generator[tuple[str, Figures], None, None]
"""The figures of each round as it ends, under the name of its stage."""


def figures_of(reply: Reply, spent: dict[str, float], count: float) -> Figures:
    """What every round says: rates, costs of each of ``count``, latencies, shares of a core (``busy``: the server's).

    ``spent``: CPU seconds by ``server``, ``broker`` and ``database``.
    """
    return {
        "per_second": count / reply["seconds"],
        "server_us": spent["server"] * 1e6 / count,
        "broker_us": spent.get("broker", 0.0) * 1e6 / count,
        "database_us": spent.get("database", 0.0) * 1e6 / count,
        "p50_us": reply["p50_us"],
        "p99_us": reply["p99_us"],
        "max_us": reply["max_us"],
        "busy": spent["server"] / reply["seconds"],
        "load": reply["load_cpu"] / reply["seconds"],
        "lost": reply["lost"],
        "stalled": float(reply["stalled"]),
    }


@dataclass(frozen=True)
class Scale:
    """``repeats`` rounds of ``seconds`` each; ``quick`` works leave stages out."""

    repeats: int = 3
    seconds: float = 1.5
    quick: bool = False


WHOLE = Scale()
QUICK = Scale(repeats=3, seconds=1.0, quick=True)


@dataclass(frozen=True)
class Work:
    """``play`` gets a started server. ``servers`` are those that can do it, ``shown`` the figures worth reading.

    ``in_turns``: all of them are there at once, and one after the other plays a round.
    """

    title: str
    play: Callable[[Server, Scale], Rounds]
    servers: tuple[str, ...]
    shown: tuple[str, ...]
    in_turns: bool = True
