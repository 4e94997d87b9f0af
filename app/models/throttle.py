"""Counts of tries per key and window, shared by all workers of a site."""

from datetime import datetime

from tortoise import fields
from tortoise.models import Model

from app.models.base import row


class Throttle(Model):
    """One row per key, such as ``login:alice`` or ``login:203.0.113.7``."""

    key = fields.CharField(max_length=120, primary_key=True)
    tries = fields.IntField(default=0)
    until: datetime = fields.DatetimeField()

    class Meta:
        table = "throttles"

    @classmethod
    async def count(cls, key: str, window: float) -> tuple[int, float]:
        """Count one more try; give the tries in this window of ``window`` seconds and the seconds until it ends."""
        found = await row(
            "INSERT INTO throttles (key, tries, until) VALUES ($1, 1, now() + make_interval(secs => $2)) "
            "ON CONFLICT (key) DO UPDATE SET "
            "tries = CASE WHEN throttles.until < now() THEN 1 ELSE throttles.tries + 1 END, "
            "until = CASE WHEN throttles.until < now() THEN excluded.until ELSE throttles.until END "
            "RETURNING tries, extract(epoch FROM until - now())::float8 AS left",
            key,
            float(window),
        )
        assert found is not None
        return found["tries"], found["left"]
