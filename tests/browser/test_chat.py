"""Two people talk: both ways, with typing and ticks, and through a line that breaks."""

from playwright.async_api import expect

from tests.browser.people import MINE, Cable, Desk, Tab, conversation_of


async def talking(desk: Desk, *, far: Desk | None = None) -> tuple[Tab, Tab]:
    """Alice and Bob with their conversation open; Bob at the ``far`` desk if there is one."""
    alice, bob = await desk.seats("alice"), await (far or desk).seats("bob")
    chat = f"/conversations/{await conversation_of(alice.person, bob.person)}/"
    return await alice.opens(chat), await bob.opens(chat)


async def test_messages_go_both_ways_with_typing_and_ticks(desk: Desk) -> None:
    alice, bob = await talking(desk)
    await alice.composer.press_sequentially("Hello")
    await expect(bob.page.locator(".typing")).to_contain_text("alice is typing")
    await expect(alice.page.locator(".typing")).to_be_empty()
    await alice.composer.press("Enter")
    await bob.sees("Hello")
    await expect(bob.page.locator(".typing")).to_be_empty()
    await alice.has_ticks("Hello", "read")
    await bob.says("Hello yourself")
    await alice.sees("Hello yourself")
    await bob.has_ticks("Hello yourself", "read")
    assert await alice.texts() == await bob.texts() == ["Hello", "Hello yourself"]


