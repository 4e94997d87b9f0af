"""The runner: takes due jobs, any worker any job, and finishes each in the transaction of its effect.

So the effect is exactly once, whatever dies. A job that fails is put off, and after its last try put aside. Of a kind
that comes in numbers several are done in one transaction; when that fails, each in one of its own.
"""

import asyncio
import logging

import asyncpg

from app.database import DATABASE_AWAY, DATABASE_ERRORS
from app.jobs.table import JOBS, Rule, retry_after
from app.log import Events, transaction
from app.models.base import Row, rows
from bus.encoding import decode_event

logger = logging.getLogger(__name__)

POLL_SECONDS = 1.0
AT_ONCE = 2


class _Failed(Exception):
    """Carries a job, or the first of those done together, out of its transaction, which is rolled back."""

    def __init__(self, job: Row, cause: Exception) -> None:
        super().__init__(f"{job['what']}: {type(cause).__name__}")
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
    """Take the job that is longest due, with others of its kind that are due where they are done together.

    It is finished, or put off. False when none is due.
    """
    jobs: list[Row] = []
    try:
        async with transaction() as events:
            jobs = await _take()
            if not jobs:
                return False
            await _work(events, jobs)
    except Exception as error:
        if len(jobs) > 1:
            # One of them is to blame, or what it waited for; the others must not suffer for it.
            logger.warning("jobs: %d of %s failed together: %s", len(jobs), jobs[0]["what"], type(error).__name__)
            for job in jobs:
                await _run_alone(job)
        elif isinstance(error, _Failed):
            await _put_off(error.job, error.cause)
        else:
            raise
    return True


# Deleted at once: a repeat of the same key that is left meanwhile waits for our commit, and is not folded into a job
# that has already looked.
TAKE = """
WITH due AS MATERIALIZED (SELECT id FROM jobs WHERE {which} ORDER BY run_at LIMIT {most} FOR UPDATE SKIP LOCKED)
DELETE FROM jobs USING due WHERE jobs.id = due.id RETURNING jobs.id, what, key, body, tries
"""
# The time of the statement, as with the clock's no index could be asked where to end.
FIRST = TAKE.format(which="run_at <= statement_timestamp()", most="1")
MORE = TAKE.format(which="what = $1 AND run_at <= statement_timestamp()", most="$2")
THIS = TAKE.format(which="id = $1", most="1")


async def _take() -> list[Row]:
    jobs = await rows(FIRST)
    rule = JOBS.get(jobs[0]["what"]) if jobs else None
    if rule and rule.together > 1:
        jobs += await rows(MORE, jobs[0]["what"], rule.together - 1)
    return jobs


async def _run_alone(job: Row) -> None:
    try:
        async with transaction() as events:
            # Unless another worker has it by now.
            jobs = await rows(THIS, job["id"])
            if jobs:
                await _work(events, jobs)
    except _Failed as failure:
        await _put_off(failure.job, failure.cause)
    except asyncpg.LockNotAvailableError:
        # It is no fault of the job, which is still there; those after it need not wait for that.
        logger.warning("jobs: %s waits for what somebody else has locked", job["what"])


async def _work(events: Events, jobs: list[Row]) -> None:
    rule, left_by = JOBS.get(jobs[0]["what"]), [decode_event(job["body"]) for job in jobs]
    try:
        if rule is None or None in left_by:
            raise LookupError("no such job or event in this version")
        await rule.work(events, *left_by)
    except asyncpg.QueryCanceledError as error:
        raise _Failed(jobs[0], error) from error  # Its own statement took too long.
    except DATABASE_AWAY:
        raise  # That is no fault of the job, and costs it no try.
    except Exception as error:
        raise _Failed(jobs[0], error) from error


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
