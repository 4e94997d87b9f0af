"""The shipped nginx in front of two real units: sockets, uploads, addresses, streams, lost units, smuggling."""

import asyncio
import io
import json
import os
import signal
import socket
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from PIL import Image

from tests.deploy.front import Front
from tests.live.units import Unit
from tests.site import DEADLINE, Person, until
from unit.ports import free_port

ELSEWHERE = "203.0.113.9"
AT_ONCE = 2.0


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("nginx")


@pytest.fixture(scope="module")
def first(folder: Path) -> Iterator[Unit]:
    unit = Unit(folder, "first").starts(WORKERS="1", TRUSTED_PROXIES="1", REGISTERS_PER_ADDRESS="2")
    yield unit
    unit.ends()


@pytest.fixture(scope="module")
def second(folder: Path, first: Unit) -> Iterator[Unit]:
    unit = Unit(folder, "second").joins(first, WORKERS="1", TRUSTED_PROXIES="1", REGISTERS_PER_ADDRESS="2")
    yield unit
    unit.ends()


@pytest.fixture(scope="module")
def running_front(folder: Path, first: Unit, second: Unit) -> Iterator[Front]:
    front = Front(folder / "front", first.port, second.port)
    front.start()
    yield front
    front.stop()


@pytest.fixture
async def site(running_front: Front) -> AsyncIterator[Front]:
    """Where the cast signs in."""
    yield running_front
    await running_front.close()


def worker_of(unit: Unit) -> int:
    children = psutil.Process(unit.process.pid).children(recursive=True)
    return next(child.pid for child in children if "app.worker" in child.cmdline())


async def test_pages_come_from_both_units(site: Front, alice: Person) -> None:
    async def workers() -> bool:
        seen = {(await alice.get("/posts")).headers["x-natter-worker"] for _ in range(8)}
        return len(seen) == 2

    await until(workers)


async def test_sockets_pass_and_cross_between_the_units(site: Front, alice: Person, bob: Person) -> None:
    conversation = await alice.starts_conversation(bob)
    pages = [bob.listens(f"/ws/chat/{conversation}/") for _ in range(4)]
    async with pages[0], pages[1], pages[2], pages[3]:
        workers = {page._connection.response.headers["x-natter-worker"] for page in pages}
        assert len(workers) == 2
        for page in pages:
            await page.is_live()
        await pages[0].says("chat_message", message="through nginx")
        for page in pages:
            await page.sees("chat_message", message="through nginx")
            await page.pings()


async def test_a_foreign_page_opens_no_socket(site: Front, bob: Person) -> None:
    refused = await bob.shakes_hands("/ws/notifications/", origin="http://example.org")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "foreign_origin")


async def test_a_picture_is_uploaded(site: Front, alice: Person) -> None:
    noise = Image.frombytes("RGB", (1100, 1100), os.urandom(3 * 1100 * 1100))
    picture = io.BytesIO()
    noise.save(picture, "PNG")
    assert 3_000_000 < len(picture.getvalue()) < 5 * 1024 * 1024
    answer = await alice.http.put(
        "/settings/avatar",
        files={"avatar": ("me.png", picture.getvalue(), "image/png")},
        headers={"x-csrf-token": alice.csrf, "accept": "application/json"},
    )
    assert answer.status_code == 200, answer.text
    assert (await alice.http.get("/media/avatars/alice.jpg")).headers["content-type"] == "image/jpeg"


