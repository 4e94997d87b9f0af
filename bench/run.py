"""``bin/bench``: run the works that have no result yet, one after the other, and write the table."""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from bench import page
from bench.build import Missing, work_folder
from bench.machine import stay_with_the_load
from bench.results import Result, gathered, keep, kept
from bench.tables import QUICK_SERVERS, QUICK_WORKS, SERVERS, WORKS
from bench.works.work import QUICK, WHOLE, Scale
from unit.run import raise_file_limit


def main() -> None:
    """Measure what was asked for and say it; the status is 1 when something could not be measured."""
    given = parser().parse_args()
    raise_file_limit()
    stay_with_the_load()
    scale = scaled(QUICK if given.quick else WHOLE, given)
    # Only rounds of full length and number stand on the page.
    name = "results" if scale == WHOLE else "quick" if given.quick else "tried"
    file = work_folder() / f"{name}.jsonl"
    failed = 0
    for work, server in asked(given):
        if not given.again and is_done(file, work, server):
            print(f"{work} {server}: has a result in {file}")
            continue
        results = measure(work, server, scale)
        failed += any(result.missing for result in results)
        keep(file, results)
        for result in results:
            say(result)
    known = kept(file)
    if given.work is None:
        print(page.text(known, dict.fromkeys(work for work, _, _ in known)))
    if scale == WHOLE:
        page.write(known)
    sys.exit(1 if failed else 0)


def asked(given: argparse.Namespace) -> list[tuple[str, str]]:
    """The pairs of work and server."""
    works = [given.work] if given.work else QUICK_WORKS if given.quick else list(WORKS)
    servers = [given.server] if given.server else QUICK_SERVERS if given.quick else list(SERVERS)
    return [(work, server) for work in works for server in servers if server in WORKS[work].servers]


def is_done(file: Path, work: str, server: str) -> bool:
    """Whether there is a result of any stage of it."""
    return any(key[:2] == (work, server) and not result.missing for key, result in kept(file).items())


def measure(work: str, server: str, scale: Scale) -> list[Result]:
    """One work on one server, started for it alone. What cannot be built is a result too."""
    kind = SERVERS[server]
    try:
        kind.build()
        with kind() as running:
            print(f"{work} {server}: process {running.pids['server']}", flush=True)
            return gathered(work, server, WORKS[work].play(running, scale))
    except Missing as missing:
        return [Result(work, server, "", missing=str(missing))]


def say(result: Result) -> None:
    """One result on the terminal."""
    if result.missing:
        print(f"{result.work} {result.server}: missing: {result.missing}", flush=True)
        return
    shown = ("stage", *WORKS[result.work].shown)
    figures = result.figures
    said = "  ".join(f"{name} {figures[name]:,.2f}" for name in shown if name in figures)
    print(f"{result.work} {result.server}: {result.stage}: {said}", flush=True)


def scaled(scale: Scale, given: argparse.Namespace) -> Scale:
    """The scale with what the command line says else."""
    named = {name: getattr(given, name) for name in ("repeats", "seconds") if getattr(given, name) is not None}
    return replace(scale, **named)


def parser() -> argparse.ArgumentParser:
    """The options."""
    whole = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    whole.add_argument("work", nargs="?", choices=list(WORKS), metavar="WORK", help="only this: " + ", ".join(WORKS))
    whole.add_argument("server", nargs="?", choices=list(SERVERS), metavar="SERVER", help=", ".join(SERVERS))
    whole.add_argument("--quick", action="store_true", help="the main works, short rounds, few servers; 5 minutes")
    whole.add_argument("--again", action="store_true", help="also what has a result")
    whole.add_argument("--repeats", type=int, help="rounds of each stage; the table has their medians")
    whole.add_argument("--seconds", type=float, help="how long a round is")
    return whole


if __name__ == "__main__":
    main()
