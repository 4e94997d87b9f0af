"""What one begins to write on one device one can go on with on another."""

from playwright.async_api import expect

from tests.browser.people import Desk, conversation_of


async def test_a_draft_follows_one_to_another_device_and_goes_when_it_is_sent(desk: Desk) -> None:
    phone, laptop = await desk.seats("alice"), await desk.seats("alice")
    bob = await desk.site.signs_in("bob")
    chat = f"/conversations/{await conversation_of(phone.person, bob)}/"
    await phone.opens(chat)
    await laptop.opens(chat)
    await phone.composer.press_sequentially("Shall we")
    await expect(laptop.composer).to_have_value("Shall we")
    await laptop.composer.press("End")
    await laptop.composer.press_sequentially(" meet?")
    await expect(phone.composer).to_have_value("Shall we meet?")
    await laptop.page.reload()
    await expect(laptop.composer).to_have_value("Shall we meet?")
    await laptop.is_live()
    await laptop.composer.press("Enter")
    await phone.sees("Shall we meet?")
    await expect(phone.composer).to_have_value("")


async def test_the_list_shows_that_one_has_begun_to_write(desk: Desk) -> None:
    phone, laptop = await desk.seats("alice"), await desk.seats("alice")
    bob = await desk.site.signs_in("bob")
    chat = await conversation_of(phone.person, bob)
    await bob.writes(chat, "Are you there?")
    await laptop.opens("/conversations/")
    words = laptop.page.locator(f"#conversation-{chat} .conversation-preview")
    await expect(words).to_have_text("Are you there?", use_inner_text=True)
    await phone.opens(f"/conversations/{chat}/")
    await phone.composer.press_sequentially("Just a **moment**")
    await expect(words).to_have_text("Draft: Just a **moment**", use_inner_text=True)
    await laptop.page.reload()
    await expect(words).to_have_text("Draft: Just a **moment**", use_inner_text=True)
    await laptop.is_live()
    # Where one writes it stands in the field.
    await expect(phone.page.locator(f"#conversation-{chat} .conversation-preview")).to_have_text(
        "Are you there?", use_inner_text=True
    )
    await phone.composer.press("Enter")
    await expect(words).to_have_text("You: Just a moment", use_inner_text=True)
