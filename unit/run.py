"""``python -m unit.run [--demo]``: what bin/run becomes once everything is installed."""

from __future__ import annotations

import os
import resource
import sys

from unit.environment import Environment
from unit.say import give_up
from unit.servers import CannotStart
from unit.supervisor import Commands, Supervisor

USAGE = "usage: bin/run [--demo]    (settings are environment variables: see README.md)"
# Some containers say "unlimited" by a number so large that programs which loop over it stall.
MOST_FILES = 1 << 20


def main(arguments: list[str], commands: Commands | None = None) -> None:
    """Run a unit until a signal ends it. Leaves with one line and a status that is not 0 when it cannot."""
    if arguments in (["-h"], ["--help"]):
        print(USAGE)
        return
    if arguments not in ([], ["--demo"]):
        give_up(f"unknown arguments. {USAGE}")
    raise_file_limit()
    try:
        Supervisor(Environment.read(os.environ), commands).run(demo="--demo" in arguments)
    except (CannotStart, OSError) as error:
        give_up(str(error))


def raise_file_limit() -> None:
    """Allow as many open files as we may: a socket is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = MOST_FILES if hard == resource.RLIM_INFINITY else min(hard, MOST_FILES)
    if soft == resource.RLIM_INFINITY or soft >= most:
        return
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


if __name__ == "__main__":
    main(sys.argv[1:])
