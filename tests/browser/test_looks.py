"""Every main page at 360 and 1280 px, light and dark: no sideways scrolling, no broken picture, no complaint."""

import os
from pathlib import Path

import pytest

from tests.browser.people import Desk, conversation_of

NO_OVERFLOW = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
BROKEN = "[...document.images].filter((image) => image.complete && !image.naturalWidth).map((image) => image.src)"


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
    pages = {
        "feed": "/", "everyone": "/posts", "post": f"/post/{post}/", "profile": "/@bob/", "people": "/users?q=b",
        "notifications": "/notifications/", "conversations": "/conversations/", "chat": f"/conversations/{chat}/",
        "settings": "/settings", "missing": "/nothing-here",
    }  # fmt: skip
    for name, path in pages.items():
        await alice.page.goto(path)
        assert await alice.page.evaluate(NO_OVERFLOW), f"{name} scrolls sideways at {width} px"
        assert await alice.page.evaluate(BROKEN) == [], name
        if folder := os.environ.get("SCREENSHOTS"):
            await alice.page.screenshot(path=Path(folder) / f"{name}-{width}-{scheme}.png")
    # The browser itself says that the page that does not exist is missing; nothing else may be wrong.
    desk.complaints = [text for text in desk.complaints if "404" not in text]
