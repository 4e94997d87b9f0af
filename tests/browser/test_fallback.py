"""Behind a proxy that knows no WebSockets everything works all the same, and says so in small."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.people import Cable, Desk, Tab, conversation_of
from tests.site import until

LIVE_OVER_HTTP = "Live over HTTP"


@pytest.fixture
async def blocked(cable: Cable) -> Cable:
    """A way to the site on which WebSockets are refused."""
    cable.blocks_sockets = True
    return cable


async def is_over_http(page: Page) -> None:
    await expect(page.get_by_text(LIVE_OVER_HTTP)).to_be_visible()


async def is_over_sockets(page: Page) -> None:
    await expect(page.locator("html[data-live=true]")).to_be_attached()
    await expect(page.get_by_text(LIVE_OVER_HTTP)).to_be_hidden()


async def talking(desk: Desk, far_desk: Desk) -> tuple[Tab, Tab]:
    """Alice and Bob with their conversation open; Bob behind the proxy."""
    alice, bob = await desk.seats("alice"), await far_desk.seats("bob")
    chat = f"/conversations/{await conversation_of(alice.person, bob.person)}/"
    return await alice.opens(chat), await bob.opens(chat)


async def test_two_people_chat_with_typing_and_ticks(desk: Desk, far_desk: Desk, blocked: Cable) -> None:
    alice, bob = await talking(desk, far_desk)
    await is_over_http(bob.page)
    await is_over_sockets(alice.page)
    # Typing is told to those who are there; what is seen says that the chat is.
    await alice.says("Knock")
    await bob.sees("Knock")
    await alice.composer.press_sequentially("Hello")
    await expect(bob.page.locator(".typing")).to_contain_text("alice is typing")
    await alice.composer.press("Enter")
    await bob.sees("Hello")
    await alice.has_ticks("Hello", "read")
    await bob.composer.press_sequentially("Hello")
    await expect(alice.page.locator(".typing")).to_contain_text("bob is typing")
    for number in range(10):
        await bob.says(f"from behind the wall {number}")
    await alice.sees("from behind the wall 9")
    await bob.has_ticks("from behind the wall 9", "read")
    said = ["Knock", "Hello", *[f"from behind the wall {number}" for number in range(10)]]
    assert await alice.texts() == await bob.texts() == said
    assert blocked.refused >= 2


async def test_notifications_toasts_and_watched_posts_arrive(desk: Desk, far_desk: Desk, blocked: Cable) -> None:
    alice, bob = await desk.seats("alice"), await far_desk.seats("bob")
    post = (await bob.person.post("/posts", json={"body": "First light"})).json()["id"]
    await bob.opens("/")
    await is_over_http(bob.page)
    await alice.person.put(f"/post/{post}/like")
    await expect(bob.toast("Alice liked your post")).to_be_visible()
    await bob.notes(1)
    await expect(bob.page.locator(f"#post-{post} .act-like .act-count")).to_have_text("1")
    await bob.page.get_by_role("textbox").first.fill("Second light")
    await bob.page.get_by_role("button", name="Post", exact=True).click()
    second = bob.page.locator("main .post").filter(has_text="Second light")
    await expect(second).to_have_count(1)
    listed = (await alice.person.get("/posts")).json()["items"]
    newest = next(item["id"] for item in listed if item["body"] == "Second light")
    # A post that came later is watched too.
    await alice.person.put(f"/post/{newest}/like")
    await expect(second.locator(".act-like .act-count")).to_have_text("1")
    await bob.toast("Alice liked your post").first.get_by_role("link", name="Open").click()
    await bob.page.wait_for_url("**/post/**")
    await bob.notes(1)


async def test_the_next_page_knows_it_and_tries_no_socket(far_desk: Desk, blocked: Cable) -> None:
    bob = await far_desk.seats("bob")
    await bob.opens("/")
    await is_over_http(bob.page)
    refused = blocked.refused
    await bob.opens("/posts")
    await is_over_http(bob.page)
    assert blocked.refused == refused


async def test_it_goes_back_to_sockets_once_they_are_let_through(desk: Desk, far_desk: Desk, blocked: Cable) -> None:
    alice, bob = await talking(desk, far_desk)
    await is_over_http(bob.page)
    await alice.says("one")
    await bob.sees("one")
    blocked.blocks_sockets = False
    await alice.says("two")
    # As when the laptop wakes up elsewhere; else it is tried every minute.
    await bob.page.evaluate("window.dispatchEvent(new Event('online'))")
    await is_over_sockets(bob.page)
    await bob.says("three")
    await alice.sees("three")
    await bob.has_ticks("three", "read")
    assert await bob.texts() == await alice.texts() == ["one", "two", "three"]
    kept = await bob.page.evaluate("Object.keys(sessionStorage)")
    assert not [key for key in kept if "blocked" in key]


async def test_a_cut_is_survived_over_http_too(desk: Desk, far_desk: Desk, blocked: Cable) -> None:
    alice, bob = await talking(desk, far_desk)
    await is_over_http(bob.page)
    blocked.cut()
    await blocked.is_missed()
    for text in ("one", "two"):
        await alice.says(text)
        await alice.has_ticks(text, "sent")
    await bob.says("meanwhile")
    blocked.mend()
    await alice.sees("meanwhile")
    await bob.sees("two")
    assert sorted(await bob.texts()) == ["meanwhile", "one", "two"]
    assert await bob.texts() == await alice.texts()


async def test_a_session_that_is_ended_elsewhere_says_so(far_desk: Desk, blocked: Cable) -> None:
    bob = await far_desk.seats("bob")
    await bob.opens("/")
    await is_over_http(bob.page)
    await bob.person.post("/logout")
    await expect(bob.page.get_by_role("status").filter(has_text="You are signed out.")).to_be_visible()


async def test_an_upgrade_that_is_swallowed_is_not_waited_for_long(far_desk: Desk, cable: Cable) -> None:
    cable.swallows_sockets = True
    bob = await far_desk.seats("bob")
    await bob.page.clock.install()
    await bob.page.goto("/")
    for attempt in (1, 2):

        async def is_swallowed(attempt: int = attempt) -> bool:
            await bob.page.clock.run_for(1_000)
            return cable.refused >= attempt

        await until(is_swallowed)
        await bob.page.clock.run_for(10_000)
    await bob.is_live()
    await is_over_http(bob.page)


async def test_an_outage_is_no_reason_to_leave_sockets(far_desk: Desk, cable: Cable) -> None:
    bob = await far_desk.seats("bob")
    await bob.opens("/")
    cable.cut()

    async def has_tried_both_ways() -> bool:
        return cable.refused >= 3

    await until(has_tried_both_ways)
    cable.mend()
    await bob.is_live()
    await is_over_sockets(bob.page)
