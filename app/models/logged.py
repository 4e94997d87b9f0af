"""A row of the log: one event at its place in its topic."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class Logged(Model):
    """Written by ``app.log.append`` and read by ``app.log.read``, in raw SQL; here for the schema."""

    id = fields.BigIntField(primary_key=True)
    topic = fields.CharField(max_length=80)
    seq = fields.BigIntField()
    body = fields.TextField()
    at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "log"
        unique_together = (("topic", "seq"),)
        indexes = (("at",),)
