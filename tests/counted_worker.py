"""A worker that says in its log which statements PostgreSQL gets from each request.

The application knows nothing of it: what is added is a listener on each of the pool's connections.
"""

import json
import sys
from typing import Any

import asyncpg

from app import database, worker
from app.config import Settings
from app.logs import request_id

configured = database.tortoise_config


def counted(settings: Settings) -> dict[str, Any]:
    config = configured(settings)
    config["connections"]["default"]["credentials"]["init"] = listen
    return config


async def listen(connection: asyncpg.Connection) -> None:
    await database.learn_types(connection)
    connection.add_query_logger(say)


def say(query: Any) -> None:
    # It is called in the context of whoever asked, so the id is that of the request.
    print(json.dumps({"statement": query.query, "of": request_id.get()}), file=sys.stderr, flush=True)


if __name__ == "__main__":
    database.tortoise_config = counted
    worker.main()
