"""A message from an operator that could not be accepted, with the reason."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model


class Rejected(Model):
    """``payload`` is cut to 8 KiB; ``published`` tells one publication from another, so a redelivery is one row."""

    id = fields.BigIntField(primary_key=True)
    subject = fields.CharField(max_length=256)
    payload = fields.BinaryField()
    reason = fields.CharField(max_length=40)
    detail = fields.TextField(default="")
    published = fields.CharField(max_length=64, unique=True)
    at: datetime = fields.DatetimeField(auto_now_add=True)

    class Meta:
        table = "rejected"
