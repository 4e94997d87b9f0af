"""Results: one JSON line for each stage of a work on a server, kept so that a long run can go on where it stopped."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import msgspec

from bench.machine import described

Figures = dict[str, float]


class Result(msgspec.Struct):
    """``rounds`` are the figures of each repeat. ``missing`` says why there are none."""

    work: str
    server: str
    stage: str
    rounds: list[Figures] = []
    missing: str = ""
    at: str = ""
    machine: str = ""

    @property
    def figures(self) -> Figures:
        """The median of each figure; and ``ceiling``, how many a second the load would take with all of its core."""
        names = self.rounds[0] if self.rounds else {}
        found = {name: median(figures[name] for figures in self.rounds) for name in names}
        if found.get("load") and "per_second" in found:
            found["ceiling"] = found["per_second"] / found["load"]
        return found

    @property
    def is_whole(self) -> bool:
        """Whether every socket stayed open and every round came to its end."""
        return not any(figures.get("lost") or figures.get("stalled") for figures in self.rounds)


Results = dict[tuple[str, str, str], Result]
"""By work, server and stage."""


def keep(file: Path, results: Iterable[Result]) -> None:
    """Add results to the file."""
    with file.open("ab") as lines:
        for result in results:
            result.at, result.machine = datetime.now(UTC).strftime("%Y-%m-%d %H:%M"), described()
            lines.write(msgspec.json.encode(result) + b"\n")


def kept(file: Path) -> Results:
    """The newest result of everything that was measured."""
    if not file.exists():
        return {}
    results = (msgspec.json.decode(line, type=Result) for line in file.read_bytes().splitlines())
    return {(result.work, result.server, result.stage): result for result in results}


def gathered(work: str, server: str, rounds: Iterable[tuple[str, Figures]]) -> list[Result]:
    """The rounds of one play, by stage, in order."""
    results: dict[str, Result] = {}
    for stage, figures in rounds:
        results.setdefault(stage, Result(work, server, stage)).rounds.append(figures)
    return list(results.values())