async def test_what_is_too_large_is_refused_by_natter_itself(site: Front, alice: Person) -> None:
    headers = {"x-csrf-token": alice.csrf, "accept": "application/json", "content-type": "application/json"}
    answer = await alice.http.post("/posts", content=b"x" * 9_000_000, headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


async def test_the_address_is_the_one_that_nginx_sees(site: Front) -> None:
    for claimed in (ELSEWHERE, f"{ELSEWHERE}, 127.0.0.1", "127.0.0.1, 127.0.0.1"):
        person = await site.signs_in("carol", **{"x-forwarded-for": claimed})
        sessions = (await person.get("/settings")).json()["sessions"]
        assert next(session["address"] for session in sessions if session["current"]) == "127.0.0.1"


def own_address() -> str:
    """An address of this machine that is not the loopback; no packet leaves for it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((ELSEWHERE, 9))
            return str(probe.getsockname()[0])
        except OSError:
            pytest.skip("this machine has no address but the loopback")


async def test_limits_count_the_real_address(site: Front, folder: Path, first: Unit, second: Unit) -> None:
    outside = Front(folder / "outside", first.port, second.port, own_address())
    outside.start()
    try:
        statuses = []
        for number in range(4):
            # Each time from another address, if one believed it.
            visitor = await outside.visitor(**{"x-forwarded-for": f"203.0.113.{number}"})
            entered = {"username": f"robot{number}", "password": "correct horse"}
            statuses.append((await visitor.post("/register", entered)).status_code)
        assert statuses == [201, 201, 429, 429]
        # From this machine itself there is no limit.
        assert (await site.signs_in("dora")).facts["username"] == "dora"
    finally:
        await outside.close()
        outside.stop()


async def test_numbers_are_not_for_the_public(site: Front) -> None:
    visitor = await site.visitor()
    for path in ("/metrics", "/metrics/", "//metrics", "/./metrics", "/%6detrics"):
        answer = await visitor.http.get(path)
        assert answer.status_code != 200
        assert "natter_sockets" not in answer.text
    assert (await visitor.http.get("/healthz")).status_code == 200
    assert (await visitor.http.get("/readyz")).status_code == 200


# Units that fail


async def test_a_unit_that_does_not_answer_is_left_out(site: Front, second: Unit) -> None:
    """Killed, its worker is replaced soon; meanwhile nobody notices."""
    visitor = await site.visitor()
    victim = worker_of(second)
    os.kill(victim, signal.SIGKILL)
    assert [(await visitor.get("/posts")).status_code for _ in range(20)] == [200] * 20

    async def both() -> bool:
        return len({(await visitor.get("/posts")).headers["x-natter-worker"] for _ in range(8)}) == 2

    await until(both, 30)


async def test_a_unit_that_is_not_ready_is_left_out(folder: Path, first: Unit) -> None:
    async with Stream() as unready:
        unready.head = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        unready.go_on.set()
        front = Front(folder / "unready", first.port, unready.port)
        front.start()
        try:
            visitor = await front.visitor()
            assert [(await visitor.get("/posts")).status_code for _ in range(20)] == [200] * 20
            # The workers of nginx share what they know of units.
            assert 1 <= unready.asked <= 6
            bob = await front.signs_in("bob")
            for _ in range(6):
                async with bob.listens("/ws/notifications/") as page:
                    await page.is_live()
        finally:
            await front.close()
            front.stop()


async def test_asking_whether_it_is_ready_counts_nobody_out(folder: Path) -> None:
    async with Stream() as unready:
        unready.head = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        unready.go_on.set()
        front = Front(folder / "asked", unready.port, unready.port)
        front.start()
        try:
            async with httpx.AsyncClient(base_url=front.url) as client:
                answers = [await client.get("/readyz") for _ in range(12)]
            assert [(answer.status_code, answer.text) for answer in answers] == [(503, "")] * 12
            assert unready.asked == 12
        finally:
            front.stop()


async def test_without_any_unit_there_is_a_friendly_page(folder: Path) -> None:
    front = Front(folder / "alone", free_port(), free_port())
    front.start()
    try:
        async with httpx.AsyncClient(base_url=front.url) as client:
            for _ in range(6):
                page = await client.get("/", headers={"accept": "text/html"})
                assert (page.status_code, page.headers["retry-after"]) == (503, "2")
                assert "We will be right back" in page.text
                program = await client.post("/posts", headers={"accept": "application/json"}, json={})
                assert (program.status_code, program.json()["error"]["code"]) == (503, "unavailable")
    finally:
        front.stop()


# Streams


class Stream:
    """A server that begins an answer and does not end it until it is told to."""

    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: first\n\n"

    def __init__(self) -> None:
        self.go_on = asyncio.Event()
        self.asked = 0

    async def __aenter__(self) -> "Stream":
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", 0)
        self.port = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *error: object) -> None:
        self.server.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.asked += 1
        self.says = writer.write
        writer.write(self.head)
        await self.go_on.wait()
        writer.write(b"data: last\n\n")
        writer.close()


@asynccontextmanager
async def frames(person: Person, query: str, last_id: str = "") -> AsyncIterator[AsyncIterator[tuple[str, Any]]]:
    """The id and the frame of each event, as nginx hands them on (in chunks)."""
    headers = person.stream_headers() | ({"Last-Event-ID": last_id} if last_id else {})
    async with person.http.stream("GET", f"/sse/?{query}", headers=headers) as answer:
        assert answer.status_code == 200

        async def events() -> AsyncIterator[tuple[str, Any]]:
            event_id = ""
            async for line in answer.aiter_lines():
                name, _, said = line.partition(": ")
                if name == "id":
                    event_id = said
                elif name == "data":
                    yield event_id, json.loads(said)

        yield events()


async def sees(events: AsyncIterator[tuple[str, Any]], kind: str, **fields: Any) -> tuple[str, Any]:
    async with asyncio.timeout(DEADLINE):
        async for event_id, frame in events:
            if frame["type"] == kind and fields.items() <= frame.items():
                return event_id, frame
    raise AssertionError(f"the stream ended before {kind} {fields}")


async def test_a_page_on_a_stream_sees_everything_at_once(site: Front, alice: Person, bob: Person) -> None:
    conversation = await alice.starts_conversation(bob)
    topic = f"conversation.{conversation}"
    async with frames(alice, f"notifications=0&chat={conversation}:") as hers:
        await sees(hers, "caught_up", topic=topic)
        for number in range(3):
            began = time.monotonic()
            text = f"streamed {number}"
            assert (await bob.commands("chat_message", conversation_id=conversation, message=text)).status_code == 204
            last_id, _ = await sees(hers, "chat_message", message=text)
            assert time.monotonic() - began < AT_ONCE
    missed = await bob.writes(conversation, "while away")
    async with frames(alice, "notifications=0", last_id) as hers:
        _, hello = await sees(hers, "hello", topic=topic)
        assert hello["resumed"]
        _, frame = await sees(hers, "chat_message")
        assert frame == missed | {"topic": topic}


async def test_events_are_not_held_back(folder: Path) -> None:
    """By nginx itself: this server does not ask for it in ``X-Accel-Buffering``, as Natter does."""
    async with Stream() as stream:
        front = Front(folder / "stream", stream.port, stream.port)
        front.start()
        try:
            async with (
                httpx.AsyncClient(base_url=front.url, timeout=5) as client,
                client.stream("GET", "/sse/?notifications=1") as answer,
            ):
                pieces = answer.aiter_bytes()
                assert await anext(pieces) == b"data: first\n\n"
                for number in range(3):
                    stream.says(b"data: %d\n\n" % number)
                    assert await anext(pieces) == b"data: %d\n\n" % number
                stream.go_on.set()
                assert await anext(pieces) == b"data: last\n\n"
        finally:
            front.stop()


# Smuggling: one request is one request, for nginx and for the unit behind it.

HEAD = b"POST /posts HTTP/1.1\r\nHost: natter.example\r\nAccept: application/json\r\n"
HIDDEN = b"GET /smuggled HTTP/1.1\r\nHost: natter.example\r\n\r\n"

REFUSED = {
    "a length and chunks": HEAD + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "chunks and a length": HEAD + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n" + HIDDEN,
    "two lengths": HEAD + b"Content-Length: 0\r\nContent-Length: %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "two equal lengths": HEAD + b"Content-Length: 0\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
    "a list of lengths": HEAD + b"Content-Length: 0, 0\r\n\r\n" + HIDDEN,
    "a signed length": HEAD + b"Content-Length: +0\r\n\r\n" + HIDDEN,
    "two codings": HEAD + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n" + HIDDEN,
    "an unknown coding": HEAD + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a space before the colon": b"GET /posts HTTP/1.1\r\nHost : natter.example\r\n\r\n" + HIDDEN,
    "a length behind a space": HEAD + b"Content-Length : %d\r\n\r\n" % len(HIDDEN) + HIDDEN,
    "two hosts": b"GET /posts HTTP/1.1\r\nHost: natter.example\r\nHost: other.example\r\n\r\n" + HIDDEN,
    "no host": b"GET /posts HTTP/1.1\r\nAccept: */*\r\n\r\n" + HIDDEN,
    "a folded line": HEAD + b"X-One: a\r\n Content-Length: 3\r\n\r\n" + HIDDEN,
    "a hexadecimal prefix": HEAD + b"Transfer-Encoding: chunked\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n" + HIDDEN,
    "a chunk of negative size": HEAD + b"Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n0\r\n\r\n" + HIDDEN,
    "a NUL in a value": HEAD + b"X-One: a\0b\r\nContent-Length: 0\r\n\r\n" + HIDDEN,
    "a name that is none": HEAD + b"Transfer-Encoding\x0b: chunked\r\n\r\n0\r\n\r\n" + HIDDEN,
}

# What nginx reads leniently and says again in one way only; so both read the same.
LAST = b"GET /smuggled HTTP/1.1\r\nHost: natter.example\r\nConnection: close\r\n\r\n"
MADE_PLAIN = {
    "bare LF": (b"GET /posts HTTP/1.1\nHost: natter.example\nAccept: application/json\n\n" + LAST, 2),
    "bare LF in a chunk": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\n{}\r\n0\r\n\r\n" + LAST, 2),
    "a chunk with an extension": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n2;a=b\r\n{}\r\n0\r\n\r\n" + LAST, 2),
    "an underscore": (HEAD + b"Content_Length: 99\r\nContent-Length: 2\r\n\r\n{}" + LAST, 2),
}


def smuggled(*units: Unit) -> int:
    """How often a unit was asked for what was hidden."""
    return sum(unit.said.count('"route": null') for unit in units)


@pytest.mark.parametrize("said", REFUSED.values(), ids=REFUSED)
async def test_smuggling_is_refused(site: Front, first: Unit, second: Unit, said: bytes) -> None:
    before = smuggled(first, second)
    heard = await site.answers(said)
    assert heard.startswith((b"HTTP/1.1 400 ", b"HTTP/1.1 501 ")), heard[:200]
    assert heard.count(b"HTTP/1.1 ") == 1
    assert smuggled(first, second) == before
    assert "Traceback" not in first.said + second.said


@pytest.mark.parametrize(("said", "answered"), MADE_PLAIN.values(), ids=MADE_PLAIN)
async def test_what_nginx_reads_leniently_both_read_alike(
    site: Front, first: Unit, second: Unit, said: bytes, answered: int
) -> None:
    before = smuggled(first, second)
    heard = await site.answers(said)
    assert heard.count(b"HTTP/1.1 ") == answered, heard
    assert smuggled(first, second) == before + 1, "the last request, which is a request"
