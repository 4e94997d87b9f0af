"""Natter, whole: PostgreSQL, nats-server and workers as a unit starts them; people and sessions in real tables."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import asyncpg
import httpx

from bench.frames import TEXT_BYTES, UUID_PLACE, message_ring, notification_ring, stamped
from bench.load import Audience
from bench.machine import LOAD_CORE, SERVER_CORE
from bench.servers.pages import filled, transactions
from bench.servers.people import Person, couples, crowd, people, reach_ahead
from bench.servers.server import START_SECONDS, Server
from unit.ports import free_port
from unit.process import Process
from unit.servers import Nats, Postgres
from unit.setup import ROOT

Answer = TypeVar("Answer")

SETTINGS = {
    # The load is many people in one: their limits are the only ones that are raised.
    "COMMANDS_PER_SECOND": "1000000",
    "COMMAND_BURST": "1000000",
    "SOCKETS_PER_USER": "100000",
}
READY = '"type":"caught_up"'


class Natter(Server):
    """``count`` workers, each on a port of its own so that the load says who gets which socket."""

    name = "natter"
    title = "**Natter**, whole"
    settings: ClassVar[dict[str, str]] = SETTINGS

    count: ClassVar[int] = 1

    def __init__(self) -> None:
        super().__init__()
        self.ports = [self.port, *(free_port() for _ in range(self.count - 1))]
        self.workers: list[Process] = []
        self.topics: list[str] = []

    def start(self) -> None:
        """Database, bus, schema, workers."""
        self.postgres = Postgres(self.folder / "postgres")
        self.nats = Nats(self.folder / "nats")
        for role, server in (("database", self.postgres), ("broker", self.nats)):
            server.start()
            self._stack.callback(server.stop)
            self.pids[role] = [server.pid]
        environment = {
            "DATABASE_URL": self.postgres.url,
            "NATS_URL": self.nats.url,
            "DATA_DIR": str(self.folder / "data"),
            "PYTHONPATH": str(ROOT),
        } | self.settings
        migrating = self.run([sys.executable, "-m", "app.migrate"], environment, role="migration", core=LOAD_CORE)
        if migrating.wait():
            raise RuntimeError(self.said())
        del self.pids["migration"]
        for number, port in enumerate(self.ports):
            command = [sys.executable, "-m", "app.worker"]
            core = (SERVER_CORE, LOAD_CORE)[number % 2]
            self.workers.append(self.run(command, environment | {"PORT": str(port), "WORKERS": "1"}, core=core))
        self._wait_until_ready()

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        for port, worker in zip(self.ports, self.workers, strict=True):
            while not _is_ready(port):
                if worker.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(self.said())
                time.sleep(0.05)

    def in_database(self, work: Callable[[asyncpg.Connection], Awaitable[Answer]]) -> Answer:
        """What ``work`` gives, done on a connection of our own."""

        async def connected() -> Answer:
            database = await asyncpg.connect(self.postgres.url)
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(connected())

    def conversation(self, listeners: int, text_bytes: int = TEXT_BYTES) -> Audience:
        """All listeners are members, each with a page of the conversation open."""
        conversation_id, members = self.in_database(lambda database: crowd(database, listeners))
        self.topics = [f"conversation.{conversation_id}"]
        payload = message_ring(conversation_id, members[0].user, text_bytes)
        return self.audience(
            [self.chat_page(member, conversation_id) for member in members],
            targets=[(f"evt.{self.topics[0]}.message_sent", 0, payload)],
        )

    def everywhere(self, listeners: int) -> list[Audience]:
        """One conversation, with so many listeners on each worker; an audience for each of them."""
        conversation_id, members = self.in_database(lambda database: crowd(database, listeners * self.count))
        self.topics = [f"conversation.{conversation_id}"]
        payload = message_ring(conversation_id, members[0].user, TEXT_BYTES)
        audiences = []
        for number, port in enumerate(self.ports):
            self.port = port
            pages = [self.chat_page(member, conversation_id) for member in members[number :: self.count]]
            audiences.append(self.audience(pages, targets=[(f"evt.{self.topics[0]}.message_sent", 0, payload)]))
        self.port = self.ports[0]
        return audiences

    def notifications(self, users: int) -> Audience:
        """Each user has a page open, which listens to the user's own topic."""
        listeners = self.in_database(lambda database: people(database, users))
        self.topics = [f"user.{person.user.id}" for person in listeners]
        targets = [
            (f"evt.{topic}.notified", 0, notification_ring(person.user.id, person.user))
            for topic, person in zip(self.topics, listeners, strict=True)
        ]
        return self.audience([self.any_page(person) for person in listeners], targets=targets, to="one")

    def chat(self, conversations: int, senders: int) -> tuple[Audience, str]:
        """One conversation of all senders, or one for each sender with somebody else."""
        if conversations == 1:
            conversation_id, members = self.in_database(lambda database: crowd(database, senders))
            pages = [self.chat_page(member, conversation_id) for member in members]
        else:
            talks = self.in_database(lambda database: couples(database, senders))
            pages = [self.chat_page(couple[place], where) for place in (0, 1) for where, couple in talks]
        words = f'{{"type":"chat_message","message":"{stamped(TEXT_BYTES)}","client_id":"{UUID_PLACE}"}}'
        return self.audience(pages), words

    def pairs(self, sockets: int) -> Audience:
        """Two people in each conversation."""
        talks = self.in_database(lambda database: couples(database, sockets // 2))
        return self.audience([self.chat_page(person, where) for where, couple in talks for person in couple])

    def pages(self) -> tuple[dict[str, str], str]:
        """Of a reader who has all of it."""
        shown = asyncio.run(filled(self.postgres.url))
        paths = {"feed": "/", "chat": f"/conversations/{shown.conversation_id}/", "notifications": "/notifications/"}
        return paths, f"Cookie: natter_session={shown.secret};Accept: text/html"

    def transactions(self) -> int:
        """How many there were."""
        return self.in_database(transactions)

    def audience(self, sockets: list[tuple[str, ...]], **more: Any) -> Audience:
        """These sockets, on the first worker, and the way to publish as the application does."""
        broker = {"kind": "nats", "port": self.nats.port, "user": "natter", "password": self.nats.secret()}
        return Audience(self.address, sockets, opening={"ready": READY}, broker=broker, **more)

    def opened(self) -> None:
        """Let the topics' heads be ahead of what will be published."""
        if self.topics:
            self.in_database(lambda database: reach_ahead(database, self.topics))

    def chat_page(self, person: Person, conversation_id: UUID) -> tuple[str, ...]:
        """The socket of a conversation's page."""
        return (f"/ws/chat/{conversation_id}/", *self.headers(person))

    def any_page(self, person: Person) -> tuple[str, ...]:
        """The socket of every other page."""
        return ("/ws/notifications/", *self.headers(person))

    def headers(self, person: Person) -> tuple[str, str]:
        """What a browser sends along that is signed in."""
        return (f"Cookie: natter_session={person.secret}", f"Origin: http://{self.address}")


def _is_ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=2).status_code == 200
    except httpx.TransportError:
        return False


class TwoWorkers(Natter):
    """Two of them, one beside the load: what counts is what both use."""

    name = "natter-2"
    title = "**Natter**, 2 workers"
    count = 2


class FourWorkers(Natter):
    """Four, as four units would be."""

    name = "natter-4"
    title = "**Natter**, 4 workers"
    count = 4
