"""The worker processes: started, watched by their heartbeats, and replaced when they die or fall silent."""

from __future__ import annotations

import signal
import time
from collections.abc import Mapping, Sequence

from unit.board import Board
from unit.patience import Patience
from unit.process import Process, kill, spawn
from unit.say import say
from unit.servers import CannotStart

SILENCE = 30.0
# A worker that starts has more to do than one that works, and perhaps on a busy machine.
FIRST_BEAT = 60.0
# The supervisor itself was stopped or starved that long, and the workers with it perhaps: it must not judge
# them by it.
BLACKOUT = 5.0
DEATHS_AT_START = 5


class Worker:
    """One place among the workers and the process that has it now."""

    def __init__(self, index: int) -> None:
        self.index = index
        self.process: Process | None = None
        self.patience = Patience()
        self.started = 0.0
        self.next_start = 0.0
        self.beat = 0.0
        self.heard = 0.0


class Workers:
    """All workers of this unit.

    ``tick`` never waits; times are of the monotonic clock, so a clock that jumps harms nobody.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], board: Board, count: int) -> None:
        self.command = command
        self.environment = environment
        self.board = board
        self.workers = [Worker(index) for index in range(count)]
        self.was_ready = False
        self.deaths = 0
        self.last_tick = time.monotonic()

    def tick(self) -> None:
        """Start whoever is missing, end whoever is silent. Raises CannotStart when none ever comes up."""
        now = time.monotonic()
        asleep = now - self.last_tick > BLACKOUT
        self.last_tick = now
        for worker in self.workers:
            if worker.process is None:
                self.start_when_due(worker, now)
            elif worker.process.poll() is not None:
                self.bury(worker, now)
                self.start_when_due(worker, now)
            else:
                self.listen(worker, now, asleep)

    @property
    def all_ready(self) -> bool:
        """Whether every worker lives and serves."""
        return all(worker.process and self.board.is_ready(worker.index) for worker in self.workers)

    @property
    def processes(self) -> list[Process]:
        """The processes that may be alive."""
        return [worker.process for worker in self.workers if worker.process]

    def start_when_due(self, worker: Worker, now: float) -> None:
        """Start a process for this place unless it died too often too recently."""
        if now < worker.next_start:
            return
        self.board.clear(worker.index)
        worker.process = spawn(self.command, env={**self.environment, "WORKER": str(worker.index)})
        worker.started = worker.heard = now
        worker.beat = 0.0

    def bury(self, worker: Worker, now: float) -> None:
        """Take note of a death: clear away what remains, and decide how long to wait or whether to go on."""
        if worker.process is None:
            return
        status = worker.process.returncode
        kill(worker.process)
        worker.process = None
        self.board.clear(worker.index)
        self.deaths += 1
        if not self.was_ready and self.deaths >= DEATHS_AT_START:
            raise CannotStart(
                f"the workers ended {self.deaths} times before they were ready: what they said stands above."
            )
        worker.next_start = now + worker.patience.delay_after(now - worker.started)
        say(f"Worker {worker.index} ended ({meaning(status)}): starting another.")

    def listen(self, worker: Worker, now: float, asleep: bool) -> None:
        """Note the worker's heartbeat; kill the one that has been silent for too long."""
        beat = self.board.beat(worker.index)
        self.was_ready = self.was_ready or self.board.is_ready(worker.index)
        if beat != worker.beat or asleep:
            worker.beat, worker.heard = beat, now
        elif worker.process and now - worker.heard > (SILENCE if worker.beat else FIRST_BEAT):
            say(f"Worker {worker.index} has been silent for {now - worker.heard:.0f} s: ending it.")
            kill(worker.process)


def meaning(status: int) -> str:
    """An exit status in words."""
    return f"killed by {signal.Signals(-status).name}" if status < 0 else f"status {status}"
