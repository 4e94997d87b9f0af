"""The promise of every live page: whatever happened, and wherever the line was cut, it shows what a reload would.

``SEED=<seed>`` repeats the choices of a run that failed (what runs side by side still falls as it falls).
"""

import asyncio
import contextlib
import os
import random
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import nats
import nats.aio.client
import pytest

from bus.events import EVENTS
from tests.histories import BACKLOG_EVENTS, World
from tests.live.sockets import Socket
from tests.live.streams import StreamedSocket
from tests.pages import ChatPage, NotificationsPage, Page
from tests.site import Servers, Site, until

WORLDS = 6
STEPS = 30
SETTINGS = {"unread_seconds": 0.2, "backlog_events": BACKLOG_EVENTS}
LINES: dict[str, tuple[type[Socket], ...]] = {
    "sockets": (Socket,),
    "streams": (StreamedSocket,),
    "either": (Socket, StreamedSocket),
}
FRAMES = {
    *("hello", "caught_up", "reset", "skip", "notification", "notification_read", "notification_removed"),
    *(
        "unread_count",
        "chat_message",
        "message_edited",
        "message_deleted",
        "reaction",
        "typing",
        "read",
        "delivered",
        "conversation_activity",
        "conversation_joined",
    ),
    *("thread_activity", "thread_followed", "thread_read"),
    *("conversation_read", "conversation_kept", "conversation_unread", "draft"),
    *("post_changed", "comment", "comment_deleted", "post_deleted", "new_post", "presence"),
    *("member_joined", "member_left", "member_role_changed", "group_renamed", "group_picture_changed"),
    *("conversation_left", "conversation_changed", "person_blocked", "person_unblocked"),
}


@pytest.fixture(scope="module")
def own_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers of our own: no worker with other settings may take our jobs."""
    servers = Servers(tmp_path_factory.mktemp("reload"))
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture(scope="module")
def both(own_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Site]]:
    """Two workers, so that a page goes on at another one than it began at."""
    sites: list[Site] = []
    folder: Path = tmp_path_factory.mktemp("workers")
    for _ in range(2):
        sites.append(Site(own_servers, folder, **SETTINGS))
        sites[-1].start()
    yield sites
    for site in sites:
        site.stop()


@pytest.fixture
async def sites(both: list[Site]) -> AsyncIterator[list[Site]]:
    yield both
    for socket in tuple(Socket.living):
        await socket.breaks()
    for site in both:
        await site.close()


@pytest.fixture
async def operator(own_servers: Servers) -> AsyncIterator[nats.aio.client.Client]:
    """Somebody without a password."""
    client = await nats.connect(own_servers.nats.public_url)
    yield client
    await client.close()


@pytest.fixture
async def database(own_servers: Servers) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(own_servers.postgres.url)
    yield connection
    await connection.close()


@pytest.fixture
def seed(request: pytest.FixtureRequest) -> Iterator[str]:
    seed = os.environ.get("SEED") or f"{random.randrange(10**9)}"
    yield seed
    print(f"to repeat these choices: SEED={seed}")


@pytest.mark.parametrize("lines", LINES)
async def test_live_equals_reload(
    sites: list[Site], operator: nats.aio.client.Client, database: asyncpg.Connection, seed: str, lines: str
) -> None:
    ways = LINES[lines]
    before = await database.fetchval("SELECT count(*) FROM notifications WHERE kind = 'System'")
    worlds = [World(sites, operator, f"{seed}-{lines}{number}", ways) for number in range(WORLDS)]
    onlooker = NotificationsPage(await sites[0].signs_in(f"onlooker_{lines}"), feed="everyone")
    onlooker.line = worlds[0].line
    await onlooker.opens(sites[1].url)
    await asyncio.gather(*[world.lives(STEPS) for world in worlds])
    await everything_has_followed(database, before + sum(world.publications for world in worlds))
    for world in worlds:
        await world.comes_back()
    for world in worlds:
        for page in world.pages:
            await shows_what_a_reload_shows(page)
            assert not page.wrong, (world.name, page.person.facts["username"], page.wrong)
    for world in worlds:
        assert_new_posts_are_told(world)
    assert {post for world in worlds for post in world.posts} <= set(onlooker.news)
    assert not onlooker.wrong
    assert {frame for world in worlds for page in world.pages for frame in page.heard} >= FRAMES
    await assert_every_event_happened(database)


async def everything_has_followed(database: asyncpg.Connection, publications: int) -> None:
    """Wait until every job is done and every publication is stored: from then on nothing changes by itself."""

    async def nothing_left() -> bool:
        left = await database.fetchval("SELECT count(*) FROM jobs")
        stored = await database.fetchval("SELECT count(*) FROM notifications WHERE kind = 'System'")
        return left == 0 and stored == publications

    await until(nothing_left, 20)
    assert await database.fetch("SELECT what, error FROM dead_letters") == []
    assert await database.fetch("SELECT reason, detail FROM rejected") == []


async def shows_what_a_reload_shows(page: Page) -> None:
    fresh = type(page)(page.person, *([page.conversation] if isinstance(page, ChatPage) else []))
    if isinstance(page, NotificationsPage) and isinstance(fresh, NotificationsPage):
        fresh.posts = dict(page.posts)
        fresh.authors = dict(page.authors)
        fresh.titles = dict(page.titles)
    await fresh.loads()

    async def the_same() -> bool:
        return page.shows == fresh.shows

    with contextlib.suppress(AssertionError):
        await until(the_same, 5)
    # Said again, as this way pytest shows what differs.
    assert page.shows == fresh.shows, f"{page.path} of {page.person.facts['username']}"


def assert_new_posts_are_told(world: World) -> None:
    for page in world.pages:
        if isinstance(page, NotificationsPage):
            due = {
                post
                for post, hearers in world.hearers.items()
                if page.person in hearers and post > page.newest and post in world.posts
            }
            assert due <= set(page.news), (world.name, page.person.facts["username"], due - set(page.news))


async def assert_every_event_happened(database: asyncpg.Connection) -> None:
    found = await database.fetch("SELECT DISTINCT body::jsonb ->> 'type' FROM log")
    names = {event.__struct_config__.tag for event in EVENTS}
    assert names <= {line[0] for line in found}
