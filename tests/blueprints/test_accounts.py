"""Registering, logging in and out, and tokens."""

import pytest

from tests.site import PASSWORD, Person, Site


async def test_registering_signs_in(site: Site) -> None:
    visitor = await site.visitor()
    answer = await visitor.post("/register", {"username": " Alice_1 ", "password": PASSWORD})
    assert answer.status_code == 201
    facts = answer.json()
    assert facts == {
        "id": facts["id"],
        "username": "alice_1",
        "display_name": "alice_1",
        "avatar": "/media/avatars/alice_1.jpg",
        "is_verified": False,
        "is_admin": False,
    }
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("natter_session="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert (await visitor.get("/")).status_code == 200


@pytest.mark.parametrize(
    ("entered", "field"),
    [
        ({"username": "ab"}, "username"),
        ({"username": "a" * 31}, "username"),
        ({"username": "älice"}, "username"),
        ({"username": "al ice"}, "username"),
        ({"username": "Natter"}, "username"),
        ({"username": "admin"}, "username"),
        ({"password": "1234567"}, "password"),
        ({"password": "x" * 257}, "password"),
        ({"display_name": "x" * 81}, "display_name"),
        ({"display_name": "a\x00"}, "display_name"),
        ({"colour": "red"}, "colour"),
        ({"username": 7}, "username"),
    ],
)
async def test_what_cannot_be_registered(site: Site, entered: dict[str, object], field: str) -> None:
    visitor = await site.visitor()
    answer = await visitor.post("/register", {"username": "alice", "password": PASSWORD} | entered)
    assert answer.status_code == 422
    assert list(answer.json()["error"]["fields"]) == [field]


async def test_a_username_is_given_once(site: Site, alice: Person) -> None:
    visitor = await site.visitor()
    answer = await visitor.post("/register", {"username": "ALICE", "password": PASSWORD})
    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "username_taken")
    assert "username" in answer.json()["error"]["fields"]


async def test_logging_in_makes_a_new_session_and_ends_the_one_before(site: Site, alice: Person) -> None:
    before = dict(alice.http.cookies)
    answer = await alice.post("/login", {"username": "Alice", "password": PASSWORD})
    assert answer.status_code == 200
    assert alice.http.cookies["natter_session"] != before["natter_session"]
    old = await site.visitor()
    old.http.cookies.set("natter_session", before["natter_session"])
    assert (await old.get("/")).status_code == 401
    assert (await alice.get("/")).status_code == 200


async def test_a_wrong_password_and_an_unknown_name_look_the_same(site: Site, alice: Person) -> None:
    visitor = await site.visitor()
    wrong = await visitor.post("/login", {"username": "alice", "password": "wrong horse"})
    unknown = await visitor.post("/login", {"username": "nobody", "password": "wrong horse"})
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.json() == unknown.json()
    assert wrong.json()["error"]["code"] == "wrong_login"


async def test_too_many_wrong_passwords_close_the_account_for_a_while(site: Site, alice: Person) -> None:
    visitor = await site.visitor()
    for _ in range(10):
        answer = await visitor.post("/login", {"username": "alice", "password": "wrong horse"})
        assert answer.status_code == 401
    answer = await visitor.post("/login", {"username": "alice", "password": PASSWORD})
    assert (answer.status_code, answer.json()["error"]["code"]) == (429, "too_many")
    assert 0 < int(answer.headers["retry-after"]) <= 300
    assert (await site.signs_in("bob")).facts["username"] == "bob"


async def test_the_right_password_takes_the_tries_back(site: Site, alice: Person) -> None:
    for _ in range(3):
        for _ in range(9):
            await alice.post("/tokens", {"username": "alice", "password": "wrong horse"})
        answer = await alice.post("/tokens", {"username": "alice", "password": PASSWORD})
        assert answer.status_code == 201


async def test_logging_out_ends_the_session_everywhere(site: Site, alice: Person) -> None:
    secret = alice.http.cookies["natter_session"]
    other_tab = await site.visitor()
    other_tab.http.cookies.set("natter_session", secret)
    assert (await other_tab.get("/")).status_code == 200
    assert (await alice.post("/logout")).status_code == 204
    assert "natter_session" not in alice.http.cookies
    assert (await other_tab.get("/")).status_code == 401


async def test_a_token_acts_without_cookie_and_without_csrf(site: Site, alice: Person) -> None:
    answer = await site.people[0].http.post(
        "/tokens", json={"username": "alice", "password": PASSWORD, "label": "cron"}
    )
    assert answer.status_code == 201
    made = answer.json()
    assert made["user"] == {"id": alice.id, "username": "alice"}
    assert set(made) == {"token", "user"}
    program = Person(site, {"authorization": f"Bearer {made['token']}"})
    site.people.append(program)
    assert (await program.post("/posts", {"body": "by a program"})).status_code == 201
    sessions = (await alice.get("/settings")).json()["sessions"]
    assert [(s["kind"], s["label"]) for s in sessions if not s["current"]] == [("token", "cron")]


async def test_a_bearer_that_is_none_opens_nothing(site: Site, alice: Person) -> None:
    cookie = alice.http.cookies["natter_session"]
    for bearer in ("wrong", cookie):
        answer = await alice.get("/", authorization=f"Bearer {bearer}")
        assert answer.status_code == 401
    assert (await alice.http.get("/", headers={"authorization": "Bearer wrong"})).status_code == 401
    assert (await alice.get("/")).status_code == 200


@pytest.mark.parametrize(
    ("wanted", "got"),
    [
        ("/settings", "/settings"),
        ("/post/1/?a=b#c", "/post/1/?a=b#c"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\\b", "/"),
        ("https://evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
async def test_after_logging_in_one_stays_on_this_site(site: Site, alice: Person, wanted: str, got: str) -> None:
    visitor = await site.visitor()
    answer = await visitor.submits("/login", username="alice", password=PASSWORD, next=wanted)
    assert (answer.status_code, answer.headers["location"]) == (303, got)


async def test_the_login_page_says_what_is_wrong_and_keeps_the_name(site: Site, alice: Person) -> None:
    visitor = await site.visitor()
    page = await visitor.submits("/login", username="alice", password="wrong horse", next="/settings")
    assert page.status_code == 401
    assert "do not belong together" in page.text
    assert 'value="alice"' in page.text
    assert 'value="/settings"' in page.text
    assert "wrong horse" not in page.text
