"""A running Natter for tests: its servers, one worker in a process of its own, and people who use it by HTTP."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from tests.sockets import RawSocket, Socket, address
from tests.streams import Stream, query
from unit.servers import Nats, Postgres, free_port

ROOT = Path(__file__).parent.parent
PASSWORD = "correct horse"
DEADLINE = 10.0
# A worker imports much before it serves; on a machine that does other things too, that takes a while.
STARTING = 30.0


async def until(holds: Callable[[], Awaitable[Any]], seconds: float = DEADLINE) -> Any:
    """Wait until ``holds`` gives something true, and give that. Raises AssertionError after ``seconds``."""
    end = time.monotonic() + seconds
    while not (found := await holds()):
        assert time.monotonic() < end, f"{holds} did not come true within {seconds} s"
        await asyncio.sleep(0.02)
    return found


async def empty(database_url: str) -> None:
    """Delete the rows of all tables but those that make the site this one.

    Topics stay too, with what they logged: a relay that still holds one (``author.everyone``) counts on.
    """
    connection = await asyncpg.connect(database_url)
    try:
        found = await connection.fetch(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
            "AND tablename NOT IN ('site', 'tortoise_migrations', 'topics', 'log')"
        )
        while True:
            try:
                await connection.execute("TRUNCATE " + ", ".join(f'"{row[0]}"' for row in found))
                break
            except asyncpg.DeadlockDetectedError:
                continue  # a worker was just reading the same tables in another order
    finally:
        await connection.close()


class Servers:
    """PostgreSQL and NATS of this test run, on free ports; the schema is up to date."""

    def __init__(self, folder: Path) -> None:
        self.postgres = Postgres(folder / "postgres", fsync=False)
        self.nats = Nats(folder / "nats")

    def start(self) -> None:
        self.postgres.start()
        self.nats.start()
        self.migrate(self.postgres.url)

    def migrate(self, database_url: str) -> None:
        environment = self.environment(database_url=database_url)
        subprocess.run([sys.executable, "-m", "app.migrate"], cwd=ROOT, env=environment, check=True)

    def quiet_database(self) -> str:
        """The URL of a second database, which no worker looks at: nothing happens in it but what a test does."""
        asyncio.run(self._make_database("quiet"))
        url = self.postgres.url.rpartition("/")[0] + "/quiet"
        self.migrate(url)
        return url

    async def _make_database(self, name: str) -> None:
        connection = await asyncpg.connect(self.postgres.url)
        try:
            await connection.execute(f"CREATE DATABASE {name}")
        finally:
            await connection.close()

    def stop(self) -> None:
        self.nats.stop()
        self.postgres.stop()

    def environment(self, **settings: object) -> dict[str, str]:
        """The environment of a worker of this site."""
        urls = {"DATABASE_URL": self.postgres.url, "NATS_URL": self.nats.url}
        return {**os.environ, **urls, **{name.upper(): str(value) for name, value in settings.items()}}


class Site:
    """One worker, and the people who signed in through it."""

    def __init__(self, servers: Servers, folder: Path, program: str = "app.worker", **settings: object) -> None:
        self.servers = servers
        self.program = program
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / f"worker-{self.port}.log"
        self.settings = {"port": self.port, "workers": 1, "data_dir": folder} | settings
        self.people: list[Person] = []

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", self.program],
                cwd=ROOT,
                env=self.servers.environment(**self.settings),
                stdout=log,
                stderr=log,
            )
        end = time.monotonic() + STARTING
        while not self.is_ready():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.05)

    def is_ready(self) -> bool:
        try:
            return httpx.get(f"{self.url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(DEADLINE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    async def empty(self) -> None:
        """Forget everything but the site's secret and epoch. Ids go on: old topics never come back."""
        await empty(self.servers.postgres.url)

    async def close(self) -> None:
        for person in self.people:
            await person.http.aclose()
        self.people.clear()

    async def visitor(self, **headers: str) -> Person:
        """Somebody who is not signed in, with the CSRF token of their first page."""
        person = Person(self, headers)
        self.people.append(person)
        await person.reads_token("/login")
        return person

    async def signs_in(self, username: str, **headers: str) -> Person:
        """Somebody of the cast in a browser of their own; their account is made when there is none."""
        person = await self.visitor(**headers)
        entered = {"username": username, "password": PASSWORD}
        answer = await person.post("/register", entered | {"display_name": username.title()})
        if answer.status_code == 409:
            answer = await person.post("/login", entered)
        assert answer.is_success, answer.text
        person.facts = answer.json()
        person.csrf = answer.headers["x-csrf-token"]
        return person


