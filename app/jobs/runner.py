"""The runner: takes due jobs one by one, any worker any job, and finishes each in the transaction of its effect.

So the effect is exactly once, whatever dies. A job that fails is put off, and after its last try put aside.
"""

import asyncio
import logging

import asyncpg

from app.database import DATABASE_AWAY, DATABASE_ERRORS
from app.jobs.table import JOBS, Rule, retry_after
from app.log import Events, transaction
from app.models.base import Row, row, rows
from bus.encoding import decode_event

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
AT_ONCE = 2


class _Failed(Exception):
    """Carries a job out of its transaction, which is rolled back."""

    def __init__(self, job: Row, cause: Exception) -> None:
        super().__init__(job["what"])
        self.job, self.cause = job, cause


class Runner:
    """``ring()`` wakes it; without a ring it looks every second."""

    def __init__(self) -> None:
        self._due = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Run jobs until ``stop``."""
        self._tasks = [asyncio.create_task(self._run(), name=f"jobs {n}") for n in range(AT_ONCE)]

    async def stop(self) -> None:
        """Let go. A job in the middle is rolled back, and any other worker takes it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def ring(self) -> None:
        """A job may be due."""
        self._due.set()

    async def _run(self) -> None:
        while True:
            try:
                if await run_one():
                    continue
            except DATABASE_ERRORS as error:
                logger.warning("jobs: the database does not answer: %s", type(error).__name__)
            except Exception:
                logger.exception("jobs: the runner failed")
            await self._wait()

    async def _wait(self) -> None:
        try:
            await asyncio.wait_for(self._due.wait(), POLL_SECONDS)
        except TimeoutError:
            pass
        self._due.clear()


async def run_one() -> bool:
    """Take the job that is longest due and finish it, or put it off. False when none is due."""
    try:
        async with transaction() as events:
            job = await _take()
            if job is None:
                return False
            await _work(events, job)
    except _Failed as failure:
        await _put_off(failure.job, failure.cause)
    return True


async def _take() -> Row | None:
    # Deleted at once: a repeat of the same key that is left meanwhile waits for our commit, and is not folded into
    # a job that has already looked.
    return await row(
        "DELETE FROM jobs WHERE id = (SELECT id FROM jobs WHERE run_at <= clock_timestamp() "
        "ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING id, what, key, body, tries"
    )


async def _work(events: Events, job: Row) -> None:
    rule, event = JOBS.get(job["what"]), decode_event(job["body"])
    try:
        if rule is None or event is None:
            raise LookupError("no such job or event in this version")
        await rule.work(events, event)
    except asyncpg.QueryCanceledError as error:
        raise _Failed(job, error) from error  # Its own statement took too long.
    except DATABASE_AWAY:
        raise  # That is no fault of the job, and costs it no try.
    except Exception as error:
        raise _Failed(job, error) from error


async def _put_off(job: Row, cause: Exception) -> None:
    """Count a failed try. The rollback has put the job back; another worker may have taken it meanwhile."""
    tries = job["tries"] + 1
    rule: Rule | None = JOBS.get(job["what"])
    reason = f"{type(cause).__name__}: {cause}"[:500]
    logger.error("job %s failed, try %d: %s", job["what"], tries, type(cause).__name__, exc_info=cause)
    if tries < (rule.tries if rule else 8):
        await rows(
            "UPDATE jobs SET tries = $2, error = $3, run_at = clock_timestamp() + make_interval(secs => $4) "
            "WHERE id = $1 AND tries < $2 RETURNING id",
            job["id"],
            tries,
            reason,
            retry_after(tries),
        )
    else:
        await rows(
            "WITH dead AS (DELETE FROM jobs WHERE id = $1 RETURNING what, key, body) "
            "INSERT INTO dead_letters (what, key, body, error, died_at) "
            "SELECT what, key, body, $2, clock_timestamp() FROM dead RETURNING id",
            job["id"],
            reason,
        )


async def replay_dead_letters() -> int:
    """Give every dead letter new tries, from now. Gives how many."""
    found = await rows(
        "WITH again AS (DELETE FROM dead_letters RETURNING what, key, body) "
        "INSERT INTO jobs (what, key, body, run_at, tries) SELECT what, key, body, clock_timestamp(), 0 FROM again "
        "ON CONFLICT (what, key) DO NOTHING RETURNING id"
    )
    return len(found)
