"""What a worker knows of its own health. It is looked at in the background, every second; a request only reads it."""

import asyncio
import logging
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, NamedTuple, TypeVar

from app.board import Board
from app.database import DATABASE_AWAY
from app.models import Job
from app.pulse import Pulse
from bus import streams
from bus.canary import Canary
from bus.connection import Bus
from bus.streams import Held
from bus.subjects import Subjects

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
LOOK_SECONDS_IN_TROUBLE = 0.3
STALE_SECONDS = 3.0
HUNG_SECONDS = 10.0
BEHIND_SECONDS = 10.0

Seen = TypeVar("Seen")


class Part(NamedTuple):
    """One thing that has to be well; ``why`` says what is wrong with it, and never a secret."""

    ok: bool
    why: str = ""


class Health:
    """What ``/readyz`` says, as it was seen within the last seconds."""

    def __init__(
        self,
        board: Board,
        pulse: Pulse,
        canary: Canary,
        bus: Bus,
        subjects: Subjects,
        draining: Callable[[], bool],
    ) -> None:
        self._board, self._pulse, self._canary, self._draining = board, pulse, canary, draining
        self.jobs = Look("jobs", Job.standing)
        self.intake = Look("intake", lambda: streams.held(bus, subjects))
        self._waits = Waits()

    async def look_at_jobs(self) -> None:
        """Ask PostgreSQL for ever. Runs as a task of the worker."""
        await self.jobs.look_on()

    async def look_at_intake(self) -> None:
        """Ask JetStream for ever. Runs as a task of the worker."""
        await self.intake.look_on(lambda held: self._waits.note(held, time.monotonic()))

    @property
    def serves(self) -> bool:
        """Whether this worker can serve pages and sockets now; what it writes on its unit's board."""
        return self._database().ok and self._bus().ok and self._accepting().ok

    @property
    def intake_age(self) -> float:
        """For how many seconds at least the oldest publication has been waiting; 0 when none is."""
        return self._waits.age(time.monotonic())

    @property
    def workers_ready(self) -> int:
        """How many workers of this unit can serve."""
        return self._board.ready

    def parts(self) -> dict[str, Part]:
        """Every part of being ready, by name."""
        return {
            "database": self._database(),
            "bus": self._bus(),
            "intake": self._intake(),
            "jobs": self._jobs(),
            "accepting": self._accepting(),
            "workers": self._workers(),
        }

    def _database(self) -> Part:
        return (
            Part(True)
            if self._pulse.alive
            else Part(False, f"the database has not answered for {self._pulse.age:.0f} s")
        )

    def _bus(self) -> Part:
        if self._canary.alive:
            return Part(True)
        age = self._canary.age
        return Part(False, "nothing has come back over NATS " + ("yet" if age == float("inf") else f"for {age:.0f} s"))

    def _intake(self) -> Part:
        held = self.intake.fresh
        if held is None:
            return Part(False, f"the intake has not been seen {self.intake.since}")
        if self.intake_age < BEHIND_SECONDS:
            return Part(True)
        return Part(False, f"{held.waiting} publications wait, the oldest for {self.intake_age:.0f} s or more")

    def _jobs(self) -> Part:
        standing = self.jobs.fresh
        if standing is None:
            return Part(False, f"the jobs have not been seen {self.jobs.since}")
        return Part(True) if not standing.overdue else Part(False, f"{standing.overdue} jobs are overdue")

    def _accepting(self) -> Part:
        return Part(False, "this worker is stopping") if self._draining() else Part(True)

    def _workers(self) -> Part:
        ready, all_of_them = self.workers_ready, self._board.workers
        return Part(ready == all_of_them, "" if ready == all_of_them else f"{ready} of {all_of_them} can serve")


class Look(Generic[Seen]):
    """The same question, asked again and again. An answer is good for 3 s, so that a question that hangs shows."""

    def __init__(self, name: str, ask: Callable[[], Awaitable[Seen]]) -> None:
        self._name, self._ask = name, ask
        self._seen: Seen | None = None
        self._at = 0.0
        self._failing = False

    @property
    def fresh(self) -> Seen | None:
        """The last answer, unless it is too old."""
        return self._seen if time.monotonic() - self._at < STALE_SECONDS else None

    @property
    def since(self) -> str:
        """For how long there has been no answer, in words."""
        return f"for {time.monotonic() - self._at:.0f} s" if self._at else "yet"

    async def look_on(self, note: Callable[[Seen], None] = lambda seen: None) -> None:
        """Ask every second, sooner while there is trouble; ``note`` gets each answer."""
        while True:
            task = asyncio.ensure_future(self._once(note))
            # Never cancelled: a connection whose query was cancelled is given back only when the server answers.
            done, _ = await asyncio.wait({task}, timeout=HUNG_SECONDS)
            await asyncio.sleep(LOOK_SECONDS if done and self.fresh is not None else LOOK_SECONDS_IN_TROUBLE)

    async def _once(self, note: Callable[[Seen], None]) -> None:
        try:
            seen = await self._ask()
        except (*DATABASE_AWAY, *streams.STREAM_ERRORS):
            return  # Whoever needs it says so in the log; here it shows by growing old.
        except Exception:
            if not self._failing:
                logger.exception("health: cannot look at %s", self._name)
            self._failing = True
            return
        self._seen, self._at, self._failing = seen, time.monotonic(), False
        note(seen)


class Waits:
    """How long the oldest of the intake has waited, by our own clock, as the clocks of hosts need not agree.

    A publication is at least as old as the first look that saw its number, or a later one, taken.
    """

    def __init__(self) -> None:
        self._looks: deque[tuple[float, int]] = deque(maxlen=3600)

    def note(self, held: Held, now: float) -> None:
        """Take down what the stream held when it was looked at."""
        if self._looks and held.last < self._looks[-1][1]:
            self._looks.clear()  # A new stream, which counts from 1 again.
        while self._looks and (not held.waiting or self._looks[0][1] < held.first):
            self._looks.popleft()
        if held.waiting and (not self._looks or held.last > self._looks[-1][1]):
            self._looks.append((now, held.last))

    def age(self, now: float) -> float:
        """In seconds; 0 when nothing waits."""
        return now - self._looks[0][0] if self._looks else 0.0
