"""The meter: collects this worker's numbers, keeps them for the others of its unit, and adds up those of all.

Whoever counts keeps plain numbers of its own; they are read here once a second. A worker that takes the place of a dead
one counts on from what that one had kept, so that no counter goes backwards, and no gauge outlives its worker.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import msgspec

from app.board import Board
from app.config import Settings
from app.histogram import Histogram
from app.metrics import Snapshot, as_text

KEEP_SECONDS = 1.0
STALE_SECONDS = 5.0

_decoder = msgspec.json.Decoder(Snapshot)


class Meter:
    """``app.ctx.meter``. ``read`` gives this worker's numbers; some of them are counted here.

    ``requests`` is by route, ``statuses`` by status, ``rows_logged`` the events appended, ``late`` the seconds by which
    the event loop was last late.
    """

    def __init__(self, settings: Settings, board: Board) -> None:
        self.requests: dict[str, Histogram] = {}
        self.statuses: Counter[int] = Counter()
        self.rows_logged = 0
        self._board, self._worker, self._workers = board, settings.worker, settings.workers
        self._folder = Path(settings.unit_metrics) if settings.unit_metrics else None
        self.late = 0.0
        self.read: Callable[[], Snapshot] = Snapshot
        self._before = self._read(self._worker) or Snapshot()
        self._before.gauges.clear()
        # So that nobody takes the gauges of our predecessor for ours.
        self.keep(self._before)

    def request(self, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        histogram = self.requests.get(route)
        if histogram is None:
            histogram = self.requests[route] = Histogram()
        histogram.observe(seconds)
        self.statuses[status] += 1

    async def keep_up(self) -> None:
        """Keep the numbers for the other workers, for ever. Runs as a task of the worker."""
        while True:
            due = time.monotonic() + KEEP_SECONDS
            await asyncio.sleep(KEEP_SECONDS)
            self.late = max(0.0, time.monotonic() - due)
            if self._folder:
                # In a thread: a disk that hangs must not hold the loop up.
                await asyncio.to_thread(self.keep, self.snapshot())

    def keep(self, snapshot: Snapshot | None = None) -> None:
        """Write the numbers down where the other workers, and our successor, find them."""
        if not self._folder:
            return
        fresh = self._folder / f"{self._worker}.new"
        try:
            fresh.write_bytes(msgspec.json.encode(snapshot or self.snapshot()))
            fresh.replace(self._folder / f"{self._worker}.json")
        except OSError:
            pass  # A full disk costs us the numbers, not the site.

    async def of_unit(self) -> bytes:
        """The numbers of all workers of the unit, in Prometheus's text format."""
        own = self.snapshot()
        others = await asyncio.to_thread(self._others)
        counted = Snapshot()
        for snapshot in (own, *others.values()):
            counted.add(snapshot)
        oldest = time.monotonic() - STALE_SECONDS
        living = [kept for worker, kept in others.items() if self._board.lives(worker) and kept.at > oldest]
        return as_text(counted, [own, *living])

    def snapshot(self) -> Snapshot:
        """This worker's numbers now, on top of what its predecessors counted."""
        now = self.read()
        now.add(self._before)
        return now

    def _others(self) -> dict[int, Snapshot]:
        found = {worker: self._read(worker) for worker in range(self._workers) if worker != self._worker}
        return {worker: snapshot for worker, snapshot in found.items() if snapshot}

    def _read(self, worker: int) -> Snapshot | None:
        if not self._folder:
            return None
        try:
            return _decoder.decode((self._folder / f"{worker}.json").read_bytes())
        except (OSError, msgspec.DecodeError):
            return None
