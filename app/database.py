"""The pool of PostgreSQL connections: opened and closed around whatever needs it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.exceptions import BaseORMException

from app.config import Settings
from app.models.base import client

DATABASE_AWAY = (
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.TransactionRollbackError,
    asyncpg.ObjectNotInPrerequisiteStateError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # what a connection says that dies between two of its states
    OSError,
    TimeoutError,
)
"""What is raised while PostgreSQL is down, starting, overloaded or undoing a deadlock: the same may work again soon."""

DATABASE_ERRORS = (*DATABASE_AWAY, asyncpg.PostgresError, BaseORMException)
"""What may be raised by anything that asks the database; long-lived loops log these and go on."""

# Nothing waits for ever: a lost lock, a lost network and a forgotten transaction all end by themselves.
SERVER_SETTINGS = {
    "application_name": "natter",
    "timezone": "UTC",
    "statement_timeout": "5000",
    "lock_timeout": "4000",
    "idle_in_transaction_session_timeout": "10000",
    # A plan that is kept was made for the tables as they were then: made while a table was young, it reads all of it.
    # Only the few statements of a message keep theirs: ``KEEP_PLANS`` in ``app.log.append``.
    "plan_cache_mode": "force_custom_plan",
}


def connection_options(settings: Settings) -> dict[str, Any]:
    """What asyncpg wants to know, from ``DATABASE_URL`` (``postgres://user:password@host:port/name``)."""
    url = urlsplit(settings.database_url)
    return {
        "host": url.hostname or "127.0.0.1",
        "port": url.port or 5432,
        "user": unquote(url.username or ""),
        "password": unquote(url.password or ""),
        "database": url.path.lstrip("/"),
        "timeout": 5,
        "command_timeout": 6,
        "server_settings": SERVER_SETTINGS,
    }


def tortoise_config(settings: Settings) -> dict[str, Any]:
    """What Tortoise wants to know."""
    pool = {"minsize": 2, "maxsize": settings.database_connections, "reset": _leave_as_it_is, "init": learn_types}
    return {
        "connections": {
            "default": {
                "engine": "tortoise.backends.asyncpg",
                "credentials": connection_options(settings) | pool,
            }
        },
        "apps": {
            "models": {
                "models": ["app.models"],
                "default_connection": "default",
                "migrations": "app.models.migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


# The types that statements here take and give, beyond those that asyncpg knows by itself.
TYPES = (
    "int[]",
    "bigint[]",
    "bool[]",
    "text[]",
    "varchar[]",
    "uuid[]",
    "jsonb[]",
    "float8[]",
    "timestamptz[]",
    "record[]",
)


async def learn_types(connection: "asyncpg.Connection[asyncpg.Record]") -> None:
    """When a connection is opened: else whoever first has such a type on it waits for three statements more."""
    await connection.fetch(f"SELECT {', '.join(f'NULL::{name}' for name in TYPES)}")


async def _leave_as_it_is(connection: object) -> None:
    """Before a connection goes back to the pool.

    asyncpg would ask PostgreSQL to forget the session's settings, cursors and locks: a second round trip after each
    query. Nothing here makes any of these, and what is left of a transaction has been rolled back before this.
    """


async def open_database(settings: Settings) -> TortoiseContext:
    """Open the pool for this whole process. Raises OSError or asyncpg's errors when PostgreSQL cannot be reached."""
    context = await Tortoise.init(config=tortoise_config(settings), _enable_global_fallback=True)
    # Now, and once: tasks that come first at the same time would make a pool each.
    await get_connection("default").create_connection(with_db=True)
    return context


async def connect_alone(settings: Settings) -> "asyncpg.Connection[asyncpg.Record]":
    """A connection beside the pool. Raises OSError or asyncpg's errors when PostgreSQL cannot be reached."""
    return await asyncpg.connect(**connection_options(settings))


def pool_use() -> tuple[int, int]:
    """How many connections of the pool are in use, and how many wait for work; nothing while there is no pool."""
    pool: asyncpg.Pool[asyncpg.Record] | None = client()._pool
    if pool is None:
        return 0, 0
    return pool.get_size() - pool.get_idle_size(), pool.get_idle_size()


async def close_database() -> None:
    """Close the pool and every connection in it."""
    await Tortoise.close_connections()


@asynccontextmanager
async def database(settings: Settings) -> AsyncIterator[None]:
    """The pool for the length of a block, for commands and tests."""
    await open_database(settings)
    try:
        yield
    finally:
        await close_database()
