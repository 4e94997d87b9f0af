"""``python -m app.migrate``: bring the schema up to date, one process at a time."""

import asyncio
import sys

import asyncpg
from tortoise.migrations.api import migrate as run_migrations

from app.config import Settings
from app.database import close_database, tortoise_config

LOCK = 0x6E617474  # "natt": several units may start at once, and only one may migrate at a time


async def migrate(settings: Settings) -> None:
    """Apply what is missing, under an advisory lock. Raises OSError or asyncpg's errors when unreachable."""
    connection = await asyncpg.connect(settings.database_url, timeout=10)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK, timeout=120)
        await run_migrations(config=tortoise_config(settings))
        await close_database()
    finally:
        await connection.close()


def main() -> None:
    """Migrate, or say in one line why that is not possible and exit with 1."""
    try:
        asyncio.run(migrate(Settings.from_environment()))
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError, TimeoutError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        sys.exit(f"The database cannot be reached or migrated ({reason}). Check DATABASE_URL.")


if __name__ == "__main__":
    main()
