"""Results as JSON lines that can be resumed, and as the table in docs/reliability.md."""

from __future__ import annotations

import platform
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import psutil

from tests.faults.stage import Finding, Outcome, Row

BEGIN, END = "<!-- measured by bin/faults: begin -->", "<!-- measured by bin/faults: end -->"
HEAD = (
    "| fault | sockets | messages | deliveries | violations | p50 / p99 before | p50 / p99 during | worst "
    "| reconnects | limits | load before |\n|---|---|---|---|---|---|---|---|---|---|---|\n"
)


def machine() -> str:
    """This machine in a few words."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    cores, memory = psutil.cpu_count(), psutil.virtual_memory().total / 2**30
    name = model[1] if model else platform.machine()
    return f"{cores} cores of {name}, {memory:.0f} GB, Python {platform.python_version()}"


def keep(file: Path, outcome: Outcome) -> None:
    """Add an outcome to the file."""
    outcome.at, outcome.machine = datetime.now(UTC).strftime("%Y-%m-%d %H:%M"), machine()
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("ab") as lines:
        lines.write(msgspec.json.encode(outcome) + b"\n")


def kept(file: Path) -> dict[str, Outcome]:
    """The newest outcome of each row."""
    if not file.exists():
        return {}
    outcomes = (msgspec.json.decode(line, type=Outcome) for line in file.read_bytes().splitlines())
    return {outcome.name: outcome for outcome in outcomes}


def table(rows: dict[str, Row], outcomes: dict[str, Outcome]) -> str:
    """The table of all rows, measured or not, in Markdown."""
    lines = "".join(
        _line(outcomes[name]) if name in outcomes else f"| {row.title} | not run yet |" + " |" * 9 + "\n"
        for name, row in rows.items()
    )
    return HEAD + lines


def write_into(page: Path, text: str, outcomes: Iterable[Outcome]) -> None:
    """Put the table between the markers of the page, with date and machine."""
    stamps = sorted({f"{outcome.at[:10]} on {outcome.machine}" for outcome in outcomes})
    said = "Measured " + "; ".join(stamps) + "." if stamps else "Not measured yet."
    before, _, rest = page.read_text().partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n{said}\n\n{text}{END}{after}")


def _line(outcome: Outcome) -> str:
    violations = str(len(outcome.violations)) if outcome.violations else "0"
    cells = [
        outcome.title,
        f"{outcome.sockets:,}",
        f"{outcome.messages:,}",
        f"{outcome.deliveries:,}",
        violations,
        _pair(outcome.before),
        _pair(outcome.during),
        _time(outcome.worst),
        f"{outcome.reconnects:,}",
        "; ".join(_finding(finding) for finding in _worst(outcome.findings)),
        f"{outcome.load:.1f}" if outcome.load else "–",
    ]
    return "| " + " | ".join(cells) + " |\n"


def _pair(pair: tuple[float, float]) -> str:
    return f"{_time(pair[0])} / {_time(pair[1])}" if pair[1] else "–"


def _time(seconds: float) -> str:
    if not seconds:
        return "–"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _worst(findings: list[Finding]) -> list[Finding]:
    """Of what was measured each time the fault came, the worst time."""
    worst: dict[str, Finding] = {}
    for finding in findings:
        if finding.what not in worst or finding.measured > worst[finding.what].measured:
            worst[finding.what] = finding
    return list(worst.values())


def _finding(finding: Finding) -> str:
    """``back, p95 0.58 (≤ 5)``, in bold when it is not kept."""
    said = f"{finding.what} {finding.measured:.3g} (≤ {finding.at_most:.3g})"
    return said if finding.kept else f"**{said}**"
