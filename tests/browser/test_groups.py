"""A group on the page: made, joined by a link, renamed and left, and everybody else sees it without a reload."""

from pathlib import Path

from playwright.async_api import expect

from tests.browser.people import Desk, conversation_of
from tests.pictures import png


async def test_a_group_is_begun_with_a_picture_and_joined_by_a_link(desk: Desk, tmp_path: Path) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    for name in ("carol", "dave"):
        await desk.site.signs_in(name)
    face = tmp_path / "face.png"
    face.write_bytes(png())
    await alice.opens("/conversations/#new")
    for name in ("carol", "dave"):
        await alice.page.get_by_label("To").fill(f"{name} ")
    await alice.page.get_by_label("Title").fill("Bakers")
    await alice.page.get_by_label("Picture").set_input_files(face)
    await alice.page.get_by_role("button", name="Start").click()
    await expect(alice.page.locator("#chat-title")).to_have_text("Bakers")
    chat = alice.page.url
    await alice.page.get_by_role("link", name="3 members").click()
    await alice.page.get_by_role("button", name="Make a link").click()
    link = await alice.page.get_by_label("Invite link of alice").input_value()
    await alice.opens(chat)
    await bob.opens(link)
    await bob.page.get_by_role("button", name="Join the group").click()
    for tab in (alice, bob):
        await expect(tab.page.locator(".quiet-line")).to_contain_text("Bob joined by a link")
        await expect(tab.page.get_by_role("link", name="4 members")).to_be_visible()
    await bob.says("Fresh rolls")
    await alice.sees("Fresh rolls")


async def test_a_group_without_a_title_is_called_after_who_is_in_it_just_now(desk: Desk) -> None:
    alice = await desk.seats("alice")
    bob, carol, _ = [await desk.site.signs_in(name) for name in ("bob", "carol", "dave")]
    team = await conversation_of(bob, alice.person, carol)
    root = (await alice.person.writes(team, "Bread?"))["message_id"]
    await bob.post(f"/conversations/{team}/messages", {"message": "Rye.", "thread": root})
    threads = await alice.another()
    await alice.opens("/conversations/")
    await threads.opens("/threads")
    title = alice.page.locator(f"#conversation-{team} .conversation-title")
    place = threads.page.locator(f"#thread-{root} .thread-by")
    for change, names in (
        (lambda: bob.put(f"/conversations/{team}/members/dave"), "Bob, Carol, Dave"),
        (lambda: bob.delete(f"/conversations/{team}/members/carol"), "Bob, Dave"),
        (lambda: bob.put(f"/conversations/{team}", {"title": "Bakers"}), "Bakers"),
    ):
        await change()
        await expect(title).to_have_text(names)
        await expect(place).to_have_text(f"In {names} · 1 reply, last by bob")


async def test_an_admin_deletes_what_somebody_wrote_and_everybody_sees_that(desk: Desk) -> None:
    alice, bob, carol = [await desk.seats(name) for name in ("alice", "bob", "carol")]
    team = await conversation_of(alice.person, bob.person, carol.person, title="Team")
    for tab in (alice, bob, carol):
        await tab.opens(f"/conversations/{team}/")
        tab.page.on("dialog", lambda dialog: dialog.accept())
    await carol.says("Buy my cake")
    await alice.says("No advertising, please")
    await bob.sees("Buy my cake")
    delete = bob.page.get_by_role("toolbar", name="Message options").get_by_role("button", name="Delete for everyone")
    await bob.messages("Buy my cake").locator(".message-link").click()
    await expect(bob.page.get_by_role("toolbar", name="Message options")).to_be_visible()
    await expect(delete).to_be_hidden()
    # What bob may do follows his role, on the page that is open.
    await alice.person.put(f"/conversations/{team}/members/bob", {"role": "admin"})
    await expect(bob.page.locator(".quiet-line")).to_contain_text("made Bob an admin")
    await bob.page.keyboard.press("Escape")
    await bob.messages("No advertising").locator(".message-link").click()
    await delete.click()
    await expect(bob.toast("Only the group's owner can delete this message.")).to_be_visible()
    await bob.messages("Buy my cake").locator(".message-link").click()
    await delete.click()
    gone = "This message was deleted by an admin of the group"
    for tab in (alice, bob, carol):
        await expect(tab.page.locator(".message-gone:visible")).to_have_text(gone)
        await expect(tab.messages("Buy my cake")).to_have_count(0)
    await carol.page.reload()
    await expect(carol.page.locator(".message-gone:visible")).to_have_text(gone)
    # The browser itself says that a request was refused.
    desk.complaints = [text for text in desk.complaints if "403" not in text]


async def test_everybody_sees_a_change_and_who_is_removed_can_write_no_more(desk: Desk) -> None:
    alice, bob, carol = [await desk.seats(name) for name in ("alice", "bob", "carol")]
    team = await conversation_of(alice.person, bob.person, carol.person, title="Team")
    for tab in (bob, carol):
        await tab.opens(f"/conversations/{team}/")
    elsewhere = await (await bob.another()).opens("/conversations/")
    await alice.opens(f"/conversations/{team}/members")
    await alice.page.get_by_label("Title").fill("Crew")
    await alice.page.get_by_role("button", name="Rename").click()
    for tab in (bob, carol):
        await expect(tab.page.locator("#chat-title")).to_have_text("Crew")
        await expect(tab.page.locator(".chat-side .conversation-title")).to_have_text("Crew")
    await expect(elsewhere.page.locator(".conversation-title")).to_have_text("Crew")
    await alice.is_live()
    alice.page.on("dialog", lambda dialog: dialog.accept())
    await alice.page.get_by_label("Change Bob").click()
    await alice.page.get_by_role("button", name="Remove Bob").click()
    await expect(alice.page.locator(".member")).to_have_count(2)
    await expect(bob.page.get_by_text("You are not in this conversation any more.")).to_be_visible()
    await expect(bob.composer).to_be_hidden()
    await expect(elsewhere.page.locator(".conversation")).to_have_count(0)
    await carol.says("Quiet here")
    await expect(carol.page.locator(".quiet-line").last).to_contain_text("Alice removed Bob")
    order = await carol.page.locator(".message-list > .quiet-line, .message-list > .message").all_inner_texts()
    assert ["named" in order[0], "removed" in order[1], "Quiet here" in order[2]] == [True] * 3
    await carol.page.reload()
    await carol.is_live()
    assert await carol.page.locator(".message-list > li:not(.day)").all_inner_texts() == order
    # Two pages of members follow one another without a reload too.
    await alice.is_live()
    await carol.person.delete(f"/conversations/{team}/members/carol")
    await expect(alice.page.locator(".member")).to_have_count(1)
