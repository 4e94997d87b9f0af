"""One's conversations: kept as one likes on all pages, narrowed down, and unread where one wants to go on."""

from playwright.async_api import expect

from tests.browser.people import Desk, conversation_of


async def test_options_of_a_conversation_hold_on_every_page(desk: Desk) -> None:
    alice, bob, carol = await desk.seats("alice"), await desk.site.signs_in("bob"), await desk.site.signs_in("carol")
    chat = await conversation_of(alice.person, bob)
    newer = await conversation_of(alice.person, carol)
    await carol.post(f"/conversations/{newer}/messages", json={"message": "Hello"})
    page = (await alice.opens(f"/conversations/{chat}/")).page
    listed = (await (await alice.another()).opens("/conversations/")).page
    await expect(listed.locator(".conversation").first).to_contain_text("Carol")
    await page.get_by_label("Options of this conversation").press("Enter")
    await page.get_by_role("button", name="Pin to the top").click()
    await expect(listed.locator(".conversation").first).to_contain_text("Bob")
    await expect(listed.locator(f"#conversation-{chat} .conversation-marks")).to_contain_text("Pinned")
    await page.get_by_label("Options of this conversation").click()
    await expect(page.get_by_role("button", name="Unpin")).to_be_visible()
    await page.get_by_role("button", name="Mute for 8 hours").click()
    await expect(listed.locator(f"#conversation-{chat} .conversation-marks")).to_contain_text("Muted")
    await page.get_by_label("Options of this conversation").click()
    await expect(page.locator(".keep-muted")).to_contain_text("Muted until")
    await page.get_by_role("button", name="Unmute").click()
    await page.get_by_label("Options of this conversation").click()
    await page.get_by_role("button", name="Archive", exact=True).click()
    await expect(listed.locator(f"#conversation-{chat}")).to_be_hidden()
    await bob.post(f"/conversations/{chat}/messages", json={"message": "Back again"})
    await expect(listed.locator(f"#conversation-{chat}")).to_be_visible()
    await listed.get_by_role("link", name="Groups").click()
    # What was said just now is fetched into any list, and shown where it belongs.
    await expect(listed.locator(".conversation:visible")).to_have_count(0)
    await expect(listed.get_by_text("No groups yet")).to_be_visible()


async def test_unread_again_from_here_and_back_to_there(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.site.signs_in("bob")
    chat = await conversation_of(alice.person, bob)
    for number in range(70):
        await bob.post(f"/conversations/{chat}/messages", json={"message": f"Line {number}."})
    listed = (await (await alice.another()).opens("/conversations/")).page
    row = listed.locator(f"#conversation-{chat}")
    await expect(row.locator(".count-badge")).to_contain_text("70")
    page = (await alice.opens(f"/conversations/{chat}/")).page
    await expect(row.locator(".count-badge")).to_be_hidden()
    await page.get_by_role("link", name="70 unread", exact=True).click()
    first = alice.messages("Line 0.")
    await expect(first).to_be_in_viewport()
    await expect(page.locator(".unread-divider")).to_be_in_viewport()
    await first.locator(".message-link").click()
    await page.get_by_role("button", name="Mark as unread from here").click()
    await expect(row.locator(".count-badge")).to_contain_text("70")
    await listed.reload()
    await expect(row.locator(".count-badge")).to_contain_text("70")


async def test_a_group_sees_who_has_seen_the_newest_message_and_when(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    carol = await desk.site.signs_in("carol")
    chat = f"/conversations/{await conversation_of(alice.person, bob.person, carol)}/"
    await alice.opens(chat)
    await alice.says("Is anybody there?")
    await expect(alice.page.locator(".seen-by a")).to_be_hidden()
    await bob.opens(chat)
    await expect(alice.page.locator(".seen-by")).to_have_text("Seen by bob")
    await carol.put(f"{chat}read", json={"seq": 1})
    await expect(alice.page.locator(".seen-by")).to_contain_text("carol")
    await alice.page.get_by_role("link", name="Seen by").click()
    await expect(alice.page.locator(".readers li")).to_have_count(2)


async def test_unread_from_here_shows_where_that_is_at_once_on_every_page(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.site.signs_in("bob")
    chat = await conversation_of(alice.person, bob)
    for number in range(6):
        await bob.post(f"/conversations/{chat}/messages", json={"message": f"Line {number}."})
    await alice.opens(f"/conversations/{chat}/")
    elsewhere = await (await alice.another()).opens(f"/conversations/{chat}/")
    listed = await (await alice.another()).opens("/conversations/")
    badge = listed.page.locator(f"#conversation-{chat} .count-badge")
    await expect(badge).to_be_hidden()
    for line in (4, 2):
        await alice.messages(f"Line {line}.").locator(".message-link").click()
        await alice.page.get_by_role("button", name="Mark as unread from here").click()
        await expect(badge).to_contain_text(str(6 - line))
        for tab in (alice, elsewhere):
            await expect(tab.page.locator(".unread-divider")).to_have_count(1)
            await expect(tab.page.locator(".unread-divider + .message")).to_contain_text(f"Line {line}.")
    await alice.page.reload()
    await expect(alice.page.locator(".unread-divider + .message")).to_contain_text("Line 2.")
