"""The feed and its posts: live, by keyboard, without script."""

from playwright.async_api import expect

from tests.browser.people import Desk, conversation_of


async def test_new_posts_wait_behind_a_button(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    await alice.person.put("/@bob/follow")
    await alice.opens("/")
    for number in range(3):
        await bob.person.post("/posts", json={"body": f"bulletin {number}"})
    more = alice.page.get_by_role("button", name="3 new posts").or_(alice.page.get_by_role("link", name="3 new posts"))
    await expect(more).to_be_visible()
    await expect(alice.page.get_by_text("bulletin 2")).to_have_count(0)
    await more.click()
    await expect(alice.page.locator("main .post").filter(has_text="bulletin")).to_have_count(3)


async def test_a_comment_appears_under_the_open_post(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    post = (await alice.person.post("/posts", json={"body": "Opinions?"})).json()["id"]
    await alice.opens(f"/post/{post}/")
    await bob.opens(f"/post/{post}/")
    await bob.page.get_by_role("textbox").last.fill("Many.")
    await bob.page.get_by_role("textbox").last.press("Control+Enter")
    await expect(alice.page.locator(".comment").filter(has_text="Many.")).to_have_count(1)
    await expect(bob.page.locator(".comment").filter(has_text="Many.")).to_have_count(1)


async def test_by_keyboard_alone_from_login_to_a_message(desk: Desk) -> None:
    bob = await desk.seats("bob")
    await desk.site.signs_in("alice")
    await conversation_of(bob.person, await desk.site.signs_in("alice"))
    page = await desk.stranger()
    await page.goto("/login")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await page.get_by_label("Username").focus()
    await page.keyboard.type("alice")
    await page.keyboard.press("Tab")
    await page.keyboard.type("correct horse")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/")
    await expect(page.locator("html[data-live=true]")).to_be_attached()
    await page.goto("/conversations/")
    row = page.locator("main .conversation-link").first
    for _ in range(30):
        if await row.evaluate("(row) => row === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await expect(row).to_be_focused()
    await page.keyboard.press("Enter")
    box = page.get_by_role("textbox", name="Write to Bob")
    for _ in range(30):
        if await box.evaluate("(box) => box === document.activeElement"):
            break
        await page.keyboard.press("Tab")
    await expect(box).to_be_focused()
    await expect(page.locator("html[data-live=true]")).to_be_attached()
    await page.keyboard.type("no mouse needed")
    await page.keyboard.press("Enter")
    await expect(page.locator(".message.is-mine[data-state=sent]").filter(has_text="no mouse needed")).to_have_count(1)
    await page.get_by_role("button", name="Notifications").focus()
    await page.keyboard.press("Enter")
    await expect(page.locator(".bell-panel")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(".bell-panel")).to_be_hidden()


async def test_everything_works_without_script(desk: Desk) -> None:
    bob = await desk.site.signs_in("bob")
    page = (await desk.seats("alice", java_script_enabled=False)).page
    await page.goto("/")
    await page.get_by_role("textbox").first.fill("Written by hand")
    await page.get_by_role("button", name="Post").click()
    await expect(page.locator(".post").filter(has_text="Written by hand")).to_have_count(1)
    await page.get_by_role("button", name="Like").first.click()
    await expect(page.get_by_role("button", name="Like").first).to_have_attribute("aria-pressed", "true")
    await page.goto("/@bob/")
    await page.get_by_role("button", name="Follow").click()
    await expect(page.get_by_role("button", name="Following")).to_be_visible()
    await page.get_by_role("button", name="Message").click()
    await page.get_by_role("textbox", name="Write to Bob").fill("Hello by form")
    await page.get_by_role("button", name="Send").click()
    await expect(page.locator(".message").filter(has_text="Hello by form")).to_have_count(1)
    await expect(page.get_by_text("Not live without JavaScript")).to_be_visible()
    listed = (await bob.get("/conversations/")).json()["items"]
    assert listed[0]["preview"] == "Hello by form"
