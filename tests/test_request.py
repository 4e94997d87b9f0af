"""Who sent a request: the address that the outermost of our own proxies saw, and nothing that the sender made up."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.site import Servers, Site

MADE_UP, REAL = "203.0.113.9", "198.51.100.7"


@pytest.fixture
def proxied_site(servers: Servers, tmp_path: Path) -> Iterator[Site]:
    site = Site(servers, tmp_path, trusted_proxies=1)
    site.start()
    yield site
    site.stop()


@pytest.mark.parametrize("lines", [[f"{MADE_UP}, {REAL}"], [MADE_UP, REAL], [f"{MADE_UP}, {MADE_UP}", REAL], [REAL]])
async def test_the_last_hop_counts_however_a_proxy_writes_it(proxied_site: Site, lines: list[str]) -> None:
    alice = await proxied_site.signs_in("alice")
    # HAProxy and others add a line of their own below those of the sender.
    headers = httpx.Headers([*(("x-forwarded-for", line) for line in lines), ("accept", "application/json")])
    entered = {"username": "alice", "password": "correct horse", "label": lines[0]}
    made = await alice.http.post("/tokens", json=entered, headers=headers)
    assert made.status_code == 201, made.text
    sessions = (await alice.get("/settings")).json()["sessions"]
    assert {session["address"] for session in sessions if session["kind"] == "token"} >= {REAL}
    assert MADE_UP not in {session["address"] for session in sessions}
    await proxied_site.close()
