"""What the whole site shares and is made once: its epoch and its secret."""

from tortoise import fields
from tortoise.models import Model

from app.models.base import row


class Site(Model):
    """Rows ``epoch`` and ``secret``."""

    key = fields.CharField(max_length=40, primary_key=True)
    value = fields.CharField(max_length=200)

    class Meta:
        table = "site"

    @classmethod
    async def once(cls, key: str, candidate: str) -> str:
        """The site's value for ``key``: ``candidate`` if there was none yet, else what the first worker stored."""
        found = await row(
            "INSERT INTO site (key, value) VALUES ($1, $2) "
            "ON CONFLICT (key) DO UPDATE SET value = site.value RETURNING value",
            key,
            candidate,
        )
        assert found is not None
        return str(found["value"])

    @classmethod
    async def current(cls, key: str) -> str | None:
        """The site's value for ``key`` now."""
        found = await row("SELECT value FROM site WHERE key = $1", key)
        return str(found["value"]) if found else None

    @classmethod
    async def renew(cls, key: str, value: str) -> None:
        """Give the site another value for ``key``."""
        await row(
            "INSERT INTO site (key, value) VALUES ($1, $2) "
            "ON CONFLICT (key) DO UPDATE SET value = excluded.value RETURNING value",
            key,
            value,
        )
