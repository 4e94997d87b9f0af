"""Who is there: the dot on a face and the words in the chat's header, while the other person comes and goes."""

import re

from playwright.async_api import Locator, expect

from tests.browser.people import Desk, Tab, conversation_of

SOON = 12_000
"""The grace of somebody who leaves, and as much again in which nothing changes twice."""


NOTE_EVERY_STATE = """(dot) => {
    window.seen = [];
    new MutationObserver(() => window.seen.push(dot.dataset.state)).observe(dot, {attributeFilter: ["data-state"]});
}"""


def dot(tab: Tab, within: str) -> Locator:
    return tab.page.locator(f"{within} .presence").first


def words(tab: Tab) -> Locator:
    return tab.page.locator(".chat-head .presence-words")


async def test_the_header_and_the_list_say_who_is_there(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    chat = await conversation_of(alice.person, bob.person)
    await alice.opens(f"/conversations/{chat}/")
    await expect(words(alice)).to_have_text("Offline", timeout=SOON)
    row = f"#conversation-{chat}"
    await expect(alice.page.locator(row).get_by_role("link")).to_have_accessible_name(re.compile("Offline"))
    await bob.opens("/")
    await expect(words(alice)).to_have_text("Online", timeout=SOON)
    for place in (".chat-head", row):
        await expect(dot(alice, place)).to_have_attribute("data-state", "online")
        await expect(dot(alice, place)).to_be_visible()
    await expect(alice.page.locator(row).get_by_role("link")).to_have_accessible_name(re.compile("Online"))
    await bob.page.close()
    await expect(words(alice)).to_have_text("Last seen just now", timeout=SOON)
    await expect(dot(alice, ".chat-head")).to_have_attribute("data-state", "offline")


async def test_a_reload_of_the_other_is_not_seen(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    await bob.opens("/")
    await alice.opens("/@bob/")
    face = dot(alice, ".profile")
    await expect(face).to_have_attribute("data-state", "online")
    await face.evaluate(NOTE_EVERY_STATE)
    await bob.page.reload()
    await bob.is_live()
    await bob.page.close()
    await expect(face).to_have_attribute("data-state", "offline", timeout=SOON)
    assert set(await alice.page.evaluate("window.seen")) == {"offline"}


async def test_five_minutes_without_a_sign_is_away(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    await bob.page.clock.install()
    await bob.opens("/")
    await alice.opens("/users?q=bob")
    face = dot(alice, ".person")
    await expect(face).to_have_attribute("data-state", "online")
    await bob.page.clock.run_for(5 * 60_000 + 1_000)
    await expect(face).to_have_attribute("data-state", "away", timeout=SOON)
    await expect(face).to_have_text("Away")
    await bob.page.mouse.move(20, 20)
    await expect(face).to_have_attribute("data-state", "online", timeout=SOON)


async def test_hiding_it_in_the_settings_takes_it_from_the_others_pages(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    post = (await bob.person.post("/posts", json={"body": "Here I am"})).json()["id"]
    await bob.opens("/settings")
    await alice.opens(f"/post/{post}/")
    face = dot(alice, f"#post-{post}")
    await expect(face).to_have_attribute("data-state", "online")
    await bob.page.get_by_label("Hide when I am online").check()
    await bob.page.locator("form[action='/settings/presence']").get_by_role("button", name="Save").click()
    await expect(bob.page.get_by_role("status").filter(has_text="Saved")).to_be_visible()
    await expect(face).to_be_hidden()
    await alice.page.reload()
    await alice.is_live()
    await expect(face).to_be_hidden()
    await expect(bob.page.get_by_label("Hide when I am online")).to_be_checked()


async def test_a_page_that_is_cut_off_says_nothing_of_others(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    await bob.opens("/")
    await alice.opens("/@bob/")
    face = dot(alice, ".profile")
    await expect(face).to_have_attribute("data-state", "online")
    await alice.person.post("/logout")
    await expect(face).to_be_hidden(timeout=SOON)


async def test_without_being_signed_in_there_is_no_presence(desk: Desk) -> None:
    await desk.seats("bob")
    page = await desk.stranger()
    await page.goto("/@bob/")
    await expect(page.get_by_role("heading", name="Bob")).to_be_visible()
    await expect(page.locator("[data-presence-user-id]")).to_have_count(0)
