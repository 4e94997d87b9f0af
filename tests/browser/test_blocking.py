"""Blocking somebody on their page: what is open changes at once, and everything says why."""

from urllib.parse import quote

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
    await group.page.locator(".fold summary").first.click()
    await expect(group.messages("Bob's message").locator(".message-text")).to_be_visible()
    await alice.opens(f"/conversations/{chat}/")
    await expect(alice.page.get_by_text("cannot write to each other")).to_be_visible()
    await expect(alice.page.locator(".message")).to_have_count(0)
    await alice.opens("/@bob/")
    await alice.page.get_by_label("More").click()
    await alice.page.get_by_role("button", name="Unblock Bob").click()
    await expect(alice.page.get_by_text("Bob's post")).to_be_visible()
    await expect(group.page.locator(".message.is-folded")).to_have_count(0)


async def test_in_a_group_what_is_hidden_is_neither_quoted_nor_named(desk: Desk) -> None:
    alice, bob, carol = [await desk.seats(name) for name in ("alice", "bob", "carol")]
    team = await conversation_of(carol.person, alice.person, bob.person, title="Team")
    rude = await bob.person.writes(team, "Something rude")
    address = f"/conversations/{team}/messages"
    await carol.person.post(address, {"message": "Stop it", "reply_to": rude["message_id"]})
    plain = await alice.person.writes(team, "Bread?")
    for person in (bob, carol):
        await person.person.put(f"{address}/{plain['message_id']}/reactions/{quote('👍')}")
    await alice.opens(f"/conversations/{team}/")
    words = alice.messages("Stop it").locator(".quote")
    await expect(words).to_contain_text("Something rude", use_inner_text=True)
    await expect(alice.page.locator(".reaction")).to_have_attribute("title", "bob, carol")

    async def is_hidden() -> None:
        await expect(words).to_have_text("IN REPLY TO a hidden message", use_inner_text=True, ignore_case=True)
        await expect(alice.page.locator(".reaction")).to_have_attribute("title", "carol and 1 more")
        await expect(alice.page.get_by_text("Something rude", exact=True).locator("visible=true")).to_have_count(0)

    await alice.person.put("/@bob/block")
    await is_hidden()
    await alice.page.reload()
    await alice.is_live()
    await is_hidden()
    await alice.person.delete("/@bob/block")
    await expect(words).to_contain_text("Something rude", use_inner_text=True)
    await expect(alice.page.locator(".reaction")).to_have_attribute("title", "bob, carol")
    await expect(alice.page.locator(".fold")).to_have_count(0)


async def test_without_script_messages_fold_and_the_settings_list_whom_one_blocks(desk: Desk) -> None:
    alice = await desk.seats("alice", java_script_enabled=False)
    bob, carol = [await desk.site.signs_in(name) for name in ("bob", "carol")]
    team = await conversation_of(carol, alice.person, bob, title="Team")
    await bob.writes(team, "Something rude")
    await alice.page.goto("/@bob/")
    await alice.page.get_by_label("More").click()
    await alice.page.get_by_role("button", name="Block Bob").click()
    await alice.page.goto(f"/conversations/{team}/")
    row = alice.messages("Something rude")
    await expect(row.locator(".message-text")).to_be_hidden()
    await row.get_by_text("Hidden: one of you blocks the other").click()
    await expect(row.locator(".message-text")).to_be_visible()
    await alice.page.goto("/@bob/")
    await alice.page.get_by_role("link", name="Whom you block").click()
    await alice.page.get_by_role("button", name="Unblock Bob").click()
    await expect(alice.page.get_by_text("Nobody. You can block somebody on their page.")).to_be_visible()
    await alice.page.goto(f"/conversations/{team}/")
    await expect(row.locator(".message-text")).to_be_visible()
