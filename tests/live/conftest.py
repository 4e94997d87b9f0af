"""One site on two units: ``home`` has the servers and two workers, ``annex`` joins it with one more."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.live.sockets import Socket
from tests.live.units import Unit
from tests.site import Person


@pytest.fixture(scope="package")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("live")


@pytest.fixture(scope="package")
def home(folder: Path) -> Iterator[Unit]:
    unit = Unit(folder, "home").starts(WORKERS="2", UNREAD_SECONDS="0.5")
    yield unit
    unit.ends()


@pytest.fixture(scope="package")
def annex(folder: Path, home: Unit) -> Iterator[Unit]:
    unit = Unit(folder, "annex").joins(home, WORKERS="1", UNREAD_SECONDS="0.5")
    yield unit
    unit.ends()


@pytest.fixture
async def site(home: Unit) -> AsyncIterator[Unit]:
    """Where the cast signs in; sessions hold for every unit of the site."""
    yield home
    for socket in tuple(Socket.living):
        await socket.breaks()
    await home.close()


@pytest.fixture
async def alice_elsewhere(site: Unit) -> Person:
    """Alice once more, in another browser."""
    return await site.signs_in("alice")
