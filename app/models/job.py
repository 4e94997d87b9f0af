"""A consequence still to come, and where it ends when it always fails."""

from datetime import datetime
from typing import NamedTuple

from tortoise import fields
from tortoise.models import Model

from app.models.base import rows

COUNTED_AT_MOST = 10_000


class Standing(NamedTuple):
    """How many jobs there are, how many should have run 10 s ago, and how many failed for good; 10,000 at most."""

    waiting: int
    overdue: int
    dead: int


class Job(Model):
    """``key`` folds repeats of the same ``what`` while one waits; ``body`` is the event that left the job."""

    id = fields.BigIntField(primary_key=True)
    what = fields.CharField(max_length=40)
    key: fields.Field[str | None] = fields.CharField(max_length=120, null=True)
    body = fields.TextField()
    run_at: datetime = fields.DatetimeField()
    tries = fields.IntField(default=0)
    error: str | None = fields.TextField(null=True)

    class Meta:
        table = "jobs"
        unique_together = (("what", "key"),)
        indexes = (("run_at",),)

    @classmethod
    async def standing(cls) -> Standing:
        """Where the jobs of the site stand now."""
        [counted] = await rows(
            "SELECT (SELECT count(*) FROM (SELECT FROM jobs LIMIT $1) AS counted) AS waiting, "
            # now(), unlike clock_timestamp(), is looked up in the index.
            "(SELECT count(*) FROM (SELECT FROM jobs WHERE run_at < now() - interval '10 s' LIMIT $1) AS counted) "
            "AS overdue, (SELECT count(*) FROM (SELECT FROM dead_letters LIMIT $1) AS counted) AS dead",
            COUNTED_AT_MOST,
        )
        return Standing(**counted)


class DeadLetter(Model):
    """A job after its last try: kept to be read, mended and replayed."""

    id = fields.BigIntField(primary_key=True)
    what = fields.CharField(max_length=40)
    key: fields.Field[str | None] = fields.CharField(max_length=120, null=True)
    body = fields.TextField()
    error = fields.TextField(default="")
    died_at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "dead_letters"
