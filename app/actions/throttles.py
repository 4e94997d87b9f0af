"""Limits on tries that all workers of a site share: who tries too often waits."""

from math import ceil

from app.errors import TooMany
from app.models import Throttle
from app.models.base import row, rows


async def count_try(key: str, tries: int, seconds: float) -> None:
    """Count one more try for ``key``. Raises TooMany beyond ``tries`` in a window of ``seconds``."""
    counted, left = await Throttle.count(key, seconds)
    if counted > tries:
        raise TooMany(retry_after=max(1, ceil(left)))


async def forgive(key: str) -> None:
    """Take one try back: it turned out to be honest."""
    await rows("UPDATE throttles SET tries = greatest(tries - 1, 0) WHERE key = $1", key)


async def forget(key: str) -> None:
    """Begin again for ``key``."""
    await row("DELETE FROM throttles WHERE key = $1 RETURNING key", key)
