"""What holds for every request: who may call, CSRF, headers, the log line, and errors in one form."""

import json
import re

from app.config import Settings
from app.main import create_app
from tests.site import PASSWORD, Person, Site, until


def test_every_route_says_who_may_call_it() -> None:
    app = create_app(Settings(database_url="postgres://nobody@127.0.0.1/none"))
    said = {(route.path, *sorted(route.methods)): getattr(route.ctx, "who", None) for route in app.router.routes}
    assert len(said) > 20
    assert {route: who for route, who in said.items() if who not in ("public", "anyone", "member")} == {}
    assert [route for route, who in said.items() if who != "member" and not set(route[1:]) <= {"GET"}] == [
        route for route in said if route[1:] == ("POST",) and route[0] in ("register", "login", "tokens")
    ]


async def test_an_unsafe_request_by_cookie_needs_its_token(site: Site, alice: Person, bob: Person) -> None:
    visitor = await site.visitor()
    for shown in ("", "wrong", bob.csrf, visitor.csrf, "é"):
        for headers in ({"x-csrf-token": shown.encode()}, {}):
            answer = await alice.http.post("/posts", json={"body": "x"}, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")
        answer = await alice.http.post("/posts", data={"body": "x", "csrf_token": shown})
        assert answer.status_code == 403
        assert "reload" in answer.text
    assert (await alice.get("/")).json()["items"] == []
    assert (await alice.post("/posts", {"body": "x"})).status_code == 201
    assert (await alice.submits("/posts", body="y")).status_code == 303


async def test_a_token_looks_different_on_every_page_and_each_of_them_holds(site: Site, alice: Person) -> None:
    pages = [(await alice.opens("/")).text for _ in range(2)]
    (one,), (other,) = ({*re.findall(r'name="csrf_token" value="(\w+)"', page)} for page in pages)
    assert one != other
    for token in (one, other):
        answer = await alice.http.post("/posts", json={"body": "x"}, headers={"x-csrf-token": token})
        assert answer.status_code == 201


async def test_a_page_is_packed_for_whoever_can_unpack_it(site: Site, alice: Person) -> None:
    packed = await alice.opens("/")
    plain = await alice.http.get("/", headers={"accept": "text/html", "accept-encoding": "identity"})
    assert (packed.headers["content-encoding"], packed.headers["vary"]) == ("gzip", "accept-encoding")
    assert "content-encoding" not in plain.headers
    assert len(packed.text) == len(plain.text)
    assert int(packed.headers["content-length"]) < len(plain.content) / 2


async def test_registering_and_logging_in_need_a_token_too(site: Site, alice: Person) -> None:
    visitor = await site.visitor()
    for path in ("/login", "/register"):
        entered = {"username": "alice" if path == "/login" else "dora", "password": PASSWORD}
        answer = await visitor.http.post(path, json=entered)
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "csrf")
        assert (await visitor.post(path, entered)).is_success
        visitor = await site.visitor()


async def test_every_page_is_protected_by_its_headers(site: Site, alice: Person) -> None:
    for path in ("/", "/login", "/nothing", "/healthz", "/static/0/icon.svg"):
        headers = (await alice.opens(path)).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; script-src 'self' 'sha256-")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert len(headers["x-request-id"]) == 16
        assert "strict-transport-security" not in headers
    for path in ("/media/avatars/alice.jpg", "/static/0/styles.css", "/static/0/js/page.js"):
        headers = (await alice.opens(path)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert not {"content-security-policy", "x-request-id", "x-natter-worker"} & set(headers)


async def test_a_request_is_one_line_in_the_log_without_what_was_said(site: Site, alice: Person) -> None:
    answer = await alice.post("/posts?token=s3cret", {"body": "nobody's business"})

    async def line() -> dict[str, object] | None:
        lines = [json.loads(text) for text in site.log.read_text().splitlines() if text.startswith("{")]
        wanted = answer.headers["x-request-id"]
        return next((found for found in lines if found.get("request_id") == wanted), None)

    found = await until(line)
    ms, at = found.pop("ms"), found.pop("at")
    assert ms > 0
    assert at.endswith("Z")
    assert found == {
        "level": "info",
        "logger": "natter.access",
        "message": "request",
        "request_id": answer.headers["x-request-id"],
        "method": "POST",
        "route": "/posts",
        "status": 201,
        "user_id": alice.id,
    }
    log = site.log.read_text()
    for secret in ("s3cret", "nobody's business", PASSWORD, alice.http.cookies["natter_session"]):
        assert secret not in log


async def test_every_error_has_the_same_form(site: Site, alice: Person) -> None:
    async def refused(method: str, path: str, **rest: object) -> tuple[int, str]:
        headers = {"accept": "application/json", "x-csrf-token": alice.csrf} | rest.pop("headers", {})
        answer = await alice.http.request(method, path, headers=headers, **rest)
        assert set(answer.json()) == {"error"}
        assert set(answer.json()["error"]) == {"code", "message", "fields"}
        return answer.status_code, answer.json()["error"]["code"]

    as_json = {"content-type": "application/json"}
    assert await refused("GET", "/nothing") == (404, "not_found")
    assert await refused("PATCH", "/posts") == (405, "method_not_allowed")
    assert await refused("POST", "/posts", content=b"{", headers=as_json) == (400, "invalid_json")
    assert await refused("POST", "/posts", content=b"[1]", headers=as_json) == (400, "invalid_json")
    assert await refused("POST", "/posts", content=b"[" * 100_000, headers=as_json) == (400, "invalid_json")
    assert await refused("POST", "/posts", content=b"x", headers={"content-type": "text/plain"}) == (
        415,
        "unsupported_media_type",
    )
    assert await refused("POST", "/posts", json={}) == (422, "invalid")
    assert await refused("POST", "/posts", content=b"x" * 9_000_000, headers=as_json) == (413, "too_large")


async def test_a_refused_browser_sees_a_page_with_the_way_home(site: Site, alice: Person) -> None:
    page = await alice.opens("/nothing")
    assert page.status_code == 404
    assert "There is nothing here" in page.text
    assert "Traceback" not in page.text


async def test_head_is_answered_like_get_without_a_body(site: Site) -> None:
    visitor = await site.visitor()
    answer = await visitor.http.head("/posts")
    assert (answer.status_code, answer.content) == (200, b"")
    assert (await visitor.http.head("/nothing")).status_code == 404
