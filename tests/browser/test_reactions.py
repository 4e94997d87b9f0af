"""Emoji on messages: pressed on a pill, picked from all there are, by mouse and by key."""

from urllib.parse import quote

from playwright.async_api import Locator, expect

from tests.browser.people import Desk, Tab, conversation_of
from tests.browser.test_chat import talking


def pills(tab: Tab) -> Locator:
    return tab.page.locator(".reaction")


async def opens_options(tab: Tab, text: str) -> Locator:
    await tab.messages(text).locator(".message-link").press("Enter")
    return tab.page.get_by_role("toolbar", name="Message options")


async def test_a_reaction_is_seen_by_everyone_and_taken_back(desk: Desk) -> None:
    alice, bob = await talking(desk)
    await alice.says("Bread?")
    await bob.sees("Bread?")
    await (await opens_options(bob, "Bread?")).get_by_role("button", name="React with thumbs up").click()
    await expect(pills(alice)).to_contain_text("👍 1 by bob")
    await expect(pills(bob)).to_have_attribute("aria-pressed", "true")
    await expect(pills(alice)).to_have_attribute("aria-pressed", "false")
    await pills(alice).press("Enter")
    for tab in (alice, bob):
        await expect(pills(tab)).to_contain_text("👍 2 by bob, alice")
    await expect(pills(alice)).to_be_focused()
    await pills(alice).press("Enter")
    await expect(pills(bob)).to_contain_text("👍 1 by bob")
    await alice.page.reload()
    await expect(pills(alice)).to_contain_text("👍 1 by bob")
    await pills(bob).click()
    for tab in (alice, bob):
        await expect(pills(tab)).to_have_count(0)


async def test_any_emoji_is_found_by_its_name(desk: Desk) -> None:
    alice, bob = await talking(desk)
    await alice.says("Bread?")
    await alice.has_ticks("Bread?", "read")
    await (await opens_options(alice, "Bread?")).get_by_role("button", name="React with another emoji").press("Enter")
    panel = alice.page.get_by_role("dialog", name="Choose an emoji")
    search = panel.get_by_role("combobox", name="Search")
    await expect(search).to_be_focused()
    await search.fill("thumbs up")
    await panel.get_by_role("option", name="thumbs up").first.click()
    await expect(panel).to_be_hidden()
    await expect(pills(bob)).to_contain_text("👍")
    # An edit draws the message anew, and its emoji with it.
    await alice.composer.press("ArrowUp")
    await alice.page.get_by_role("textbox", name="Edit this message").fill("Bread, anyone?")
    await alice.page.keyboard.press("Enter")
    for tab in (alice, bob):
        await tab.sees("Bread, anyone?")
        await expect(pills(tab)).to_have_count(1)


async def test_among_more_people_than_are_named_ones_own_emoji_is_still_ones_own(desk: Desk) -> None:
    alice = await desk.seats("alice")
    crowd = [await desk.site.signs_in(f"guest_{number}") for number in range(21)]
    team = await conversation_of(crowd[0], alice.person, *crowd[1:], title="Crowd")
    said = await crowd[0].writes(team, "Bread?")
    for person in crowd:
        await person.put(f"/conversations/{team}/messages/{said['message_id']}/reactions/{quote('👍')}")
    await alice.opens(f"/conversations/{team}/")
    for is_on, count in ((True, 22), (False, 21), (True, 22)):
        await pills(alice).click()
        for _ in ("live", "after a reload"):
            await expect(pills(alice)).to_have_attribute("aria-pressed", str(is_on).lower())
            await expect(pills(alice)).to_contain_text(f"👍 {count} by")
            await alice.page.reload()
            await alice.is_live()
    page = (await alice.person.opens(f"/conversations/{team}/messages/{said['message_id']}/")).text
    assert 'value="DELETE" aria-pressed="true" aria-label="React with 👍"' in page
    history = (await alice.person.get(f"/conversations/{team}/messages")).json()
    assert history["chosen"] == {said["message_id"]: ["👍"]}
