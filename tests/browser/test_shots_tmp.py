# ruff: noqa
"""Pictures."""

import pytest
from tests.browser.people import Desk, conversation_of


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
async def test_pictures(desk: Desk, width: int, scheme: str) -> None:
    touch = {"has_touch": True, "is_mobile": True} if width == 360 else {}
    alice = await desk.seats("alice", viewport={"width": width, "height": 720}, color_scheme=scheme, **touch)
    bob = await desk.site.signs_in("bob")
    chat = await conversation_of(alice.person, bob)
    say = lambda who, text: who.post(f"/conversations/{chat}/messages", json={"message": text})
    await say(bob, "Did the deploy go through?")
    one = (
        await say(alice.person, "Gren on all workers. Nothing to see here, and the log is quiet as a Sunday morning.")
    ).json()
    two = (await say(bob, "I will regret this")).json()
    await say(bob, "Then the loaf is yours. Noon?")
    three = (await say(alice.person, "Oops, wrong chat")).json()
    await say(alice.person, "Noon it is.")
    u = f"/conversations/{chat}/messages/"
    await alice.person.put(u + one["message_id"], json={"message": one["message"].replace("Gren", "Green")})
    await bob.delete(u + two["message_id"])
    await alice.person.delete(u + three["message_id"])
    await alice.opens(f"/conversations/{chat}/")
    shot = lambda name: alice.page.screenshot(path=f"/tmp/shots5/{name}-{width}-{scheme}.png")
    await alice.messages("Noon it is").locator(".message-link").click()
    await alice.page.wait_for_timeout(300)
    await shot("tools")
    await alice.page.keyboard.press("Escape")
    await alice.messages("Green on").locator(".message-link").click()
    await alice.page.get_by_role("button", name="Edit").click()
    await alice.page.wait_for_timeout(300)
    await shot("editor")
    await alice.page.goto(u + one["message_id"] + "/")
    await shot("message")
