"""``bin/bench``: run the works that have no result yet, one after the other, and write the table."""

from __future__ import annotations

import argparse
import sys
from collections import deque
from collections.abc import Mapping
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path

from bench import page
from bench.build import Missing, work_folder
from bench.machine import stay_with_the_load
from bench.results import Figures, Result, gathered, keep, kept
from bench.tables import QUICK_SERVERS, QUICK_WORKS, SERVERS, WORKS
from bench.works.work import QUICK, WHOLE, Rounds, Scale
from unit.run import raise_file_limit

FAILURES = (Missing, RuntimeError, OSError)
"""What a server cannot be had or does not play for; the others go on."""
NOT_WHOLE = "  (lost sockets, or stood still)"


def main() -> None:
    """Measure what was asked for and say it; the status is 1 when something could not be measured."""
    whole = parser()
    given = whole.parse_args()
    if unknown := set(given.servers) - set(SERVERS):
        whole.error(f"no such server: {', '.join(sorted(unknown))}")
    raise_file_limit()
    stay_with_the_load()
    scale = scaled(QUICK if given.quick else WHOLE, given)
    # Only rounds of full length and number stand on the page.
    name = "results" if scale == WHOLE else "quick" if given.quick else "tried"
    file = work_folder() / f"{name}.jsonl"
    failed = 0
    for work, servers in asked(given):
        wanted = [server for server in servers if given.again or not is_done(file, work, server)]
        for server in servers:
            if server not in wanted:
                print(f"{work} {server}: has a result in {file}")
        for together in companies(work, wanted):
            results = measure(work, together, scale)
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


def asked(given: argparse.Namespace) -> list[tuple[str, list[str]]]:
    """The works, each with its servers."""
    works = [given.work] if given.work else QUICK_WORKS if given.quick else list(WORKS)
    servers = given.servers or (QUICK_SERVERS if given.quick else list(SERVERS))
    return [(work, [server for server in servers if server in WORKS[work].servers]) for work in works]


def companies(work: str, servers: list[str]) -> list[list[str]]:
    """Who takes turns with whom. Whoever does not rest meanwhile would disturb the others."""
    resting = [server for server in servers if WORKS[work].in_turns and SERVERS[server].rests]
    alone = [[server] for server in servers if server not in resting]
    return [resting, *alone] if resting else alone


def is_done(file: Path, work: str, server: str) -> bool:
    """Whether there is a result of any stage of it."""
    return any(key[:2] == (work, server) and not result.missing for key, result in kept(file).items())


def measure(work: str, servers: list[str], scale: Scale) -> list[Result]:
    """One work on these servers, started for it. What cannot be built is a result too."""
    results: list[Result] = []
    plays: dict[str, Rounds] = {}
    with ExitStack() as stack:
        for server in servers:
            kind = SERVERS[server]
            try:
                kind.build()
                running = stack.enter_context(kind())
            except FAILURES as failure:
                results.append(Result(work, server, "", missing=reason(failure)))
                continue
            print(f"{work} {server}: process {running.pids['server']}", flush=True)
            plays[server] = stack.enter_context(closing(WORKS[work].play(running, scale)))
        rounds, failures = in_turns(plays)
        results += [Result(work, server, "", missing=reason(failure)) for server, failure in failures.items()]
        for server in rounds.keys() - failures.keys():
            results += gathered(work, server, rounds[server])
    return sorted(results, key=lambda result: servers.index(result.server))


def in_turns(plays: Mapping[str, Rounds]) -> tuple[dict[str, list[tuple[str, Figures]]], dict[str, Exception]]:
    """A round of each, then the next of each: a machine that gets slower meanwhile gets slower for all of them.

    What was played, and what ended a play early.
    """
    rounds: dict[str, list[tuple[str, Figures]]] = {server: [] for server in plays}
    failures: dict[str, Exception] = {}
    waiting = deque(plays.items())
    while waiting:
        server, play = waiting.popleft()
        try:
            one = next(play, None)
        except FAILURES as failure:
            failures[server] = failure
            continue
        if one is not None:
            rounds[server].append(one)
            waiting.append((server, play))
    return rounds, failures


def reason(failure: Exception) -> str:
    """Why there are no figures, in one line."""
    return str(failure).strip().splitlines()[-1] if str(failure).strip() else type(failure).__name__


def say(result: Result) -> None:
    """One result on the terminal."""
    if result.missing:
        print(f"{result.work} {result.server}: missing: {result.missing}", flush=True)
        return
    shown = ("stage", *WORKS[result.work].shown)
    figures = result.figures
    said = "  ".join(f"{name} {figures[name]:,.2f}" for name in shown if name in figures)
    print(f"{result.work} {result.server}: {result.stage}: {said}{'' if result.is_whole else NOT_WHOLE}", flush=True)


def scaled(scale: Scale, given: argparse.Namespace) -> Scale:
    """The scale with what the command line says else."""
    named = {name: getattr(given, name) for name in ("repeats", "seconds") if getattr(given, name) is not None}
    return replace(scale, **named)


def parser() -> argparse.ArgumentParser:
    """The options."""
    whole = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    whole.add_argument("work", nargs="?", choices=list(WORKS), metavar="WORK", help="only this: " + ", ".join(WORKS))
    whole.add_argument("servers", nargs="*", metavar="SERVER", help="on these: " + ", ".join(SERVERS))
    whole.add_argument("--quick", action="store_true", help="the main works, short rounds, few servers; 5 minutes")
    whole.add_argument("--again", action="store_true", help="also what has a result")
    whole.add_argument("--repeats", type=int, help="rounds of each stage; the table has their medians")
    whole.add_argument("--seconds", type=float, help="how long a round is")
    return whole


if __name__ == "__main__":
    main()
