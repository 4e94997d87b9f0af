"""Every main page at 360 and 1280 px, light and dark: no sideways scrolling, no broken picture, no complaint."""

import os
from pathlib import Path

import pytest

from tests.browser.people import Desk, conversation_of
from tests.site import Person

NO_OVERFLOW = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
BROKEN = "[...document.images].filter((image) => image.complete && !image.naturalWidth).map((image) => image.src)"


async def group_with_a_history(owner: Person, title: str) -> str:
    """Of alice's, with bob and carol: a change, words, and a change again."""
    answer = await owner.post("/conversations/", json={"usernames": ["bob", "carol"], "title": "Swim"})
    team = str(answer.json()["id"])
    await owner.put(f"/conversations/{team}/members/bob", {"role": "admin"})
    for text in ("Sunday, eight o'clock", "The stairs by the boathouse"):
        await owner.post(f"/conversations/{team}/messages", json={"message": text})
    await owner.put(f"/conversations/{team}", {"title": f"Sunday {title}"})
    await owner.post(f"/conversations/{team}/messages", json={"message": "Bring towels"})
    return team


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_every_main_page_fits(desk: Desk, width: int, scheme: str) -> None:
    alice = await desk.seats("alice", viewport={"width": width, "height": 800}, color_scheme=scheme)
    bob = await desk.site.signs_in("bob")
    chat = await conversation_of(alice.person, bob)
    word = "supercalifragilisticexpialidocious" * 4
    post = (await bob.post("/posts", json={"body": f"{word} https://example.org/{word}"})).json()["id"]
    await bob.put("/@alice/follow")
    await bob.post(f"/conversations/{chat}/messages", json={"message": f"{word} https://example.org/{word}"})
    await desk.site.signs_in("carol")
    team = await group_with_a_history(alice.person, word[:40])
    pages = {
        "feed": "/", "everyone": "/posts", "post": f"/post/{post}/", "profile": "/@bob/", "people": "/users?q=b",
        "notifications": "/notifications/", "conversations": "/conversations/", "chat": f"/conversations/{chat}/",
        "settings": "/settings", "missing": "/nothing-here",
        "group": f"/conversations/{team}/members", "group_chat": f"/conversations/{team}/",
        "invite": (await alice.person.post(f"/conversations/{team}/invites")).json()["path"],
    }  # fmt: skip
    for name, path in pages.items():
        await alice.page.goto(path)
        assert await alice.page.evaluate(NO_OVERFLOW), f"{name} scrolls sideways at {width} px"
        assert await alice.page.evaluate(BROKEN) == [], name
        if folder := os.environ.get("SCREENSHOTS"):
            await alice.page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png")
    # The browser itself says that the page that does not exist is missing; nothing else may be wrong.
    desk.complaints = [text for text in desk.complaints if "404" not in text]
