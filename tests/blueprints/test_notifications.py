"""The list of notifications, and reading it, by HTTP."""

from typing import Any
from uuid import uuid4

import httpx

from tests.shapes import A_MOMENT, A_SENTENCE, A_TIMESTAMP, A_UUID
from tests.site import Person, Site, until


async def notified(person: Person, count: int) -> list[dict[str, Any]]:
    """The person's list, once it has so many entries."""

    async def listed() -> list[dict[str, Any]] | None:
        items = (await person.get("/notifications/")).json()["items"]
        return items if len(items) == count else None

    return list(await until(listed))


async def liked(alice: Person, *others: Person) -> int:
    """The id of a post of alice's that these people like."""
    post = (await alice.post("/posts", {"body": "hello"})).json()["id"]
    for other in others:
        await other.put(f"/post/{post}/like")
    return int(post)


def is_error(answer: httpx.Response, status: int, code: str) -> bool:
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    return bool(answer.json() == {"error": {"code": code, "message": A_SENTENCE, "fields": {}}})


async def test_the_list_shows_each_notification_whole_newest_first(alice: Person, bob: Person, carol: Person) -> None:
    post = await liked(alice, bob)
    await notified(alice, 1)
    await carol.put("/@alice/follow")
    newer, older = await notified(alice, 2)
    assert newer["message"] == "Carol started following you"
    assert older == {
        "id": A_UUID,
        "message": "Bob liked your post",
        "notification_type": "Like",
        "actor": {"id": bob.id, "username": "bob", "avatar": "/media/avatars/bob.jpg"},
        "timestamp": A_TIMESTAMP,
        "sent_at": A_MOMENT,
        "read": False,
        "data": {"action_url": f"/post/{post}/", "content_type": "post"},
    }
    assert (await alice.get("/notifications")).json() == {"items": [newer, older], "next": None}
    assert (await bob.get("/notifications/")).json() == {"items": [], "next": None}


async def test_one_is_read_and_unread_again(alice: Person, bob: Person) -> None:
    await liked(alice, bob)
    (shown,) = await notified(alice, 1)
    path = f"/notifications/{shown['id']}/read"
    for method, read in (("put", True), ("put", True), ("delete", False), ("delete", False)):
        answer = await getattr(alice, method)(path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await notified(alice, 1))[0] == shown | {"read": read}


async def test_all_are_read_at_once(alice: Person, bob: Person, carol: Person) -> None:
    await liked(alice, bob, carol)
    await notified(alice, 2)
    for _ in range(2):
        assert (await alice.put("/notifications/read")).status_code == 204
    assert {item["read"] for item in await notified(alice, 2)} == {True}


async def test_mallory_cannot_read_what_is_alices_and_alice_can(alice: Person, bob: Person, mallory: Person) -> None:
    await liked(alice, bob)
    (shown,) = await notified(alice, 1)
    path = f"/notifications/{shown['id']}/read"
    missing = await alice.put(f"/notifications/{uuid4()}/read")
    for answer in (await mallory.put(path), await mallory.delete(path), missing):
        assert is_error(answer, 404, "not_found")
        assert answer.content == missing.content
    await mallory.put("/notifications/read")
    assert (await notified(alice, 1))[0]["read"] is False
    assert (await alice.put(path)).status_code == 204


async def test_a_visitor_is_asked_to_log_in_and_a_page_shows_its_token(site: Site, alice: Person) -> None:
    visitor = await site.visitor()
    assert is_error(await visitor.get("/notifications/"), 401, "not_signed_in")
    assert is_error(await visitor.put("/notifications/read"), 401, "not_signed_in")
    alice.csrf = "wrong"
    assert is_error(await alice.put("/notifications/read"), 403, "csrf")
    assert is_error(await alice.put(f"/notifications/{uuid4()}/read"), 403, "csrf")


async def test_opening_what_it_points_to_reads_it(alice: Person, bob: Person) -> None:
    post = await liked(alice, bob)
    other = await liked(alice, bob)
    await notified(alice, 2)
    async with alice.listens("/ws/notifications/") as page:
        await page.is_live()
        await alice.opens(f"/post/{post}/")
        read = await page.sees("notification_read")
        assert await page.next() == {"type": "unread_count", "count": 1}
    shown = {item["data"]["action_url"]: item for item in await notified(alice, 2)}
    assert shown[f"/post/{post}/"]["read"] is True
    assert read["ids"] == [shown[f"/post/{post}/"]["id"]]
    assert shown[f"/post/{other}/"]["read"] is False


async def test_opening_a_conversation_reads_what_points_there(alice: Person, bob: Person, carol: Person) -> None:
    group, other = [await bob.starts_conversation(alice, carol, title=title) for title in ("one", "another")]
    for chat in (group, other):
        await bob.writes(chat, "@alice, look")

    async def told() -> list[tuple[str, bool]]:
        items = (await alice.get("/notifications/")).json()["items"]
        mentions = [item for item in items if item["notification_type"] == "Mention"]
        return sorted((item["data"]["action_url"], item["read"]) for item in mentions)

    async def both_there() -> bool:
        return len(await told()) == 2

    await until(both_there)
    await alice.opens(f"/conversations/{group}/")
    assert await told() == sorted([(f"/conversations/{group}/", True), (f"/conversations/{other}/", False)])


async def test_the_list_is_paged_and_complete(alice: Person, bob: Person) -> None:
    for _ in range(35):
        await liked(alice, bob)

    async def all_there() -> bool:
        page = (await alice.get("/notifications/")).json()
        if page["next"] is None:
            return False
        rest = (await alice.get(f"/notifications/?before={page['next']}")).json()
        return len({item["id"] for item in page["items"] + rest["items"]}) == 35 and rest["next"] is None

    await until(all_there)
    assert (await alice.get("/notifications/?before=x")).status_code == 422


async def test_it_works_with_forms_alone(alice: Person, bob: Person) -> None:
    await liked(alice, bob)
    (shown,) = await notified(alice, 1)
    assert "Bob liked your post" in (await alice.opens("/notifications/")).text
    for path in (f"/notifications/{shown['id']}/read", "/notifications/read"):
        answer = await alice.submits(path, method="PUT")
        assert (answer.status_code, answer.headers["location"]) == (303, "/notifications/")
    assert (await notified(alice, 1))[0]["read"] is True
