"""The door of a socket: who comes in, and what everyone else is told before any upgrade."""

from uuid import uuid4

import httpx
import pytest

from tests.shapes import A_SENTENCE
from tests.site import PASSWORD, Person, Site
from tests.sockets import RawSocket, Socket, address, client_frame

NOTIFICATIONS = "/ws/notifications/"


def is_refused(answer: httpx.Response, status: int, code: str) -> bool:
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code)
    return set(error) == {"code", "message", "fields"} and error["message"] == A_SENTENCE


@pytest.mark.parametrize("path", [NOTIFICATIONS, "/ws/notifications"])
async def test_who_is_signed_in_comes_in_and_a_visitor_does_not(site: Site, alice: Person, path: str) -> None:
    visitor = await site.visitor()
    assert is_refused(await visitor.shakes_hands(path), 401, "not_signed_in")
    # A browser and most programs say nothing of what they accept: no way to a login page for them.
    assert is_refused(await visitor.shakes_hands(path, accept="*/*"), 401, "not_signed_in")
    assert is_refused(await visitor.shakes_hands(path, authorization="Bearer nonsense"), 401, "not_signed_in")
    assert is_refused(await visitor.shakes_hands(path, origin="https://evil.test"), 403, "foreign_origin")
    assert is_refused(await visitor.shakes_hands(f"/ws/chat/{uuid4()}/"), 401, "not_signed_in")
    async with alice.listens(path) as hers:
        await hers.is_live()


async def test_a_foreign_page_cannot_use_the_cookie_and_our_own_can(site: Site, alice: Person) -> None:
    for origin in ("https://evil.test", "null", f"{site.url}0", site.url.replace("127.0.0.1", "localhost"), None):
        assert is_refused(await alice.shakes_hands(NOTIFICATIONS, origin=origin), 403, "foreign_origin"), origin
    conversation = await alice.starts_conversation(await site.signs_in("bob"))
    refused = await alice.shakes_hands(f"/ws/chat/{conversation}/", origin="https://evil.test")
    assert is_refused(refused, 403, "foreign_origin")
    async with alice.listens(NOTIFICATIONS) as hers:
        await hers.is_live()


async def test_a_program_needs_a_token_and_no_origin(site: Site, alice: Person, bob: Person) -> None:
    conversation = await bob.starts_conversation(alice)
    answer = await alice.post("/tokens", {"username": "alice", "password": PASSWORD})
    headers = {"Authorization": f"Bearer {answer.json()['token']}"}
    async with Socket(address(site.url, NOTIFICATIONS), headers) as its:
        await its.is_live()
    async with Socket(address(site.url, f"/ws/chat/{conversation}/"), headers) as its:
        await its.is_live()
        await bob.writes(conversation, "hello, machine")
        await its.sees("chat_message", message="hello, machine")


async def test_the_address_of_a_socket_is_no_page(alice: Person) -> None:
    assert is_refused(await alice.get(NOTIFICATIONS), 426, "upgrade_required")
    assert is_refused(await alice.shakes_hands(NOTIFICATIONS, connection="close"), 426, "upgrade_required")
    assert is_refused(
        await alice.shakes_hands(NOTIFICATIONS, upgrade="h2c", accept="application/json"), 426, "upgrade_required"
    )


@pytest.mark.parametrize(
    "wrong",
    [
        {"sec_websocket_version": "8"},
        {"sec_websocket_version": None},
        {"sec_websocket_key": None},
        {"sec_websocket_key": "dG9vIHNob3J0"},
        {"sec_websocket_key": "%%%"},
    ],
)
async def test_a_handshake_that_is_none_is_refused(alice: Person, wrong: dict[str, str | None]) -> None:
    assert is_refused(await alice.shakes_hands(NOTIFICATIONS, **wrong), 400, "bad_request")


@pytest.mark.parametrize("after", ["x", "-1", "1.5", "9" * 19, "٣"])
async def test_a_cursor_that_is_no_number_is_refused(alice: Person, bob: Person, after: str) -> None:
    assert is_refused(await alice.shakes_hands(f"{NOTIFICATIONS}?after={after}"), 400, "bad_cursor")


async def test_the_answer_is_the_one_that_the_key_asks_for_and_no_extension(alice: Person) -> None:
    offer = alice.socket_headers() | {"Sec-WebSocket-Extensions": "permessage-deflate"}
    async with RawSocket(address(alice.site.url, NOTIFICATIONS), offer) as hers:
        lines = hers.headers.lower().splitlines()
        assert lines[0] == "http/1.1 101 switching protocols"
        assert "sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=" in lines
        assert not any(line.startswith("sec-websocket-extensions") for line in lines)
        assert (await hers.sees("hello"))["topic"] == f"user.{alice.id}"


async def test_commands_sent_with_the_handshake_are_heard(alice: Person, bob: Person) -> None:
    conversation = await alice.starts_conversation(bob)
    eager = RawSocket(address(alice.site.url, f"/ws/chat/{conversation}/"), alice.socket_headers())
    eager.early = client_frame('{"type":"chat_message","message":"first!"}')
    async with eager:
        assert (await eager.sees("chat_message"))["message"] == "first!"


async def test_a_user_has_so_many_sockets_and_another_user_has_their_own(strict_site: Site) -> None:
    alice, bob = await strict_site.signs_in("alice"), await strict_site.signs_in("bob")
    path = NOTIFICATIONS
    async with alice.listens(path) as one, alice.listens(path), alice.listens(path):
        refused = await alice.shakes_hands(path)
        assert is_refused(refused, 429, "too_many_sockets")
        assert int(refused.headers["retry-after"]) > 0
        async with bob.listens(path) as his:
            await his.is_live()
        await one.hangs_up()
        async with alice.listens(path) as again:
            await again.is_live()
