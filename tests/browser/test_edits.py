"""Editing and deleting one's own messages on the page, by mouse, key and finger."""

import re

from playwright.async_api import Locator, expect

from tests.browser.people import Cable, Desk, Tab, conversation_of
from tests.browser.test_chat import talking


def words(row: Locator) -> Locator:
    return row.locator(".message-text")


async def editor(tab: Tab) -> Locator:
    found = tab.page.get_by_role("textbox", name="Edit this message")
    await expect(found).to_be_focused()
    return found


async def test_arrow_up_edits_the_last_message_and_everyone_sees_it(desk: Desk) -> None:
    alice, bob = await talking(desk)
    await alice.says("Helo *bob*")
    await bob.sees("Helo")
    await alice.composer.press("ArrowUp")
    field = await editor(alice)
    await expect(field).to_have_value("Helo *bob*")
    await field.press("Escape")
    await expect(alice.composer).to_be_focused()
    await alice.composer.press("ArrowUp")
    await field.fill("Hello bob")
    await field.press("Enter")
    await expect(alice.composer).to_be_focused()
    for tab in (alice, bob):
        row = tab.page.locator(".message")
        await expect(words(row)).to_have_text("Hello bob")
        await expect(row.locator(".message-edited")).to_be_visible()
    await bob.page.locator(".message-link").click()
    await bob.page.get_by_role("toolbar").get_by_role("link", name="About this message").click()
    await expect(bob.page.locator(".versions")).to_contain_text("Helo")


async def test_a_refusal_is_shown_where_the_edit_is_and_the_words_stay(desk: Desk) -> None:
    alice, bob = await talking(desk)
    await alice.says("Hello")
    await alice.has_ticks("Hello", "read")
    await alice.composer.press("ArrowUp")
    field = await editor(alice)
    await field.fill("x" * 4001)
    await field.press("Enter")
    await expect(alice.page.get_by_role("alert").filter(has_text="too long")).to_be_visible()
    await expect(field).to_have_value("x" * 4001)
    await expect(words(bob.page.locator(".message"))).to_have_text("Hello")
    # The browser itself says that a request was refused.
    desk.complaints = [text for text in desk.complaints if "422" not in text]


async def test_a_deleted_message_leaves_its_place_also_for_who_was_away(
    desk: Desk, far_desk: Desk, cable: Cable
) -> None:
    alice, bob = await talking(desk, far=far_desk)
    for text in ("one", "two"):
        await alice.says(text)
        await bob.sees(text)
    cable.cut()
    await cable.is_missed()
    alice.page.on("dialog", lambda dialog: dialog.accept())
    await alice.says("three")
    await alice.has_ticks("three", "sent")
    for text in ("three", "one"):
        # From the time of the message on by keyboard alone.
        await alice.messages(text).locator(".message-link").focus()
        await alice.page.keyboard.press("Enter")
        bar = alice.page.get_by_role("toolbar", name="Message options")
        await expect(bar.locator(":focus")).to_have_count(1)
        await bar.get_by_role("button", name="Delete for everyone").press("Enter")
        await expect(alice.messages("This message was deleted").locator(f"text={text}")).to_have_count(0)
        await expect(alice.messages(text)).to_have_count(0)
    cable.mend()
    for tab in (bob, alice):
        await expect(tab.page.locator(".message .message-gone:visible")).to_have_count(2)
        assert [text for text in await tab.texts() if text] == ["two"]


async def test_a_finger_opens_the_options_of_a_message(desk: Desk) -> None:
    alice = await desk.seats("alice", viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    bob = await desk.site.signs_in("bob")
    chat = await conversation_of(alice.person, bob)
    await bob.post(f"/conversations/{chat}/messages", json={"message": "from bob"})
    await alice.person.post(f"/conversations/{chat}/messages", json={"message": "from alice"})
    await alice.opens(f"/conversations/{chat}/")
    bar = alice.page.get_by_role("toolbar", name="Message options")
    await alice.messages("from bob").locator(".bubble").tap()
    await expect(bar).to_be_visible()
    await expect(bar.get_by_role("button", name="Edit")).to_be_hidden()
    await alice.messages("from alice").locator(".bubble").tap()
    await bar.get_by_role("button", name="Edit").tap()
    field = await editor(alice)
    await field.fill("from a phone")
    await alice.page.get_by_role("button", name="Save").tap()
    await expect(words(alice.page.locator(".message").last)).to_have_text(re.compile("from a phone"))
