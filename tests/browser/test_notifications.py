"""Two people: what one does, the other's open pages say at once, in every tab."""

from playwright.async_api import expect

from tests.browser.people import Desk


async def test_a_like_rings_on_the_other_side(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    post = (await alice.person.post("/posts", json={"body": "First light"})).json()
    await alice.opens("/")
    await alice.notes(0)
    await bob.opens("/posts")
    like = bob.page.get_by_role("button", name="Like").first
    await like.click()
    await expect(like).to_have_attribute("aria-pressed", "true")
    await expect(alice.toast("Bob liked your post")).to_be_visible()
    await alice.notes(1)
    await expect(alice.page.locator(f"#post-{post['id']} .act-like .act-count")).to_have_text("1")
    await alice.toast("Bob liked your post").get_by_role("link", name="Open").click()
    await alice.page.wait_for_url(f"**/post/{post['id']}/")
    await alice.notes(0)


async def test_read_in_one_tab_is_read_in_the_other(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    await alice.opens("/")
    other = await (await alice.another()).opens("/notifications/")
    await bob.person.put("/@alice/follow")
    await alice.notes(1)
    await other.notes(1)
    row = other.page.locator("main .notification").filter(has_text="Bob started following you")
    await expect(row).to_have_class("notification is-unread")
    await row.get_by_role("button", name="Mark as read").click()
    await expect(row).not_to_have_class("notification is-unread")
    await other.notes(0)
    await alice.notes(0)


async def test_all_read_at_once_from_the_bell(desk: Desk) -> None:
    alice, bob, carol = await desk.seats("alice"), await desk.seats("bob"), await desk.seats("carol")
    await alice.opens("/")
    other = await (await alice.another()).opens("/posts")
    await bob.person.put("/@alice/follow")
    await carol.person.put("/@alice/follow")
    await alice.notes(2)
    await alice.page.get_by_role("button", name="Notifications").click()
    await alice.page.locator(".bell-panel").get_by_role("button", name="Mark all read").click()
    await alice.notes(0)
    await other.notes(0)


async def test_a_toast_never_takes_the_focus(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    await alice.opens("/")
    await alice.page.locator("textarea").first.focus()
    await bob.person.put("/@alice/follow")
    await expect(alice.toast("Bob started following you")).to_be_visible()
    await expect(alice.page.locator("textarea").first).to_be_focused()
    await expect(alice.page.locator("#toasts")).to_have_attribute("aria-live", "polite")


async def test_the_browsers_permission_is_asked_on_a_click_only(desk: Desk) -> None:
    asked = "Notification.requestPermission = () => { window.asked = true; return Promise.resolve('granted'); };"
    alice = await desk.seats("alice")
    await alice.page.add_init_script(
        "Object.defineProperty(Notification, 'permission', {get: () => window.asked ? 'granted' : 'default'});" + asked
    )
    await alice.opens("/")
    assert await alice.page.evaluate("window.asked") is None
    await alice.page.get_by_role("button", name="Notifications").click()
    panel = alice.page.locator(".bell-panel")
    await panel.get_by_role("button", name="Enable browser notifications").click()
    assert await alice.page.evaluate("window.asked") is True
    await expect(panel.get_by_role("button", name="Enable browser notifications")).to_be_hidden()


async def test_a_denied_permission_is_explained(desk: Desk) -> None:
    alice = await desk.seats("alice")
    await alice.page.add_init_script("Object.defineProperty(Notification, 'permission', {get: () => 'denied'});")
    await alice.opens("/")
    await alice.page.get_by_role("button", name="Notifications").click()
    await expect(alice.page.locator(".bell-panel .desktop-words")).to_contain_text("blocked")


async def test_a_session_that_is_ended_elsewhere_says_so(desk: Desk) -> None:
    alice = await desk.seats("alice")
    await alice.opens("/")
    await alice.person.post("/logout")
    await expect(alice.page.get_by_role("status").filter(has_text="You are signed out.")).to_be_visible()
