"""Without its database the site says so, soon and kindly, and is there again as soon as the database is."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.faults.proxy import Proxy
from tests.site import Person, Servers, Site, until
from unit.servers import Postgres


@pytest.fixture
async def lonely_site(tmp_path: Path) -> AsyncIterator[Site]:
    """A site with servers of its own, which may be killed."""
    servers = Servers(tmp_path)
    servers.start()
    site = Site(servers, tmp_path)
    site.start()
    yield site
    await site.close()
    site.stop()
    servers.stop()


def inflict(fault: str, postgres: Postgres) -> Callable[[], None]:
    """Let the database fail, and give what mends it."""
    if fault == "frozen":
        processes = [postgres.pid, *children(postgres.pid)]
        for process in processes:
            os.kill(process, signal.SIGSTOP)
        return lambda: [os.kill(process, signal.SIGCONT) for process in processes] and None
    postgres.kill() if fault == "killed" else postgres.stop()
    return postgres.start


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@pytest.mark.parametrize("fault", ["stopped", "killed", "frozen"])
async def test_a_site_without_database_says_503_until_it_is_back(lonely_site: Site, fault: str) -> None:
    site, postgres = lonely_site, lonely_site.servers.postgres
    alice = await site.signs_in("alice")
    end = inflict(fault, postgres)
    began = time.monotonic()
    assert (await alice.shakes_hands("/ws/notifications/")).status_code == 503
    assert time.monotonic() - began < 6
    for _ in range(3):
        began = time.monotonic()
        answer = await alice.get("/")
        assert time.monotonic() - began < 6
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "2"
        page = await alice.opens("/")
        assert page.status_code == 503
        assert "We will be right back" in page.text

    async def is_unready() -> bool:
        return (await alice.http.get("/readyz")).status_code == 503

    await until(is_unready)
    assert (await alice.http.get("/healthz")).status_code == 200
    end()

    async def is_back() -> bool:
        return (await alice.get("/")).status_code == 200

    await until(is_back)


@pytest.fixture
async def far_site(tmp_path: Path) -> AsyncIterator[tuple[Site, Proxy]]:
    """A site with a way to its database that may be cut off."""
    servers = Servers(tmp_path)
    servers.start()
    way = Proxy("127.0.0.1", servers.postgres.port)
    way.start()
    url = servers.postgres.url.replace(f":{servers.postgres.port}/", f":{way.port}/")
    site = Site(servers, tmp_path, database_url=url, database_connections=4)
    site.start()
    yield site, way
    await site.close()
    site.stop()
    way.stop()
    servers.stop()


@pytest.mark.parametrize("seconds", [4, 12])
async def test_connections_that_a_black_hole_left_silent_for_ever_are_given_up(
    far_site: tuple[Site, Proxy], seconds: float
) -> None:
    """As when a firewall between them loses its table: nothing is refused, and nothing is ever answered."""
    site, way = far_site
    alice, visitor = await site.signs_in("alice"), await site.visitor()
    asks = usual_asks(alice, visitor)
    way.swallow()
    answers = await asks_on(asks, seconds, 50)
    way.pass_on(reset=False)
    over = time.monotonic()
    assert max(answer.took for given in answers.values() for answer in given) < 6
    assert {answer.status for name in ("feed", "POST") for answer in answers[name]} == {503}
    for ask in asks.values():

        async def works(ask: Ask = ask) -> bool:
            return (await ask()).status_code < 500

        await until(works, 20)
    assert time.monotonic() - over < 10
    answers = await asks_on(asks, 8, 50)
    assert max(answer.took for given in answers.values() for answer in given) < 1
    assert {answer.status for given in answers.values() for answer in given} == {200, 201, 404}


class Answered(NamedTuple):
    """An answer: when it was asked for, in seconds since the fault; how long it took; its status."""

    asked: float
    took: float
    status: int


Ask = Callable[[], Awaitable[httpx.Response]]


async def asks_on(asks: dict[str, Ask], seconds: float, times: int) -> dict[str, list[Answered]]:
    """Ask each of these so many times, evenly spread over so long, without waiting for the answers before."""
    began = time.monotonic()
    answers: dict[str, list[Answered]] = {name: [] for name in asks}

    async def once(name: str) -> None:
        asked = time.monotonic()
        answer = await asks[name]()
        answers[name].append(Answered(asked - began, time.monotonic() - asked, answer.status_code))

    async with asyncio.TaskGroup() as group:
        for turn in range(times):
            for name in asks:
                group.create_task(once(name))
            await asyncio.sleep(max(0.0, began + (turn + 1) * seconds / times - time.monotonic()))
    return answers


def usual_asks(alice: Person, visitor: Person) -> dict[str, Ask]:
    return {
        "/": lambda: visitor.opens("/posts"),
        "/login": lambda: visitor.opens("/login"),
        "/healthz": lambda: visitor.get("/healthz"),
        "feed": lambda: alice.opens("/"),
        "picture": lambda: visitor.opens("/media/avatars/alice.jpg"),
        "nothing": lambda: alice.opens("/nothing"),
        "POST": lambda: alice.post("/posts", {"body": "Is anybody there?"}),
    }


async def test_no_page_hangs_while_the_database_is_frozen_and_each_works_at_once_when_it_goes_on(
    lonely_site: Site,
) -> None:
    alice, visitor = await lonely_site.signs_in("alice"), await lonely_site.visitor()
    asks = usual_asks(alice, visitor)
    go_on = inflict("frozen", lonely_site.servers.postgres)
    try:
        answers = await asks_on(asks, 12, 50)
    finally:
        go_on()
    resumed = time.monotonic()
    for name, given in answers.items():
        slowest = max(given, key=lambda answer: answer.took)
        assert slowest.took < 3, (name, slowest)
        known = max(answer.took for answer in given if answer.asked > 3)
        assert known < 0.5, (name, "is refused at once by then", known)
        late = {answer.status for answer in given if answer.asked > 3}
        assert late == {200 if name == "/healthz" else 503}, name
    stored = 0
    for name, ask in asks.items():

        async def works(name: str = name, ask: Ask = ask) -> bool:
            return (await ask()).status_code == (201 if name == "POST" else 404 if name == "nothing" else 200)

        await until(works)
        stored += name == "POST"
    assert time.monotonic() - resumed < 2
    # Who was refused was refused: nothing of it comes true later.
    assert len((await alice.get("/")).json()["items"]) == stored
