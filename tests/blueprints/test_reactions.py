"""Reactions by HTTP and by command, with and without script."""

from urllib.parse import quote

import pytest

from tests.site import Person


@pytest.fixture
async def chat(alice: Person, bob: Person) -> str:
    """The conversation of alice and bob."""
    return await alice.starts_conversation(bob)


async def test_a_reaction_reaches_everyone_by_whatever_way_it_comes(alice: Person, bob: Person, chat: str) -> None:
    said = await alice.writes(chat, "Bread?")
    which = {"message_id": said["message_id"]}
    address = f"/conversations/{chat}/messages/{said['message_id']}/reactions/{quote('👩🏽‍🚒')}"
    async with alice.listens(f"/ws/chat/{chat}/", after=1) as page:
        made = await bob.put(address)
        assert made.json() | {"place": 1} == {
            **which,
            **{"emoji": "👩🏽‍🚒", "count": 1, "usernames": ["bob"], "place": 1},
        }
        who = {"user_id": bob.id, "username": "bob", "is_on": True}
        assert await page.sees("reaction") == made.json() | {"type": "reaction", "seq": 2} | who
        await page.says("reaction", **which, emoji="👩🏽‍🚒")
        assert (await page.sees("reaction"))["usernames"] == ["bob", "alice"]
        await page.says("reaction", **which, emoji="nonsense")
        error = await page.sees("error")
        assert (error["code"], error["field"]) == ("not_an_emoji", "emoji")
        assert [(await bob.delete(address)).status_code for _ in range(2)] == [204, 204]
        assert (await page.sees("reaction"))["usernames"] == ["alice"]
        await page.says("reaction", **which, emoji="👩🏽‍🚒", is_on=False)
        assert (await page.sees("reaction"))["count"] == 0
    assert "reactions" not in (await bob.get(f"/conversations/{chat}/messages")).json()["items"][0]


async def test_refusals_are_clear(alice: Person, mallory: Person, chat: str) -> None:
    said = await alice.writes(chat, "Bread?")
    address = f"/conversations/{chat}/messages/{said['message_id']}/reactions"
    refused = await alice.put(f"{address}/{quote('👍👍')}")
    assert (refused.status_code, list(refused.json()["error"]["fields"])) == (422, ["emoji"])
    assert (await mallory.put(f"{address}/{quote('👍')}")).status_code == 404
    assert (await alice.put(f"{address}/{quote('👍')}")).status_code == 200


async def test_it_works_without_script(alice: Person, chat: str) -> None:
    said = await alice.writes(chat, "Bread?")
    address = f"/conversations/{chat}/messages/{said['message_id']}/reactions/{quote('👍')}"
    done = await alice.submits(address, method="PUT")
    assert (done.status_code, done.headers["location"]) == (303, f"/conversations/{chat}/#message-{said['message_id']}")
    page = (await alice.opens(f"/conversations/{chat}/")).text
    pill = page.partition('class="reaction"')[2].partition("</li>")[0]
    assert all(part in pill for part in ('value="DELETE"', 'aria-pressed="true"', 'title="alice"', "👍"))
    assert (await alice.submits(address, method="DELETE")).status_code == 303
