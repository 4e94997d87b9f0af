"""The tables in docs/performance.md, and on the terminal."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from bench import versions
from bench.results import Result, Results
from bench.tables import SERVERS, WORKS
from bench.targets import judged, number_text
from bench.works.work import Work
from unit.setup import ROOT

PAGE = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured by bin/bench: begin -->", "<!-- measured by bin/bench: end -->"
TITLES = {
    "server_us": "CPU, µs",
    "broker_us": "broker, µs",
    "database_us": "database, µs",
    "per_second": "per second",
    "p50_us": "p50",
    "p99_us": "p99",
    "max_us": "max",
    "share": "in time",
    "busy": "server's core",
    "load": "load's core",
    "ceiling": "load's ceiling",
    "socket_bytes": "KB a socket",
    "grown_mb": "grows, MB",
    "stays_mb": "stays, MB",
    "cut_off": "cut off",
    "lost": "lost",
    "loud_bytes": "loud, KB/s each",
    "bytes": "KB each",
    "bystander_busy": "bystander's core",
    "bystander_at_rest": "at rest",
    "kilobytes": "KB",
    "paint_ms": "first contentful paint, ms",
    "loaded_ms": "loaded, ms",
}
SHARES = ("busy", "load", "share", "bystander_busy", "bystander_at_rest")
KILOBYTES = ("bytes", "socket_bytes", "loud_bytes")
TIMES = ("p50_us", "p99_us", "max_us")


def write(results: Results) -> None:
    """Put the tables between the markers of the page."""
    before, _, rest = PAGE.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{text(results, list(WORKS))}{END}{after}")


def text(results: Results, works: Iterable[str]) -> str:
    """Date and machine, the targets, a table for each of the works, and what of what version was measured."""
    stamps = sorted({f"{result.at[:10]} on {result.machine}" for result in results.values() if not result.missing})
    said = "Measured " + "; ".join(stamps) + "." if stamps else "Not measured yet."
    tables = "".join(f"\n### {WORKS[name].title}\n\n{table(name, WORKS[name], results)}" for name in works)
    listed = "".join(f"{line}\n" for line in versions.lines())
    return f"{said}\n\n### The targets\n\n{targets(results)}{tables}\n### Versions\n\n{listed}"


def targets(results: Results) -> str:
    """Every target, its number, and whether it is met."""
    lines = ["| target | needed | measured | |", "|---|---|---|---|"]
    for target, number in judged(results):
        if number is None:
            lines.append(f"| {target.what} | {target.limit} | – | not measured |")
        else:
            verdict = "met" if target.met(number) else "**missed**"
            lines.append(f"| {target.what} | {target.limit} | {number_text(number)} | {verdict} |")
    return "\n".join(lines) + "\n"


def table(name: str, work: Work, results: Results) -> str:
    """One work: a line for each stage and server, with what it costs of what it costs Natter."""
    found = [result for result in results.values() if result.work == name]
    shown = [figure for figure in work.shown if any(figure in result.figures for result in found)]
    by_cost = "server_us" in shown
    head = ["", "server", *(TITLES.get(figure, figure) for figure in shown), *(["× Natter's CPU"] if by_cost else [])]
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    for stage in dict.fromkeys(result.stage for result in found if not result.missing):
        of_stage = {result.server: result for result in found if result.stage == stage}
        for server in (server for server in work.servers if server in of_stage):
            lines.append(_line(of_stage[server], shown, of_stage.get("natter") if by_cost else None, by_cost))
    lines += _missing(work, found)
    return "\n".join(lines) + "\n"


def _line(result: Result, shown: list[str], natter: Result | None, by_cost: bool) -> str:
    figures = result.figures
    cells = [
        result.stage,
        SERVERS[result.server].title + ("" if result.is_whole else ", which lost sockets or stood still"),
    ]
    cells += [_figure(name, figures[name]) if name in figures else "–" for name in shown]
    if by_cost:
        known = natter and "server_us" in natter.figures and "server_us" in figures
        cells.append(f"{figures['server_us'] / natter.figures['server_us']:.2f}" if natter and known else "–")
    return "| " + " | ".join(cells) + " |"


def _missing(work: Work, found: list[Result]) -> Iterator[str]:
    measured = {result.server for result in found if not result.missing}
    for server in work.servers:
        if server not in measured:
            why = next((result.missing for result in found if result.server == server), "not measured yet")
            yield f"| | {SERVERS[server].title} | missing: {why} |"


def _figure(name: str, number: float) -> str:
    if name in TIMES:
        return f"{number / 1000:,.1f} ms" if number >= 1000 else f"{number:.0f} µs"
    if name in SHARES:
        return f"{number:.1%}" if number < 0.1 else f"{number:.0%}"
    if name in KILOBYTES:
        return f"{number / 1024:.2f}"
    return number_text(number)
