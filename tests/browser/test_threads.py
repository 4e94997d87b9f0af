"""A thread beside its conversation: opened, written in, followed and read, with the keyboard and on a phone too."""

import re

from playwright.async_api import Locator, expect

from tests.browser.people import Cable, Desk, Tab
from tests.browser.test_chat import talking


def thread(tab: Tab) -> Locator:
    return tab.page.get_by_role("complementary", name="Thread")


def chat(tab: Tab) -> Locator:
    return tab.page.get_by_role("log", name="Messages")


def composer(tab: Tab) -> Locator:
    return tab.page.get_by_role("textbox", name="Reply in this thread")


async def opens_thread(tab: Tab, text: str) -> None:
    """With the keyboard: the message's time, its tools, a thread."""
    await chat(tab).locator(".message").filter(has_text=text).locator(".message-link").press("Enter")
    await (
        tab.page.get_by_role("toolbar", name="Message options")
        .get_by_role("button", name="Reply in thread")
        .press("Enter")
    )
    await expect(composer(tab)).to_be_focused()


async def replies(tab: Tab, text: str) -> None:
    await composer(tab).fill(text)
    await composer(tab).press("Enter")


async def test_a_thread_is_opened_and_written_in_and_lives_on_every_page(desk: Desk) -> None:
    alice, bob = await talking(desk)
    await alice.says("Bread?")
    await bob.sees("Bread?")
    await opens_thread(bob, "Bread?")
    await expect(bob.page).to_have_url(re.compile(r"/threads/[0-9a-f-]{36}/$"))
    await replies(bob, "Rye.")
    await expect(thread(bob).locator(".message-list .message").filter(has_text="Rye.")).to_have_count(1)
    await expect(chat(bob).locator(".message").filter(has_text="Rye.")).to_have_count(0)
    for tab in (alice, bob):
        await expect(chat(tab).locator(".replies")).to_contain_text("1 reply")
    await expect(chat(alice).locator(".message").filter(has_text="Rye.")).to_have_count(0)

    await chat(alice).locator(".replies").click()
    await expect(thread(alice).locator(".message-list .message").filter(has_text="Rye.")).to_have_count(1)
    await replies(alice, "Or wheat.")
    row = thread(bob).locator(".message-list .message").filter(has_text="Or wheat.")
    await expect(row).to_have_count(1)
    await expect(chat(bob).locator(".replies")).to_contain_text("2 replies")
    await composer(alice).press("ArrowUp")
    await alice.page.get_by_role("textbox", name="Edit this message").fill("Or spelt.")
    await alice.page.keyboard.press("Enter")
    await expect(thread(bob).locator(".message-list .message").filter(has_text="Or spelt.")).to_have_count(1)

    await composer(bob).press("Escape")
    await expect(thread(bob)).to_have_count(0)
    await expect(chat(bob).locator(".replies")).to_be_focused()
    await expect(bob.page).to_have_url(re.compile(r"/conversations/[0-9a-f-]{36}/$"))
    await bob.page.go_back()
    await expect(thread(bob).locator(".message-list .message")).to_have_count(2)
    await bob.page.reload()
    await expect(thread(bob).locator(".message-list .message")).to_have_count(2)


async def test_what_is_unread_in_a_thread_shows_in_the_list_until_it_is_read(desk: Desk) -> None:
    alice, bob = await talking(desk)
    await alice.says("Bread?")
    await bob.sees("Bread?")
    await alice.opens("/threads")
    await opens_thread(bob, "Bread?")
    await replies(bob, "Rye.")
    row = alice.page.locator("[data-threads-target=list] > li")
    await expect(row).to_have_count(1)
    await expect(row.locator(".count-badge")).to_have_text("1 unread")
    lists = await alice.another()
    await lists.opens("/conversations/")
    badge = lists.page.locator(".threads-link .count-badge")
    await expect(badge).to_have_text("1")
    reader = await alice.another()
    await reader.opens("/threads")
    await reader.page.get_by_role("link", name="Bread?").click()
    await expect(thread(reader).locator(".unread-divider")).to_be_visible()
    await expect(badge).to_be_hidden()
    await expect(row.locator(".count-badge")).to_be_hidden()

    follows = thread(reader).get_by_role("button", name="Following this thread")
    await expect(follows).to_have_attribute("aria-pressed", "true")
    await follows.click()
    await expect(thread(reader).get_by_role("button", name="Follow this thread")).to_have_attribute(
        "aria-pressed", "false"
    )
    await expect(row).to_have_count(0)


async def test_a_reply_that_could_not_be_sent_is_sent_when_the_line_is_back(
    desk: Desk, far_desk: Desk, cable: Cable
) -> None:
    alice, bob = await talking(desk, far=far_desk)
    await alice.says("Bread?")
    await bob.sees("Bread?")
    await opens_thread(bob, "Bread?")
    cable.cut()
    await replies(bob, "Rye.")
    await expect(thread(bob).locator(".message[data-state=sending]")).to_have_count(1)
    await composer(bob).press("Escape")
    cable.mend()
    await expect(chat(alice).locator(".replies")).to_contain_text("1 reply")
    await expect(chat(bob).locator(".replies")).to_contain_text("1 reply")


async def test_on_a_phone_a_thread_fills_the_screen_and_closes_again(desk: Desk) -> None:
    alice, bob = await talking(desk)
    await bob.page.set_viewport_size({"width": 360, "height": 720})
    await alice.says("Bread?")
    await bob.sees("Bread?")
    await opens_thread(bob, "Bread?")
    await replies(bob, "Rye.")
    await expect(chat(bob)).to_be_hidden()
    box = await thread(bob).bounding_box()
    assert box is not None
    assert (box["x"], box["width"]) == (0, 360)
    assert await bob.page.evaluate("document.documentElement.scrollWidth") <= 360
    await bob.page.get_by_role("link", name="Close the thread").click()
    await expect(chat(bob)).to_be_visible()
    await expect(chat(bob).locator(".replies")).to_contain_text("1 reply")
