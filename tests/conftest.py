"""The servers of this test run, a worker, and an empty site with its cast for each test."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from app.config import Settings
from app.database import database as open_database
from app.log.transaction import ring_with
from bus.connection import Bus
from tests.site import Person, Servers, Site, empty


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    servers = Servers(tmp_path_factory.mktemp("servers"))
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture(scope="session")
def running_site(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(servers, tmp_path_factory.mktemp("site"))
    site.start()
    yield site
    ended = site.process.poll()
    site.stop()
    assert ended is None, f"the worker ended by itself with status {ended}: see {site.log}"


@pytest.fixture
async def site(running_site: Site) -> AsyncIterator[Site]:
    await running_site.empty()
    yield running_site
    await running_site.close()


@pytest.fixture(scope="session")
def running_strict_site(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(
        servers,
        tmp_path_factory.mktemp("strict"),
        sockets_per_user=3,
        socket_buffer_bytes=32 * 1024,
        commands_per_second=1,
        command_burst=10,
        ping_seconds=1,
        pong_seconds=1,
    )
    site.start()
    yield site
    site.stop()


@pytest.fixture
async def strict_site(running_strict_site: Site) -> AsyncIterator[Site]:
    """A second worker of the same site, with limits that are soon met."""
    await running_strict_site.empty()
    yield running_strict_site
    await running_strict_site.close()


@pytest.fixture
async def database(servers: Servers) -> AsyncIterator[None]:
    """The database in this process, for tests of actions and models; nothing rings."""
    async with open_database(Settings(database_url=servers.postgres.url)):
        yield


@pytest.fixture(scope="session")
def quiet_url(servers: Servers) -> str:
    return servers.quiet_database()


@pytest.fixture
async def quiet(quiet_url: str) -> AsyncIterator[str]:
    """A database that no worker looks at, in this process: jobs wait until the test runs them."""
    await empty(quiet_url)
    async with open_database(Settings(database_url=quiet_url)):
        yield quiet_url
    ring_with(lambda appended, jobs_due: None)


@pytest.fixture
async def bus(servers: Servers) -> AsyncIterator[Bus]:
    """A connection to NATS of the test's own."""
    bus = Bus()
    await bus.connect(servers.nats.url, "a test", lambda: None)
    yield bus
    await bus.close()


@pytest.fixture(scope="session")
def running_fragile_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    servers = Servers(tmp_path_factory.mktemp("fragile"))
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture
def fragile_servers(running_fragile_servers: Servers) -> Iterator[Servers]:
    """Servers that a test may stop and kill: nobody else uses them. They run again afterwards, and hold nothing."""
    yield running_fragile_servers
    for server in (running_fragile_servers.nats, running_fragile_servers.postgres):
        if not server.is_alive():
            server.start()
    asyncio.run(empty(running_fragile_servers.postgres.url))


@pytest.fixture
async def alice(site: Site) -> Person:
    return await site.signs_in("alice")


@pytest.fixture
async def bob(site: Site) -> Person:
    return await site.signs_in("bob")


@pytest.fixture
async def carol(site: Site) -> Person:
    return await site.signs_in("carol")


@pytest.fixture
async def mallory(site: Site) -> Person:
    """Always the outsider."""
    return await site.signs_in("mallory")