class Person:
    """A browser, or a program, that keeps its cookies and shows its CSRF token. Talks JSON unless told otherwise."""

    def __init__(self, site: Site, headers: dict[str, str]) -> None:
        self.site = site
        self.http = httpx.AsyncClient(base_url=site.url, headers=headers, timeout=DEADLINE)
        self.csrf = ""
        self.facts: dict[str, Any] = {}

    @property
    def id(self) -> int:
        return int(self.facts["id"])

    async def reads_token(self, path: str) -> None:
        self.csrf = (await self.get(path)).json()["csrf_token"]

    async def get(self, path: str, **headers: str) -> httpx.Response:
        return await self.http.get(path, headers={"accept": "application/json"} | headers)

    async def post(self, path: str, json: object = None) -> httpx.Response:
        return await self._send("POST", path, json)

    async def put(self, path: str, json: object = None) -> httpx.Response:
        return await self._send("PUT", path, json)

    async def delete(self, path: str) -> httpx.Response:
        return await self._send("DELETE", path, None)

    def socket_headers(self) -> dict[str, str]:
        """What this browser sends with a handshake: its cookies, and the origin of its page."""
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.http.cookies.jar)
        return {"Cookie": cookies, "Origin": self.site.url}

    def listens(self, path: str, *, after: int | None = None, epoch: str | None = None) -> Socket:
        """A socket of this browser: ``async with bob.listens(…) as page:``."""
        return Socket(address(self.site.url, path, after=after, epoch=epoch), self.socket_headers())

    def connects(self, path: str, *, buffer_bytes: int | None = None) -> RawSocket:
        """The same, as bytes."""
        return RawSocket(address(self.site.url, path), self.socket_headers(), buffer_bytes=buffer_bytes)

    def streams(self, *, last_id: str = "", buffer_bytes: int = 2**20, **places: object) -> Stream:
        """An event stream of this browser: ``async with bob.streams(notifications=0, chat=(chat, 4)) as page:``."""
        headers = self.stream_headers() | ({"Last-Event-ID": last_id} if last_id else {})
        return Stream(f"{self.site.url}/sse/?{query(**places)}", headers, buffer_bytes=buffer_bytes)

    def stream_headers(self) -> dict[str, str]:
        """What this browser sends when a page of the site opens a stream: there is no ``Origin``."""
        return {"Cookie": self.socket_headers()["Cookie"], "Sec-Fetch-Site": "same-origin"}

    async def asks_for_a_stream(self, query: str, **headers: str | None) -> httpx.Response:
        """The answer to a request for a stream that is refused; ``None`` leaves a header away."""
        given = {"accept": "text/event-stream", "sec_fetch_site": "same-origin"} | headers
        sent = {name.replace("_", "-"): value for name, value in given.items() if value is not None}
        return await self.http.get(f"/sse/?{query}", headers=sent)

    async def commands(self, kind: str, **fields: object) -> httpx.Response:
        """A command by HTTP."""
        return await self.post("/commands", {"type": kind} | fields)

    async def shakes_hands(self, path: str, **headers: str | None) -> httpx.Response:
        """The answer to a handshake that is refused; ``None`` leaves a header away."""
        given = {
            "upgrade": "websocket",
            "connection": "Upgrade",
            "sec_websocket_version": "13",
            "sec_websocket_key": "dGhlIHNhbXBsZSBub25jZQ==",
            "origin": self.site.url,
        } | headers
        sent = {name.replace("_", "-"): value for name, value in given.items() if value is not None}
        return await self.http.get(path, headers=sent)

    async def starts_conversation(self, *others: Person, title: str = "") -> str:
        """The id of a conversation with these people."""
        names = [other.facts["username"] for other in others]
        answer = await self.post("/conversations/", {"usernames": names, "title": title})
        assert answer.is_success, answer.text
        return str(answer.json()["id"])

    async def writes(self, conversation: str, text: str) -> dict[str, Any]:
        """The frame of a message sent by HTTP."""
        answer = await self.post(f"/conversations/{conversation}/messages", {"message": text})
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    async def opens(self, path: str) -> httpx.Response:
        """The page, as a browser asks for it."""
        return await self.http.get(path, headers={"accept": "text/html"})

    async def submits(self, path: str, **fields: str) -> httpx.Response:
        """A form of a page without script; ``method`` stands for the field ``_method``."""
        if "method" in fields:
            fields["_method"] = fields.pop("method")
        form = {"csrf_token": self.csrf} | fields
        return await self.http.post(path, data=form, headers={"accept": "text/html"})

    async def _send(self, method: str, path: str, json: object) -> httpx.Response:
        headers = {"accept": "application/json", "x-csrf-token": self.csrf}
        return await self.http.request(method, path, json=json, headers=headers)
