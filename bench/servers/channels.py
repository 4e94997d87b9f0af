"""Django Channels on uvicorn with channels-redis: what Natter replaces."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path
from typing import ClassVar

import asyncpg

from bench.frames import TEXT_BYTES, stamped
from bench.install import python_of, redis_server
from bench.load import Audience
from bench.machine import LOAD_CORE
from bench.servers.pages import transactions
from bench.servers.peer import LibraryPeer
from unit.servers import Postgres


class Channels(LibraryPeer):
    """``bench/peers/channels`` with the channel layer that keeps queues in Redis, the usual one."""

    name = "channels"
    peer = "channels"
    title = "Django Channels, Redis queue layer, uvicorn"
    rests = False
    path = "/room/{room}/"
    layer: ClassVar[str] = "channels_redis.core.RedisChannelLayer"
    opening = {"ready": "ready"}  # noqa: RUF012

    @classmethod
    def build(cls) -> None:
        """Install it. Raises Missing."""
        python_of(cls.peer)
        redis_server()

    def start(self) -> None:
        """Database, Redis, the server and the publisher."""
        self.postgres = Postgres(self.folder / "postgres")
        self.postgres.start()
        self._stack.callback(self.postgres.stop)
        self.pids["database"] = [self.postgres.pid]
        python = python_of(self.peer)
        self.environment = environment = {
            "DATABASE_URL": self.postgres.url,
            "REDIS_URL": self.start_redis(),
            "LAYER": self.layer,
            "DJANGO_SETTINGS_MODULE": "peer.settings",
            "PYTHONPATH": str(self.home),
        }
        self._migrate(python, environment)
        flags = ["--port", self.port, "--no-access-log", "--log-level", "warning", "--backlog", 4096]
        self.wait_for_port(self.run([python, "-m", "uvicorn", "peer.asgi:application", *flags], environment))
        self.start_publisher([python, "-m", "peer.publisher"], environment)

    def _migrate(self, python: Path, environment: dict[str, str]) -> None:
        # Tables of apps without migrations come first in a run, and ours refer to Django's own.
        for flags in ([], ["--run-syncdb"]):
            command = [python, "-m", "django", "migrate", *flags]
            if self.run(command, environment, role="migration", core=LOAD_CORE).wait():
                raise RuntimeError(self.said())
        del self.pids["migration"]

    def chat(self, conversations: int, senders: int) -> tuple[Audience, str]:
        """Rooms whose messages are stored before they are told."""
        rooms = ["one"] * senders if conversations == 1 else [f"chat{n}" for n in range(senders)] * 2
        return self.audience(rooms, []), f'{{"type":"chat_message","message":"{stamped(TEXT_BYTES)}"}}'

    def pages(self) -> tuple[dict[str, str], str]:
        """Of a reader who has as much as Natter's."""
        command = [str(python_of(self.peer)), "-m", "peer.fill"]
        filled = subprocess.run(command, env=os.environ | self.environment, capture_output=True, text=True)
        if filled.returncode:
            raise RuntimeError(filled.stderr)
        paths = {"feed": "/", "chat": "/chat/fan_00/", "notifications": "/notifications/"}
        return paths, f"Cookie: sessionid={filled.stdout};Accept: text/html"

    def transactions(self) -> int:
        """How many there were."""
        return asyncio.run(_transactions(self.postgres.url))


async def _transactions(database_url: str) -> int:
    connection = await asyncpg.connect(database_url)
    try:
        return await transactions(connection)
    finally:
        await connection.close()


class ChannelsPubSub(Channels):
    """The same with the layer that uses Redis publish and subscribe."""

    name = "channels-pubsub"
    title = "Django Channels, Redis pub/sub layer, uvicorn"
    layer = "channels_redis.pubsub.RedisPubSubChannelLayer"
