"""Nothing is kept for ever that has had its time, and nothing goes before it."""

import pytest

from app.config import Settings
from app.jobs.housekeeping import tidy
from app.models.base import rows

pytestmark = pytest.mark.usefixtures("database")


async def test_what_has_expired_goes_and_the_rest_stays() -> None:
    for name, age in (("old", "2 days"), ("fresh", "1 minute")):
        await rows(
            f"INSERT INTO throttles (key, tries, until) VALUES ('{name}', 1, now() - interval '{age}') RETURNING 1"
        )
    for name, age in (("old", "31 days"), ("fresh", "29 days")):
        await rows(
            "INSERT INTO rejected (subject, payload, reason, detail, published, at) "
            f"VALUES ('notify.x', '', 'bad_json', '', '{name}', now() - interval '{age}') RETURNING 1"
        )
    while await tidy(Settings()):
        pass
    for table, column in (("throttles", "key"), ("rejected", "published")):
        kept = {line[column] for line in await rows(f"SELECT {column} FROM {table}")}
        assert "fresh" in kept
        assert "old" not in kept
