"""A consequence still to come, and where it ends when it always fails."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model


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
