"""A worker is killed, a unit is stopped: pages go on elsewhere, with nothing missing and nothing twice."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import httpx
import psutil
import pytest

from tests.live.sockets import on_two_workers
from tests.live.units import Unit
from tests.pages import ChatPage
from tests.site import Person, until

MESSAGES = 60
KILLED_AFTER = 20


@pytest.fixture
async def conversation(alice: Person, bob: Person) -> str:
    carol_too = {"usernames": [bob.facts["username"], "carol"], "title": "Endings"}
    await alice.site.signs_in("carol")
    return str((await alice.post("/conversations/", carol_too)).json()["id"])


@pytest.fixture
async def whole(home: Unit) -> AsyncIterator[Unit]:
    """The unit, with all its workers; also for whoever comes after us."""
    yield home
    await until(lambda: _serves(home), 20)


async def _serves(unit: Unit) -> bool:
    try:
        async with httpx.AsyncClient() as client:
            return (await client.get(f"{unit.url}/readyz")).status_code == 200
    except httpx.TransportError:
        return False


def workers_of(unit: Unit) -> list[int]:
    children = psutil.Process(unit.process.pid).children(recursive=True)
    return [child.pid for child in children if "app.worker" in child.cmdline()]


async def says(author: Person, conversation: str, text: str) -> None:
    """Send it as a page does: again, with the same id, until it is acknowledged."""
    message = {"message": text, "client_id": str(uuid4())}

    async def acknowledged() -> bool:
        try:
            return (await author.post(f"/conversations/{conversation}/messages", message)).is_success
        except httpx.TransportError:
            return False

    await until(acknowledged)


async def on_both_workers(person: Person, conversation: str, unit: Unit) -> list[ChatPage]:
    """Two open pages of the conversation, at the two workers of the unit."""
    first = ChatPage(person, conversation)
    await first.opens(unit.url)
    for _ in range(64):
        second = ChatPage(person, conversation)
        await second.opens(unit.url)
        if second.socket.worker != first.socket.worker:
            return [first, second]
        await second.loses_the_line()
    raise AssertionError("every socket came to the same worker")


async def test_pages_of_a_killed_worker_go_on_at_another(
    whole: Unit, alice: Person, bob: Person, conversation: str
) -> None:
    pages = await on_both_workers(alice, conversation, whole)
    at_first = {page: page.socket.worker for page in pages}
    victim = workers_of(whole)[0]
    for number in range(1, MESSAGES + 1):
        if number == KILLED_AFTER:
            os.kill(victim, signal.SIGKILL)
        await says(bob, conversation, f"number {number}")
        for page in pages:
            if not page.socket.is_open:
                await page.loses_the_line()
                await page.comes_back(whole.url)
    moved = [page for page in pages if page.socket.worker != at_first[page]]
    assert len(moved) == 1, "one worker was killed, so one of two pages had to move"

    async def all_here() -> bool:
        return all(page.cursor == MESSAGES for page in pages)

    await until(all_here)
    for page in pages:
        texts = [message["message"] for _, message in sorted(page.messages.items())]
        assert texts == [f"number {number}" for number in range(1, MESSAGES + 1)]
        # Every seq came once, in order.
        assert page.wrong == []


async def test_a_unit_that_is_stopped_sends_its_sockets_elsewhere(
    home: Unit, folder: Path, alice: Person, bob: Person, conversation: str
) -> None:
    leaving = Unit(folder, "leaving").joins(home, WORKERS="2")
    chat = f"/ws/chat/{conversation}/"
    leavers = [
        *await on_two_workers(alice, chat, leaving.url),
        *await on_two_workers(alice, "/ws/notifications/", leaving.url),
    ]
    page = ChatPage(bob, conversation)
    await page.opens(leaving.url)
    await says(alice, conversation, "before")
    stopping = asyncio.create_task(asyncio.to_thread(leaving.ends))
    assert [await socket.ends() for socket in [*leavers, page.socket]] == [1012] * 5
    await says(alice, conversation, "meanwhile")
    await page.loses_the_line()
    await page.comes_back(home.url)
    await says(alice, conversation, "after")
    await page.socket.sees("chat_message", message="after")
    assert [message["message"] for _, message in sorted(page.messages.items())] == ["before", "meanwhile", "after"]
    assert page.wrong == []
    assert await stopping == 0
