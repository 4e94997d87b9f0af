"""Blocking somebody on their page: what is open changes at once, and everything says why."""

from playwright.async_api import expect

from tests.browser.people import Desk, conversation_of


async def test_who_is_blocked_is_gone_from_every_open_page(desk: Desk) -> None:
    alice, bob, carol = [await desk.seats(name) for name in ("alice", "bob", "carol")]
    chat = await conversation_of(alice.person, bob.person)
    team = await conversation_of(carol.person, alice.person, bob.person, title="Team")
    post = (await carol.person.post("/posts", {"body": "A post of Carol's"})).json()["id"]
    await bob.person.post(f"/post/{post}/comments", {"body": "Bob's comment"})
    await bob.person.post("/posts", {"body": "Bob's post"})
    for place in (chat, team):
        await bob.person.writes(place, "Bob's message")
    feed = await (await alice.another()).opens("/posts")
    under = await (await alice.another()).opens(f"/post/{post}/")
    group = await (await alice.another()).opens(f"/conversations/{team}/")
    direct = await (await bob.another()).opens(f"/conversations/{chat}/")
    await expect(feed.page.get_by_text("Bob's post")).to_be_visible()
    await alice.opens("/@bob/")
    alice.page.on("dialog", lambda dialog: dialog.accept())
    await alice.page.get_by_label("More").click()
    await alice.page.get_by_role("button", name="Block Bob").click()
    await expect(alice.page.get_by_text("You block Bob")).to_be_visible()
    await expect(feed.page.get_by_text("Bob's post")).to_have_count(0)
    await expect(under.page.get_by_text("Bob's comment")).to_have_count(0)
    await expect(group.messages("Bob's message").locator(".message-text")).to_be_hidden()
    # Of the two lists of conversations only the one of the group still shows what he said.
    await expect(group.page.locator(".conversation-preview").get_by_text("Bob's message")).to_have_count(1)
    await expect(direct.composer).to_be_hidden()
    await bob.person.writes(team, "Another of Bob's")
    await expect(group.page.locator(".message.is-folded")).to_have_count(2)
    await group.page.locator(".fold").first.click()
    await expect(group.messages("Bob's message").locator(".message-text")).to_be_visible()
    await alice.opens(f"/conversations/{chat}/")
    await expect(alice.page.get_by_text("cannot write to each other")).to_be_visible()
    await expect(alice.page.locator(".message")).to_have_count(0)
    await alice.opens("/@bob/")
    await alice.page.get_by_label("More").click()
    await alice.page.get_by_role("button", name="Unblock Bob").click()
    await expect(alice.page.get_by_text("Bob's post")).to_be_visible()
    await expect(group.page.locator(".message.is-folded")).to_have_count(0)
