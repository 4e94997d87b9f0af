"""Without its database the site says so, soon and kindly, and is there again as soon as the database is."""

import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from tests.site import Servers, Site, until
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
