"""A session that ends takes its sockets along, on every worker, and leaves all others alone."""

import time

from tests.site import PASSWORD, Person, Site
from tests.sockets import Socket, address

PATH = "/ws/notifications/"


async def test_logging_out_closes_the_sockets_of_that_session_only(site: Site, alice: Person, bob: Person) -> None:
    conversation = await alice.starts_conversation(bob)
    chat = f"/ws/chat/{conversation}/"
    elsewhere = await site.signs_in("alice")
    async with (
        alice.listens(PATH) as page,
        alice.listens(chat) as open_chat,
        elsewhere.listens(PATH) as other_page,
        elsewhere.listens(chat) as other_chat,
    ):
        for socket in (page, open_chat, other_page, other_chat):
            await socket.is_live()
        began = time.monotonic()
        assert (await alice.post("/logout")).status_code == 204
        assert await page.closed() == 4401
        assert await open_chat.closed() == 4401
        assert time.monotonic() - began < 2
        await bob.writes(conversation, "only for the other one")
        await other_chat.sees("chat_message", message="only for the other one")
        await other_page.sees("conversation_activity", preview="only for the other one")
        assert not page.all_of("conversation_activity", "preview")
    assert (await alice.shakes_hands(PATH)).status_code == 401


async def test_a_session_that_ends_on_one_worker_ends_on_all(site: Site, strict_site: Site) -> None:
    alice = await site.signs_in("alice")
    elsewhere = Person(strict_site, {})
    elsewhere.http.cookies = alice.http.cookies
    strict_site.people.append(elsewhere)
    async with elsewhere.listens(PATH) as page:
        await page.is_live()
        began = time.monotonic()
        await alice.post("/logout")
        assert await page.closed() == 4401
        assert time.monotonic() - began < 2


async def test_a_token_that_is_ended_in_the_settings_closes_its_socket(site: Site, alice: Person) -> None:
    token = (await alice.post("/tokens", {"username": "alice", "password": PASSWORD})).json()["token"]
    listed = (await alice.get("/settings")).json()["sessions"]
    (its_session,) = [session["id"] for session in listed if session["kind"] == "token"]
    async with (
        Socket(address(site.url, PATH), {"Authorization": f"Bearer {token}"}) as its,
        alice.listens(PATH) as page,
    ):
        await its.is_live()
        await page.is_live()
        assert (await alice.delete(f"/settings/sessions/{its_session}")).status_code == 204
        assert await its.closed() == 4401
        await page.sees("skip")
        await page.pings()


async def test_a_new_password_closes_all_other_sessions(site: Site, alice: Person) -> None:
    elsewhere = await site.signs_in("alice")
    async with elsewhere.listens(PATH) as other_page, alice.listens(PATH) as page:
        await other_page.is_live()
        await page.is_live()
        changed = {"current_password": PASSWORD, "password": "another good one"}
        answer = await alice.put("/settings/password", changed)
        assert answer.is_success, answer.text
        assert await other_page.closed() == 4401
        await page.pings()
