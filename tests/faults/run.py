"""``bin/faults``: run the rows that have no result yet, one after the other, and write the table."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

import uvloop

from tests.faults import report
from tests.faults.rows import CONTROLS, ROWS
from tests.faults.stage import SMALL, WHOLE, Outcome, perform
from tests.site import ROOT
from unit.environment import data_dir
from unit.run import raise_file_limit

PAGE = ROOT / "docs" / "reliability.md"


def main() -> None:
    """Run what was asked for. The status is 1 when a promise was broken, or a control was not noticed."""
    given = parser().parse_args()
    raise_file_limit()
    file = Path(given.out) if given.out else data_dir(os.environ) / "faults.jsonl"
    everything = ROWS | CONTROLS
    if unknown := [name for name in given.rows if name not in everything]:
        sys.exit(f"There is no row {unknown[0]}: see bin/faults --help.")
    done = {} if given.again else report.kept(file)
    for name in given.rows or everything:
        if name in done:
            print(f"{name}: has a result in {file}")
            continue
        outcome = run(name, given)
        if not given.small:
            report.keep(file, outcome)
        say(outcome)
    outcomes = report.kept(file)
    text = report.table(everything, outcomes)
    print(text)
    if not given.small:
        report.write_into(PAGE, text, outcomes.values())
    sys.exit(1 if any(is_bad(outcome) for outcome in outcomes.values()) else 0)


def run(name: str, given: argparse.Namespace) -> Outcome:
    """One row on a fresh site, in a folder that is kept when something was wrong."""
    scale = replace(SMALL if given.small else WHOLE, **({"times": given.times} if given.times else {}))
    folder = Path(tempfile.mkdtemp(prefix=f"natter-{name}-"))
    outcome = uvloop.run(perform(name, (ROWS | CONTROLS)[name], scale, folder))
    if is_bad(outcome):
        print(f"{name}: the logs are in {folder}")
    else:
        shutil.rmtree(folder)
    return outcome


def is_bad(outcome: Outcome) -> bool:
    """Whether a promise was broken; a control must break it."""
    return outcome.passed if outcome.name in CONTROLS else not outcome.passed


def say(outcome: Outcome) -> None:
    """One row on the terminal."""
    print(f"{outcome.name}: {'BAD' if is_bad(outcome) else 'good'} after {outcome.seconds:.0f} s", flush=True)
    if is_bad(outcome):
        for violation in outcome.violations:
            print(f"  {violation}")
        for finding in outcome.findings:
            if not finding.kept:
                print(f"  {finding.what}: {finding.measured}, and at most {finding.at_most} is promised")


def parser() -> argparse.ArgumentParser:
    """The options."""
    whole = argparse.ArgumentParser(prog="bin/faults", description=__doc__)
    whole.add_argument("rows", nargs="*", metavar="ROW", help="only these: " + ", ".join(ROWS | CONTROLS))
    whole.add_argument("--again", action="store_true", help="also rows that have a result")
    whole.add_argument("--small", action="store_true", help="with fewer sockets and shorter outages; keeps no result")
    whole.add_argument("--times", type=int, help="how often each fault comes (3)")
    whole.add_argument("--out", help="the file of results (faults.jsonl in DATA_DIR)")
    return whole


if __name__ == "__main__":
    main()
