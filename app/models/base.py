"""What every table needs: the current database client and raw rows for the few statements the ORM cannot say."""

from typing import Any, cast

from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.connection import get_connection

Row = dict[str, Any]


def client() -> AsyncpgDBClient:
    """The pool, or inside ``transaction()`` that transaction's connection."""
    return cast(AsyncpgDBClient, get_connection("default"))


async def rows(sql: str, *values: Any) -> list[Row]:
    """Run one statement and give its rows. (Tortoise's ``execute_query`` throws away what RETURNING returns.)"""
    return cast(list[Row], await client().execute_query_dict(sql, list(values)))


async def row(sql: str, *values: Any) -> Row | None:
    """The first row of one statement, or None."""
    found = await rows(sql, *values)
    return found[0] if found else None
