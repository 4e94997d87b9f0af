"""Replying on the page: quoting, going to what is quoted, and quotes that follow their message."""

from playwright.async_api import expect

from tests.browser.people import Desk, conversation_of
from tests.browser.test_chat import talking


async def test_a_reply_quotes_and_the_quote_follows(desk: Desk) -> None:
    alice, bob = await talking(desk)
    await alice.says("Braed?")
    await bob.sees("Braed?")
    await bob.messages("Braed?").locator(".message-link").press("Enter")
    await (
        bob.page.get_by_role("toolbar", name="Message options").get_by_role("button", name="Reply", exact=True).click()
    )
    await expect(bob.composer).to_be_focused()
    await expect(bob.page.locator(".quoting")).to_contain_text("alice Braed?")
    await bob.composer.press("Escape")
    await expect(bob.page.locator(".quoting")).to_be_hidden()
    await bob.messages("Braed?").locator(".message-link").press("Enter")
    await (
        bob.page.get_by_role("toolbar", name="Message options").get_by_role("button", name="Reply", exact=True).click()
    )
    await bob.says("Yes, please.")
    await expect(bob.page.locator(".quoting")).to_be_hidden()
    for tab in (alice, bob):
        await expect(tab.messages("Yes, please.").locator(".quote")).to_contain_text("alice Braed?")
    await alice.composer.press("ArrowUp")
    await alice.page.get_by_role("textbox", name="Edit this message").fill("Bread?")
    await alice.page.keyboard.press("Enter")
    for tab in (alice, bob):
        await expect(tab.messages("Yes, please.").locator(".quote")).to_contain_text("alice Bread?")


async def test_a_click_on_a_quote_goes_to_the_message_also_far_up(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.site.signs_in("bob")
    chat = await conversation_of(alice.person, bob)
    first = await bob.writes(chat, "the very first")
    for number in range(130):
        await bob.writes(chat, f"number {number:03}")
    await bob.post(f"/conversations/{chat}/messages", {"message": "see above", "reply_to": first["message_id"]})
    await alice.opens(f"/conversations/{chat}/")
    await alice.messages("see above").locator(".quote").click()
    sought = alice.messages("the very first").first
    await expect(sought).to_be_in_viewport()
    await expect(sought.locator(".message-link")).to_be_focused()
