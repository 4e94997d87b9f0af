"""A work: what servers are made to do, for how long and how often."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.results import Figures
from bench.servers.server import Server

Rounds = Iterator[tuple[str, Figures]]
"""The figures of each round as it ends, under the name of its stage."""


@dataclass(frozen=True)
class Scale:
    """``repeats`` rounds of ``seconds`` each; ``quick`` works leave stages out."""

    repeats: int = 5
    seconds: float = 3.0
    quick: bool = False


WHOLE = Scale()
QUICK = Scale(repeats=3, seconds=1.0, quick=True)


@dataclass(frozen=True)
class Work:
    """``play`` gets a started server. ``servers`` are those that can do it, ``shown`` the figures worth reading."""

    title: str
    play: Callable[[Server, Scale], Rounds]
    servers: tuple[str, ...]
    shown: tuple[str, ...]
