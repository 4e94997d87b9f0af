"""The demo's cast."""

import subprocess
import sys

from tests.site import ROOT, Servers, Site


def run_demo(servers: Servers) -> str:
    command = [sys.executable, "-m", "app.demo"]
    return subprocess.run(
        command, cwd=ROOT, env=servers.environment(), check=True, capture_output=True, text=True
    ).stdout


async def test_the_demo_fills_the_site_once(servers: Servers, site: Site) -> None:
    said = run_demo(servers)
    assert said == "Log in as alice, bob, carol, dave, erin, frank; everybody's password is natter-demo\n"
    visitor = await site.visitor()
    posts = (await visitor.get("/posts")).json()["items"]
    assert len(posts) == 6
    assert run_demo(servers) == said
    assert (await visitor.get("/posts")).json()["items"] == posts
    alice = await visitor.post("/login", {"username": "alice", "password": "natter-demo"})
    assert (alice.status_code, alice.json()["is_verified"]) == (200, True)
    assert (await visitor.get("/@dave/")).json()["is_admin"] is True
