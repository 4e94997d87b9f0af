"""The feed, posts and likes, by HTTP."""

import json

from tests.site import Person, Site


async def test_a_post_is_stored_trimmed_and_rendered(alice: Person) -> None:
    answer = await alice.post("/posts", {"body": "  Hello <b>@bob</b>\n"})
    post = answer.json()
    assert answer.status_code == 201
    assert post["body"] == "Hello <b>@bob</b>"
    assert post["html"] == 'Hello &lt;b&gt;<a href="/@bob/" class="mention">@bob</a>&lt;/b&gt;'
    assert set(post) == {"id", "author", "body", "html", "likes", "comments", "sent_at"}
    assert post["author"]["username"] == "alice"
    assert (await alice.get(f"/post/{post['id']}/")).json()["body"] == post["body"]


async def test_a_post_without_words_or_with_too_many_is_refused(alice: Person) -> None:
    for text, code in ((" \n", "empty"), ("x" * 4001, "too_long"), ("a\x00b", "bad_text"), ("a\ud800", "bad_text")):
        answer = await alice.http.post(
            "/posts",
            content=json.dumps({"body": text}),
            headers={"content-type": "application/json", "x-csrf-token": alice.csrf},
        )
        assert (answer.status_code, answer.json()["error"]["code"]) == (422, code)
        assert "body" in answer.json()["error"]["fields"]
    assert (await alice.post("/posts", {"body": "x" * 4000})).status_code == 201


async def test_the_feed_has_ones_own_and_followed_posts_and_everyone_has_all(
    alice: Person, bob: Person, carol: Person
) -> None:
    for person in (alice, bob, carol):
        await person.post("/posts", {"body": f"by {person.facts['username']}"})
    await alice.put("/@bob/follow")
    feed = (await alice.get("/")).json()
    assert [post["body"] for post in feed["items"]] == ["by bob", "by alice"]
    everyone = (await alice.get("/posts")).json()
    assert [post["body"] for post in everyone["items"]] == ["by carol", "by bob", "by alice"]


async def test_the_feed_is_paged_by_a_cursor_that_new_posts_do_not_move(alice: Person) -> None:
    for number in range(35):
        await alice.post("/posts", {"body": str(number)})
    first = (await alice.get("/")).json()
    await alice.post("/posts", {"body": "in between"})
    second = (await alice.get(f"/?before={first['next']}")).json()
    assert [post["body"] for post in first["items"] + second["items"]] == [str(n) for n in range(34, -1, -1)]
    assert second["next"] is None
    assert (await alice.get("/?before=x")).status_code == 422


async def test_a_like_is_counted_once_and_taken_back_once(alice: Person, bob: Person) -> None:
    post = (await alice.post("/posts", {"body": "like me"})).json()
    like = f"/post/{post['id']}/like"
    for _ in range(2):
        assert (await bob.put(like)).json() == {"post_id": post["id"], "likes": 1, "comments": 0, "liked": True}
    for _ in range(2):
        assert (await bob.delete(like)).status_code == 204
        assert (await bob.get(f"/post/{post['id']}/")).json()["likes"] == 0
    assert (await bob.put("/post/999999999/like")).status_code == 404
    assert (await bob.put("/post/99999999999999/like")).status_code == 404


async def test_only_the_author_deletes_a_post(alice: Person, mallory: Person) -> None:
    post = (await alice.post("/posts", {"body": "mine"})).json()
    address = f"/post/{post['id']}/"
    assert (await mallory.delete(address)).status_code == 403
    assert (await mallory.get(address)).status_code == 200
    assert (await alice.delete(address)).status_code == 204
    assert (await alice.get(address)).status_code == 404
    assert (await alice.delete(address)).status_code == 404


async def test_posts_are_read_signed_out_but_not_written(site: Site, alice: Person) -> None:
    post = (await alice.post("/posts", {"body": "for all"})).json()
    visitor = await site.visitor()
    assert (await visitor.get(f"/post/{post['id']}")).status_code == 200
    assert (await visitor.get("/posts")).status_code == 200
    for answer in (await visitor.get("/"), await visitor.post("/posts", {"body": "no"})):
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "not_signed_in")
    page = await visitor.opens("/?before=7")
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/%3Fbefore%3D7")


async def test_everything_works_as_forms_without_script(alice: Person, bob: Person) -> None:
    answer = await alice.submits("/posts", body="two\r\nlines")
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    post = (await alice.get("/")).json()["items"][0]
    assert post["body"] == "two\nlines"
    answer = await bob.submits(f"/post/{post['id']}/like", method="PUT")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/post/{post['id']}/")
    assert (await bob.get(f"/post/{post['id']}/")).json()["liked"] is True
    page = await alice.submits("/posts", body=" ")
    assert page.status_code == 422
    assert "Write something first." in page.text
    assert (await alice.submits(f"/post/{post['id']}/", method="DELETE")).status_code == 303
    assert (await alice.get("/")).json()["items"] == []


async def test_every_page_about_posts_is_drawn(alice: Person, bob: Person) -> None:
    post = (await alice.post("/posts", {"body": "see https://example.org"})).json()
    await bob.post(f"/post/{post['id']}/comments", {"body": "I do"})
    for path in ("/", "/posts", f"/post/{post['id']}/", "/@alice/", "/@bob/", "/users", "/users?q=al", "/settings"):
        page = await alice.opens(path)
        assert page.status_code == 200, (path, page.text)
        assert page.headers["content-type"] == "text/html; charset=utf-8"
