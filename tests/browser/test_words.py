"""What words look like: formatting, mentions, and the question before everyone is told."""

from playwright.async_api import expect

from tests.browser.people import Desk, conversation_of


async def test_a_name_is_completed_formatted_and_marked_where_it_is_meant(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    carol = await desk.site.signs_in("carol")
    chat = f"/conversations/{await conversation_of(alice.person, bob.person, carol)}/"
    await alice.opens(chat)
    await bob.opens(chat)
    await alice.composer.press_sequentially("**Look** @b")
    await expect(alice.page.get_by_role("option")).to_have_count(1)
    await alice.composer.press("Enter")
    await expect(alice.composer).to_have_value("**Look** @bob ")
    await alice.composer.press("Enter")
    row = bob.messages("Look @bob")
    await expect(row.locator("strong")).to_have_text("Look")
    await expect(row.locator(".mention")).to_have_attribute("href", "/@bob/")
    await expect(row).to_contain_class("is-mention")
    await expect(alice.messages("Look @bob")).not_to_contain_class("is-mention")
    await bob.page.reload()
    await expect(bob.messages("Look @bob")).to_contain_class("is-mention")
    await alice.composer.press_sequentially("@al")
    await alice.page.get_by_role("option").filter(has_text="Everyone here").click()
    await expect(alice.composer).to_have_value("@all ")


async def test_who_tells_many_is_asked_in_place(desk: Desk) -> None:
    alice = await desk.seats("alice")
    others = [await desk.site.signs_in(f"member_{number}") for number in range(20)]
    await alice.opens(f"/conversations/{await conversation_of(alice.person, *others)}/")
    await alice.says("@all Lunch is here")
    await alice.has_ticks("Lunch is here", "failed")
    row = alice.messages("Lunch is here")
    await expect(row.locator(".message-trouble")).to_contain_text("This tells all 21 people here.")
    await alice.page.get_by_role("button", name="Tell everyone").click()
    await alice.has_ticks("Lunch is here", "sent")
