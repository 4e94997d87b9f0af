"""What nobody would send by accident: each gets a clear answer, none a 500, and none of it reaches the log."""

import httpx
import pytest

from tests.site import Person, Site

HALF, NUL = "\\ud800", "\\u0000"


async def sends(person: Person, path: str, text: str) -> httpx.Response:
    """POST ``text`` as JSON, to the byte."""
    headers = {"content-type": "application/json", "accept": "application/json", "x-csrf-token": person.csrf}
    return await person.http.post(path, content=text, headers=headers)


@pytest.mark.parametrize("accept", ["*", "a", '"', ";;,,/", "text/html;q=abc", "*/*;q=nan", ""])
async def test_an_accept_that_nobody_can_read_gets_an_answer(alice: Person, accept: str) -> None:
    assert (await alice.http.get("/posts", headers={"accept": accept})).status_code == 200


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/posts", f'{{"{HALF}":1}}'),
        ("/posts", f'{{"body":"{HALF}"}}'),
        ("/posts", f'{{"body":"{NUL}"}}'),
        ("/conversations/", f'{{"usernames":["{HALF}"]}}'),
        ("/conversations/", f'{{"usernames":["{NUL}"]}}'),
        ("/conversations/", f'{{"usernames":["bob","carol"],"title":"{NUL}"}}'),
    ],
)
async def test_characters_that_cannot_be_stored_are_refused(
    alice: Person, bob: Person, carol: Person, path: str, text: str
) -> None:
    answer = await sends(alice, path, text)
    assert answer.status_code == 422
    assert answer.json()["error"]["fields"]


@pytest.mark.parametrize("letters", [HALF, NUL, "\\u202e"])
async def test_a_login_with_odd_letters_is_a_wrong_login_and_is_not_logged(site: Site, letters: str) -> None:
    visitor = await site.visitor()
    entered = f'{{"username":"my-secret{letters}","password":"12345678"}}'
    for path in ("/tokens", "/login"):
        assert (await sends(visitor, path, entered)).status_code == 401
    assert "my-secret" not in site.log.read_text()


@pytest.mark.parametrize("letters", [HALF, NUL])
async def test_a_label_with_odd_letters_is_refused(site: Site, alice: Person, letters: str) -> None:
    visitor = await site.visitor()
    entered = f'{{"username":"alice","password":"correct horse","label":"x{letters}"}}'
    answer = await sends(visitor, "/tokens", entered)
    assert answer.status_code == 422
    assert set(answer.json()["error"]["fields"]) == {"label"}


async def test_a_browser_that_calls_itself_odd_things_can_log_in(site: Site, alice: Person) -> None:
    visitor = await site.visitor()
    headers = {"x-csrf-token": visitor.csrf, "user-agent": b"Mozilla \xff\xed\xa0\x80 Firefox/1"}
    body = {"username": "alice", "password": "correct horse"}
    assert (await visitor.http.post("/login", json=body, headers=headers)).status_code == 200


@pytest.mark.parametrize("name", ["a\nb", "a\u202eb", "\u2800", "\u200b", "\u0007"])
async def test_a_name_is_one_visible_line(alice: Person, name: str) -> None:
    assert (await alice.put("/settings/profile", {"display_name": name})).status_code == 422
    assert (await alice.put("/settings/profile", {"display_name": "Alice 🦉 Ødegård"})).is_success


async def test_an_origin_that_is_no_address_is_foreign(alice: Person) -> None:
    for origin in ("http://[::1", "http://", "null", "http://[evil"):
        assert (await alice.shakes_hands("/ws/notifications/", origin=origin)).status_code == 403


async def test_a_refused_message_comes_back_in_its_form(alice: Person, bob: Person) -> None:
    chat = await alice.starts_conversation(bob)
    answer = await alice.submits(f"/conversations/{chat}/messages", message="much too long " + "x" * 4000)
    assert answer.status_code == 422
    assert "much too long" in answer.text
    assert "4,000 characters at most" in answer.text
