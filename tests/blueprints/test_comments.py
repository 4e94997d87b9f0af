"""Comments, by HTTP."""

from tests.site import Person, Site


async def test_a_comment_is_counted_and_shown(alice: Person, bob: Person) -> None:
    post = (await alice.post("/posts", {"body": "talk to me"})).json()
    answer = await bob.post(f"/post/{post['id']}/comments", {"body": " hello @alice "})
    comment = answer.json()
    assert answer.status_code == 201
    assert set(comment) == {"id", "post_id", "author", "body", "html", "sent_at"}
    assert comment["body"] == "hello @alice"
    shown = (await alice.get(f"/post/{post['id']}/")).json()
    assert (shown["comments"], shown["discussion"]) == (1, {"items": [comment], "next": None})
    assert (await bob.post("/post/999999999/comments", {"body": "x"})).status_code == 404
    assert (await bob.post(f"/post/{post['id']}/comments", {"body": " "})).status_code == 422


async def test_only_the_author_deletes_a_comment(alice: Person, bob: Person, mallory: Person) -> None:
    post = (await alice.post("/posts", {"body": "talk to me"})).json()
    comment = (await bob.post(f"/post/{post['id']}/comments", {"body": "hello"})).json()
    address = f"/comments/{comment['id']}"
    assert (await mallory.delete(address)).status_code == 403
    assert (await alice.get(f"/post/{post['id']}/")).json()["comments"] == 1
    assert (await bob.delete(address)).status_code == 204
    assert (await bob.delete(address)).status_code == 404
    assert (await alice.get(f"/post/{post['id']}/")).json()["comments"] == 0


async def test_the_newest_comments_come_first_and_older_ones_by_cursor(alice: Person) -> None:
    post = (await alice.post("/posts", {"body": "talk"})).json()
    for number in range(33):
        await alice.post(f"/post/{post['id']}/comments", {"body": str(number)})
    newest = (await alice.get(f"/post/{post['id']}/")).json()["discussion"]
    assert [comment["body"] for comment in newest["items"]] == [str(n) for n in range(3, 33)]
    older = (await alice.get(f"/post/{post['id']}/?before={newest['next']}")).json()["discussion"]
    assert [comment["body"] for comment in older["items"]] == ["0", "1", "2"]
    assert older["next"] is None


async def test_comment_forms_work_without_script(site: Site, alice: Person) -> None:
    post = (await alice.post("/posts", {"body": "talk"})).json()
    answer = await alice.submits(f"/post/{post['id']}/comments", body="by form")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith(f"/post/{post['id']}/#comment-")
    comment = (await alice.get(f"/post/{post['id']}/")).json()["discussion"]["items"][0]
    page = await alice.submits(f"/post/{post['id']}/comments", body="x" * 4001)
    assert page.status_code == 422
    assert "too long" in page.text
    answer = await alice.submits(f"/comments/{comment['id']}", method="DELETE")
    assert answer.headers["location"] == f"/post/{post['id']}/#comments"
