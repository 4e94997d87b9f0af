"""The machine: which core does what, and what processes have used of it."""

from __future__ import annotations

import mmap
import os
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

SERVER_CORE = 0
LOAD_CORE = 1
"""The load, the broker and the database are here, and so are we."""

TICK_SECONDS = 1 / os.sysconf("SC_CLK_TCK")

TOUCHED_BYTES = 4 * 2**30

Pids = Mapping[str, Sequence[int]]
"""Process ids by what they do: ``server``, ``broker``, ``database`` …; their children count with them."""


def stay_with_the_load() -> None:
    """From now on this process and what it starts run beside the load; what is measured is put on its own core."""
    if len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {LOAD_CORE})


def on_core(core: int, command: Sequence[object]) -> list[str]:
    """The command that runs ``command`` on one core only."""
    return ["taskset", "--cpu-list", str(core), *map(str, command)]


def family(pid: int) -> list[int]:
    """A process and all that descend from it."""
    try:
        tasks = [task.name for task in Path(f"/proc/{pid}/task").iterdir()]
        texts = [Path(f"/proc/{pid}/task/{task}/children").read_text() for task in tasks]
    except OSError:
        return [pid]
    return [pid, *(one for text in texts for child in text.split() for one in family(int(child)))]


def cpu_seconds(pids: Iterable[int]) -> tuple[float, float]:
    """What these processes and their children have used of a core so far, counted in two ways.

    First of all threads that live, to the nanosecond; then with all threads and children that ended, to 10 ms.
    """
    everybody = [pid for root in pids for pid in family(root)]
    living, ticks = sum(map(_run_ns, everybody)), sum(map(_ticks, everybody))
    return living / 1e9, ticks * TICK_SECONDS


def _run_ns(pid: int) -> int:
    try:
        return sum(int((task / "schedstat").read_text().split()[0]) for task in Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return 0


def _ticks(pid: int) -> int:
    try:
        # Behind the name, which may hold anything: utime, stime, and both of the children that were waited for.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15]))


class Spent:
    """``with Spent(pids) as spent: …`` and then ``spent.seconds["server"]``: CPU seconds by role."""

    def __init__(self, pids: Pids) -> None:
        self._pids = pids
        self.seconds: dict[str, float] = {}

    def __enter__(self) -> Spent:
        self._before = {role: cpu_seconds(pids) for role, pids in self._pids.items()}
        return self

    def __exit__(self, *_: object) -> None:
        for role, pids in self._pids.items():
            living, ticks = (
                after - before for after, before in zip(cpu_seconds(pids), self._before[role], strict=True)
            )
            # Where they differ by more than the ticks are rounded, something that counted has ended.
            self.seconds[role] = living if ticks - living < 2 * TICK_SECONDS * len(pids) else ticks


def memory(pids: Iterable[int]) -> int:
    """Bytes that these processes and their children hold for themselves (PSS: what is shared counts in parts)."""
    return sum(_pss(pid) for root in pids for pid in family(root))


def _pss(pid: int) -> int:
    try:
        found = re.search(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    except OSError:
        return 0
    return int(found[1]) * 1024 if found else 0


def described() -> str:
    """This machine in a few words, and the Python of all servers that are written in it."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    memory_kb = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    size = int(memory_kb[1]) / 2**20 if memory_kb else 0
    name = model[1] if model else platform.machine()
    system = f"Linux {platform.release().split('-')[0]}, Python {platform.python_version()}"
    return f"{os.cpu_count()} cores of {name}, {size:.0f} GB, {system}"


def touch_memory(most: int = TOUCHED_BYTES) -> None:
    """Have the host give this machine memory now, not to whoever needs a page first while something is measured.

    A virtual machine is given its memory page by page, and gives it back: a page that it has not takes 2 to 8 µs more.
    """
    lines = Path("/proc/meminfo").read_text().splitlines()
    available = next(int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable"))
    size = min(most, available // 2)
    with mmap.mmap(-1, size) as pages:
        for at in range(0, size, mmap.PAGESIZE):
            pages[at] = 1
