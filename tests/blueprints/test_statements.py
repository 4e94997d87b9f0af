"""How many statements PostgreSQL gets for a page: as many with much on it as with little, and never more than six."""

import json
from collections.abc import AsyncIterator, Iterator

import pytest

from tests.site import Person, Servers, Site, until

AT_MOST = 6
# BEGIN and COMMIT count, and so would what a pool says to a connection that comes back. ``{chat}`` is a group.
STATEMENTS = {
    "/": 2,
    "/posts": 2,
    "/post/{post}/": 4,
    "/@bob/": 5,
    "/users?q=b": 2,
    "/conversations/": 2,
    "/conversations/{chat}/": 5,
    "/conversations/{chat}/threads/{root}/": 6,
    "/threads": 2,
    "/notifications/": 2,
    "/settings": 3,
    "/nothing": 1,
}


@pytest.fixture(scope="session")
def running_counted_site(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(servers, tmp_path_factory.mktemp("counted"), program="tests.counted_worker", unread_seconds=3600)
    site.start()
    yield site
    site.stop()


@pytest.fixture
async def counted_site(running_counted_site: Site) -> AsyncIterator[Site]:
    await running_counted_site.empty()
    yield running_counted_site
    await running_counted_site.close()


async def statements(person: Person, path: str) -> list[str]:
    """Those of the page, from the session's check to the answer."""
    page = await person.opens(path)
    assert page.headers["content-type"].startswith("text/html"), page.text
    # A worker does one thing after the other: when it answers this, the lines of the page are written.
    await person.get("/healthz")
    lines = [json.loads(line) for line in person.site.log.read_text().splitlines() if line.startswith('{"statement"')]
    return [line["statement"] for line in lines if line["of"] == page.headers["x-request-id"]]


async def mentions_alice(bob: Person, post: int, times: int) -> None:
    for number in range(times):
        answer = await bob.post(f"/post/{post}/comments", {"body": f"@alice, number {number}"})
        assert answer.status_code == 201


async def is_told(alice: Person, times: int) -> None:
    async def so_often() -> bool:
        unread = [item for item in (await alice.get("/notifications/")).json()["items"] if not item["read"]]
        return len(unread) >= times

    await until(so_often)


async def test_a_page_takes_a_few_statements_however_much_is_on_it(counted_site: Site) -> None:
    alice, bob, carol = [await counted_site.signs_in(name) for name in ("alice", "bob", "carol")]
    await alice.put("/@bob/follow")
    post = (await bob.post("/posts", {"body": "first"})).json()["id"]
    chat = await alice.starts_conversation(bob, carol, title="three")
    root = (await alice.writes(chat, "first"))["message_id"]
    await bob.post(f"/conversations/{chat}/messages", {"message": "aside", "thread": root})
    await mentions_alice(carol, post, 1)
    await is_told(alice, 1)
    paths = {path: path.format(post=post, chat=chat, root=root) for path in STATEMENTS}

    await bob.post("/posts", {"body": "@alice, something that stays unread"})
    await is_told(alice, 2)

    async def measured() -> dict[str, int]:
        for path in paths.values():
            await alice.opens(path)  # so that what it was about is read
        return {path: len(await statements(alice, at)) for path, at in paths.items()}

    assert await measured() == STATEMENTS
    for number in range(35):
        await bob.post("/posts", {"body": f"number {number}"})
        await bob.writes(chat, f"number {number}")
        await bob.post(f"/conversations/{chat}/messages", {"message": f"number {number}", "thread": root})
        await alice.starts_conversation(bob, carol, title=f"group {number}")
    await mentions_alice(bob, post, 35)
    await is_told(alice, 30)
    assert await measured() == STATEMENTS
    assert max(STATEMENTS.values()) <= AT_MOST
    # Every connection knew the types of all this from the beginning: which of them a page gets is chance.
    assert "typeinfo_tree" not in counted_site.log.read_text()


async def test_to_read_what_a_page_answers_takes_as_many_statements_for_one_as_for_many(counted_site: Site) -> None:
    alice, bob = [await counted_site.signs_in(name) for name in ("alice", "bob")]
    taken = []
    for times in (1, 20):
        post = (await bob.post("/posts", {"body": "a post"})).json()["id"]
        await mentions_alice(bob, post, times)
        await is_told(alice, times)
        taken.append(await statements(alice, f"/post/{post}/"))
    assert len(taken[0]) == len(taken[1]), taken
    assert len(await statements(alice, f"/post/{post}/")) <= AT_MOST
