"""An operator without a password publishes a notification, and it is there: by the real command, and by hand."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest

from tests.live.nats_command import folder_of_nats
from tests.live.sockets import Frame, Socket, on_two_workers
from tests.live.units import Unit
from tests.site import Person
from tests.unit.running import ROOT
from unit.ports import LOOPBACK

LINE = (
    """nats pub notify.alice '{"message":"Deploy finished","notification_type":"System","data":{"action_url":"/"}}'"""
)

Pages = tuple[Socket, Socket]


@pytest.fixture
async def at_alice(home: Unit, alice: Person) -> Pages:
    """Two pages of hers, at the two workers of the unit: wherever it is stored, one of them is elsewhere."""
    pages = await on_two_workers(alice, "/ws/notifications/", home.url)
    assert pages[0].worker != pages[1].worker
    return pages


def types(line: str, folder: Path, **variables: str) -> str:
    """What a shell says to the line; the home folder is empty, so no settings of the nats command interfere."""
    environment = {"PATH": f"{folder_of_nats()}:{os.environ['PATH']}", "HOME": str(folder), **variables}
    done = subprocess.run(line, shell=True, env=environment, capture_output=True, text=True, timeout=20)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


async def assert_it_is_there(alice: Person, at_alice: Pages, message: str) -> Frame:
    [seen, other] = [await page.sees("notification", message=message) for page in at_alice]
    assert seen == other
    facts = {name: value for name, value in seen.items() if name not in ("type", "seq")}
    assert (await alice.get("/notifications/")).json()["items"][0] == facts
    assert facts["notification_type"] == "System"
    assert facts["actor"] is None
    assert facts["read"] is False
    return facts


async def test_the_line_of_the_readme(home: Unit, alice: Person, at_alice: Pages, tmp_path: Path) -> None:
    assert LINE in (ROOT / "README.md").read_text()
    # The tests' NATS has another port than 4222.
    server = f"nats://{LOOPBACK}:{home.nats_port}"
    said = await asyncio.to_thread(types, LINE, tmp_path, NATS_URL=server)
    assert "Published" in said
    facts = await assert_it_is_there(alice, at_alice, "Deploy finished")
    assert facts["data"] == {"action_url": "/"}


async def test_the_line_that_the_unit_prints(home: Unit, alice: Person, at_alice: Pages, tmp_path: Path) -> None:
    [line] = [line for line in home.said.splitlines() if line.strip().startswith("nats pub")]
    await asyncio.to_thread(types, line, tmp_path)
    await assert_it_is_there(alice, at_alice, "Deploy finished")


async def test_anything_that_speaks_the_protocol_of_nats(home: Unit, alice: Person, at_alice: Pages) -> None:
    payload = b'{"message":"Written by hand"}'
    assert await by_hand(home, b"PUB notify.alice %d\r\n%b\r\n" % (len(payload), payload)) == []
    await assert_it_is_there(alice, at_alice, "Written by hand")


async def test_without_a_password_nothing_else_is_allowed(home: Unit, alice: Person, at_alice: Pages) -> None:
    ring = b'{"seq":1,"event":{"type":"notified","user_id":1,"notification":{},"unread":9}}'
    subject = f"evt.user.{alice.id}.notified".encode()
    [refused] = await by_hand(home, b"PUB %b %d\r\n%b\r\n" % (subject, len(ring), ring))
    assert b"Permissions Violation for Publish" in refused
    [refused] = await by_hand(home, b"SUB > 1\r\n")
    assert b"Permissions Violation for Subscription" in refused


async def by_hand(unit: Unit, said: bytes) -> list[bytes]:
    """Say this to NATS as nobody in particular, and give its complaints."""
    reader, writer = await asyncio.open_connection(LOOPBACK, unit.nats_port)
    assert (await reader.readline()).startswith(b"INFO {")
    writer.write(b'CONNECT {"verbose":false}\r\n' + said + b"PING\r\n")
    complaints = []
    async with asyncio.timeout(5):
        while (answer := await reader.readline()) != b"PONG\r\n":
            complaints.append(answer)
    writer.close()
    return complaints