async def test_ticks_say_how_far_a_message_came(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    chat = f"/conversations/{await conversation_of(alice.person, bob.person)}/"
    await alice.opens(chat)
    await alice.says("Anybody there?")
    await alice.has_ticks("Anybody there?", "sent")
    elsewhere = await (await bob.another()).opens("/posts")
    await alice.has_ticks("Anybody there?", "delivered")
    await alice.says("I see you are about.")
    await alice.has_ticks("I see you are about.", "delivered")
    await expect(elsewhere.page.get_by_role("link", name="Messages").locator(".count-badge")).to_have_text("1")
    await bob.opens(chat)
    await alice.has_ticks("Anybody there?", "read")


async def test_text_is_shown_as_typed_and_links_are_links(desk: Desk) -> None:
    alice, bob = await talking(desk)
    await alice.says("<b>bold?</b> & https://example.org/x?a=1&b=2")
    await bob.sees("<b>bold?</b> & https://example.org/x?a=1&b=2")
    link = bob.page.locator(".message a", has_text="example.org")
    await expect(link).to_have_attribute("href", "https://example.org/x?a=1&b=2")


async def test_after_a_cut_nothing_is_missing_and_nothing_twice(desk: Desk, far_desk: Desk, cable: Cable) -> None:
    alice, bob = await talking(desk, far=far_desk)
    await alice.says("one")
    await bob.sees("one")
    cable.cut()
    await cable.is_missed()
    for text in ("two", "three", "four"):
        await alice.says(text)
        await alice.has_ticks(text, "sent")
    cable.mend()
    for text in ("two", "three", "four"):
        await bob.sees(text)
    assert await bob.texts() == ["one", "two", "three", "four"]
    await bob.is_live()
    await alice.says("five")
    await bob.sees("five")


async def test_what_is_typed_offline_is_kept_over_a_reload_and_sent_once(
    desk: Desk, far_desk: Desk, cable: Cable
) -> None:
    alice, bob = await talking(desk, far=far_desk)
    await bob.context.set_offline(True)
    cable.cut()
    await bob.says("from the tunnel")
    await bob.has_ticks("from the tunnel", "sending")
    await expect(bob.page.get_by_role("status").filter(has_text="Offline")).to_be_visible()
    cable.mend()
    await bob.context.set_offline(False)
    await bob.page.reload()
    await alice.sees("from the tunnel")
    await bob.sees("from the tunnel")
    await bob.has_ticks("from the tunnel", "read")
    assert await alice.texts() == ["from the tunnel"]


# A message that goes by HTTP, as the line is not there yet; and just then it is.
BETWEEN_LINES = """async () => {
    const { Delivery } = await import("natter/delivery.js");
    const waiting = [{ client_id: "one", message: "Hello" }], sent = [];
    let arrives, looks = 0;
    const outbox = { get waiting() { looks += 1; return waiting; } };
    const byHttp = ({ client_id }) => new Promise((done) => { sent.push(client_id); arrives = done; });
    const delivery = new Delivery(outbox, { bySocket: () => false, byHttp });
    const flushed = delivery.flush();
    delivery.restart();
    waiting.pop();
    arrives();
    await flushed;
    return { sent, looks };
}"""


async def test_a_line_that_comes_back_while_a_message_goes_by_http_makes_it_look_once_more(desk: Desk) -> None:
    alice, _ = await talking(desk)
    assert await alice.page.evaluate(BETWEEN_LINES) == {"sent": ["one"], "looks": 2}


async def test_older_messages_come_on_scrolling_up_without_a_jump(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    conversation = await conversation_of(alice.person, bob.person)
    for number in range(120):
        await alice.person.post(f"/conversations/{conversation}/messages", json={"message": f"number {number:03}"})
    await bob.opens(f"/conversations/{conversation}/")
    log = bob.page.get_by_role("log")
    await expect(bob.page.get_by_role("link", name="120 unread", exact=True)).to_be_visible()
    await log.evaluate("(log) => { log.scrollTop = log.scrollHeight; }")
    before = await bob.page.locator(".message").count()
    first = bob.page.locator(".message").first
    text = (await first.locator(".message-text").inner_text()).strip()
    await log.evaluate("(log) => { log.scrollTop = 40; }")
    await expect(bob.page.locator(".message")).not_to_have_count(before)
    anchor = bob.messages(text)
    top = await anchor.evaluate("(row) => row.getBoundingClientRect().top")
    height = await log.evaluate("(log) => log.getBoundingClientRect().bottom")
    assert 0 <= top <= height, "the message that was at the top is still in view"


async def test_a_reader_further_up_is_not_pulled_down_but_told(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    conversation = await conversation_of(alice.person, bob.person)
    for number in range(45):
        await alice.person.post(f"/conversations/{conversation}/messages", json={"message": f"number {number:03}"})
    await bob.person.put(f"/conversations/{conversation}/read", json={"seq": 45})
    await bob.opens(f"/conversations/{conversation}/")
    log = bob.page.get_by_role("log")
    await log.evaluate("(log) => { log.scrollTop = 0; }")
    await alice.opens(f"/conversations/{conversation}/")
    await alice.says("news")
    await alice.says("more news")
    pill = bob.page.get_by_role("button", name="2 new messages")
    await expect(pill).to_be_visible()
    await alice.has_ticks("more news", "delivered")
    await pill.click()
    await alice.has_ticks("more news", "read")
    await expect(pill).to_be_hidden()


async def test_the_list_of_conversations_moves_by_itself(desk: Desk) -> None:
    alice, bob, carol = await desk.seats("alice"), await desk.seats("bob"), await desk.seats("carol")
    with_bob = await conversation_of(alice.person, bob.person)
    with_carol = await conversation_of(alice.person, carol.person)
    await alice.opens("/conversations/")
    rows = alice.page.locator("main .conversation .conversation-title")
    await bob.person.post(f"/conversations/{with_bob}/messages", json={"message": "up"})
    await expect(rows.first).to_have_text("Bob")
    await carol.person.post(f"/conversations/{with_carol}/messages", json={"message": "up and over"})
    await expect(rows.first).to_have_text("Carol")
    await expect(alice.page.locator(f"#conversation-{with_carol} .count-badge")).to_contain_text("1")
    await alice.person.put(f"/conversations/{with_carol}/read", json={"seq": 1})
    await expect(alice.page.locator(f"#conversation-{with_carol} .count-badge")).to_be_hidden()


async def test_a_conversation_started_by_somebody_else_appears(desk: Desk) -> None:
    alice, bob = await desk.seats("alice"), await desk.seats("bob")
    await alice.opens("/conversations/")
    await expect(alice.page.get_by_text("No conversations yet")).to_be_visible()
    conversation = await conversation_of(bob.person, alice.person)
    await expect(alice.page.locator(f"#conversation-{conversation}")).to_contain_text("Bob")


async def test_a_message_that_is_too_long_is_said_so_before_it_is_sent(desk: Desk) -> None:
    alice, _ = await talking(desk)
    await alice.says("x" * 4001)
    trouble = alice.page.get_by_role("alert").filter(has_text="too many")
    await expect(trouble).to_be_visible()
    await expect(alice.page.locator(MINE)).to_have_count(0)
