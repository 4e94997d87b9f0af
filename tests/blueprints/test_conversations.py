"""Conversations by HTTP: everything the chat does, without a socket, and to nobody who is not in it."""

import asyncio
import json
from typing import Any
from uuid import uuid4

import httpx
import pytest

from app.actions.accounts import grant
from tests.shapes import A_CLOCK, A_MOMENT, A_SENTENCE, A_UUID, AN_EPOCH
from tests.site import Person, Site


@pytest.fixture
async def chat(alice: Person, bob: Person) -> str:
    """The conversation of alice and bob."""
    return await alice.starts_conversation(bob)


def is_error(answer: httpx.Response, status: int, code: str, *fields: str) -> bool:
    """The whole error object, and nothing beside it."""
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code), answer.text
    assert answer.json() == {
        "error": {"code": code, "message": A_SENTENCE, "fields": dict.fromkeys(fields, A_SENTENCE)}
    }, answer.text
    return True


def facts(conversation: str, bob: Person, **more: Any) -> dict[str, Any]:
    """A direct conversation of alice's with bob, as she sees it."""
    return {
        "id": conversation,
        "title": "Bob",
        "avatar": "/media/avatars/bob.jpg",
        "username": "bob",
        "user_id": bob.id,
        "last_number": 0,
        "unread": 0,
        "preview": "",
        "preview_username": "",
        "sent_at": A_MOMENT,
        "is_group": False,
        "members": 2,
        "is_pinned": False,
        "is_archived": False,
        "archived_number": None,
        "muted_until": None,
        "draft": "",
    } | more


async def test_a_direct_conversation_is_made_once_and_found_again_from_both_sides(alice: Person, bob: Person) -> None:
    made = await alice.post("/conversations/", {"usernames": ["bob"]})
    assert made.status_code == 201
    assert made.json() == facts(made.json()["id"], bob)
    for _ in range(2):
        found = await alice.post("/conversations", {"usernames": ["@BOB", "alice"]})
        assert (found.status_code, found.json()) == (200, made.json())
    other_side = await bob.post("/conversations/", {"usernames": ["alice"]})
    assert other_side.status_code == 200
    assert (other_side.json()["id"], other_side.json()["title"]) == (made.json()["id"], "Alice")


async def test_two_who_start_at_once_have_one_conversation(alice: Person, bob: Person) -> None:
    starts = [
        person.post("/conversations/", {"usernames": [name]}) for person, name in ((alice, "bob"), (bob, "alice"))
    ]
    answers = await asyncio.gather(*starts, alice.post("/conversations/", {"usernames": ["bob"]}))
    assert sorted(answer.status_code for answer in answers) == [200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1


async def test_a_group_is_new_each_time(alice: Person, bob: Person, carol: Person) -> None:
    wanted = {"usernames": ["bob", "carol"], "title": " Team "}
    one, other = [await alice.post("/conversations/", wanted) for _ in range(2)]
    assert one.status_code == other.status_code == 201
    assert one.json()["id"] != other.json()["id"]
    assert one.json() == facts(
        one.json()["id"], bob, title="Team", avatar="", username="", user_id=None, is_group=True, members=3
    )
    untitled = await alice.post("/conversations/", {"usernames": ["bob", "carol"]})
    assert untitled.json()["title"] == "Bob, Carol"


async def test_a_conversation_is_with_somebody_there_is(alice: Person, bob: Person) -> None:
    for wanted, field in (
        ({"usernames": []}, "usernames"),
        ({"usernames": ["alice"]}, "usernames"),
        ({"usernames": ["nobody_here"]}, "usernames"),
        ({"usernames": [f"user{n}" for n in range(101)]}, "usernames"),
        ({"usernames": "bob"}, "usernames"),
        ({}, "usernames"),
        ({"usernames": ["bob"], "colour": "red"}, "colour"),
    ):
        assert is_error(await alice.post("/conversations/", wanted), 422, "invalid", field), wanted
    too_long = {"usernames": ["bob"], "title": "x" * 121}
    assert is_error(await alice.post("/conversations/", too_long), 422, "too_long", "title")
    assert (await alice.post("/conversations/", {"usernames": ["bob"]})).status_code == 201


async def test_the_list_has_the_newest_message_first_and_what_is_unread(
    alice: Person, bob: Person, carol: Person, chat: str
) -> None:
    with_carol = await alice.starts_conversation(carol)
    sent = await bob.writes(chat, "one\ntwo")
    listed = (await alice.get("/conversations/")).json()
    assert [item["id"] for item in listed["items"]] == [chat, with_carol]
    assert listed["next"] is None
    assert listed["items"][0] == facts(
        chat, bob, last_number=1, unread=1, preview="one two", preview_username="bob", sent_at=sent["sent_at"]
    )
    await carol.writes(with_carol, "newer")
    listed = (await alice.get("/conversations")).json()
    assert [item["id"] for item in listed["items"]] == [with_carol, chat]
    assert (await bob.get("/conversations/")).json()["items"][0]["unread"] == 0, "who writes has read"


async def test_the_list_is_paged(alice: Person, bob: Person, carol: Person) -> None:
    made = [await alice.starts_conversation(bob, carol, title=str(number)) for number in range(33)]
    first = (await alice.get("/conversations/")).json()
    second = (await alice.get(f"/conversations/?before={first['next']}")).json()
    assert [item["id"] for item in first["items"] + second["items"]] == made[::-1]
    assert (len(first["items"]), second["next"]) == (30, None)
    assert (await alice.get("/conversations/?before=x")).status_code == 422


async def test_a_message_sent_is_the_frame_that_others_get(alice: Person, bob: Person, chat: str) -> None:
    client_id = str(uuid4())
    async with bob.listens(f"/ws/chat/{chat}/") as his:
        await his.is_live()
        made = await alice.post(f"/conversations/{chat}/messages", {"message": " hi\n", "client_id": client_id})
        assert made.status_code == 201
        assert made.json() == await his.next()
    assert made.json() == {
        "type": "chat_message",
        "seq": 1,
        "message": "hi",
        "html": "hi",
        "username": "alice",
        "user_id": alice.id,
        "user_avatar": "/media/avatars/alice.jpg",
        "timestamp": A_CLOCK,
        "sent_at": A_MOMENT,
        "message_id": A_UUID,
        "number": 1,
        "client_id": client_id,
        "is_verified": False,
        "is_admin": False,
    }
    history = (await bob.get(f"/conversations/{chat}/messages/")).json()
    assert history == {"items": [made.json()], "next": None}


async def test_a_repeat_has_the_same_bytes(alice: Person, bob: Person, chat: str) -> None:
    say = {"message": "once", "client_id": str(uuid4())}
    made = await alice.post(f"/conversations/{chat}/messages", say)
    again = await alice.post(f"/conversations/{chat}/messages/", say | {"message": " once "})
    assert (made.status_code, again.status_code) == (201, 200)
    assert made.content == again.content
    theirs = await bob.post(f"/conversations/{chat}/messages", say)
    assert theirs.status_code == 201, "another author's client_id is another message"


async def test_a_repeat_has_the_same_bytes_even_when_its_author_was_verified_meanwhile(
    alice: Person, chat: str, database: None
) -> None:
    say = {"message": "once", "client_id": str(uuid4())}
    made = await alice.post(f"/conversations/{chat}/messages", say)
    await grant("alice", verified=True)
    again = await alice.post(f"/conversations/{chat}/messages", say)
    assert made.content == again.content
    assert (await alice.writes(chat, "later"))["is_verified"] is True


async def test_a_client_id_belongs_to_one_message(alice: Person, bob: Person, carol: Person, chat: str) -> None:
    other = await alice.starts_conversation(carol)
    say = {"message": "one", "client_id": str(uuid4())}
    assert (await alice.post(f"/conversations/{chat}/messages", say)).status_code == 201
    for conversation, text in ((chat, "two"), (other, "one")):
        answer = await alice.post(f"/conversations/{conversation}/messages", say | {"message": text})
        assert is_error(answer, 409, "client_id_reused")
    assert (await alice.get(f"/conversations/{other}/messages")).json()["items"] == []
    assert (await alice.writes(chat, "next"))["number"] == 2, "no number was lost"


async def test_fifty_parallel_sends_of_one_client_id_are_one_row(alice: Person, bob: Person, chat: str) -> None:
    say = {"message": "once", "client_id": str(uuid4())}
    answers = await asyncio.gather(*(alice.post(f"/conversations/{chat}/messages", say) for _ in range(50)))
    assert sorted(answer.status_code for answer in answers) == [200] * 49 + [201]
    assert len({answer.content for answer in answers}) == 1
    assert len((await bob.get(f"/conversations/{chat}/messages")).json()["items"]) == 1


async def test_a_message_without_words_or_with_too_many_is_refused(alice: Person, chat: str) -> None:
    path = f"/conversations/{chat}/messages"
    headers = {"content-type": "application/json", "x-csrf-token": alice.csrf}
    for text, code in ((" \t\n", "empty"), ("x" * 4001, "too_long"), ("a\x00b", "bad_text"), ("a\ud800", "bad_text")):
        answer = await alice.http.post(path, content=json.dumps({"message": text}), headers=headers)
        assert is_error(answer, 422, code, "message")
    assert is_error(await alice.post(path, {}), 422, "invalid", "message")
    assert is_error(await alice.post(path, {"message": 7}), 422, "invalid", "message")
    assert is_error(await alice.post(path, {"message": "hi", "client_id": "x"}), 422, "invalid", "client_id")
    assert is_error(await alice.post(path, {"message": "hi", "colour": "red"}), 422, "invalid", "colour")
    answer = await alice.http.post(path, content="{", headers=headers)
    assert is_error(answer, 400, "invalid_json")
    assert (await alice.post(path, {"message": "🙂" * 4000})).status_code == 201


async def test_history_is_paged_both_ways(alice: Person, bob: Person, chat: str) -> None:
    for number in range(1, 121):
        await alice.writes(chat, str(number))
    path = f"/conversations/{chat}/messages"

    async def page(query: str = "") -> tuple[list[int], int | None]:
        answer = (await bob.get(path + query)).json()
        return [int(item["message"]) for item in answer["items"]], answer["next"]

    newest, cursor = await page()
    assert (newest, cursor) == (list(range(71, 121)), 71)
    older, cursor = await page(f"?before={cursor}")
    assert (older, cursor) == (list(range(21, 71)), 21)
    assert await page(f"?before={cursor}") == (list(range(1, 21)), None)
    assert await page("?after=60") == (list(range(61, 111)), 110)
    assert await page("?after=110") == (list(range(111, 121)), None)
    assert await page("?after=120") == ([], None)
    assert is_error(await bob.get(path + "?before=x"), 422, "invalid", "before")
    assert is_error(await bob.get(path + "?after=-1"), 422, "invalid", "after")


async def test_a_conversation_is_shown_with_all_that_its_socket_needs(alice: Person, bob: Person, chat: str) -> None:
    sent = [await bob.writes(chat, str(number)) for number in range(2)]
    shown = (await alice.get(f"/conversations/{chat}/")).json()
    assert set(shown) == {
        *("conversation", "members", "messages", "lines", "positions", "seq", "epoch"),
        *("role", "is_blocked", "hides"),
    }
    assert shown["conversation"]["unread"] == 2
    assert [member["username"] for member in shown["members"]] == ["alice", "bob"]
    assert shown["members"][0] == alice.facts
    assert shown["messages"] == sent
    assert shown["positions"] == [{"user_id": bob.id, "username": "bob", "read_seq": 2, "delivered_seq": 2}]
    assert (shown["seq"], shown["epoch"]) == (2, AN_EPOCH)
    async with alice.listens(f"/ws/chat/{chat}/", after=shown["seq"], epoch=shown["epoch"]) as hers:
        assert (await hers.next())["resumed"] is True
        assert (await hers.next())["type"] == "caught_up"


async def test_reading_and_arriving_move_forward_only(alice: Person, bob: Person, chat: str) -> None:
    for number in range(3):
        await alice.writes(chat, str(number))

    async def position() -> tuple[int, int, int]:
        shown = (await alice.get(f"/conversations/{chat}/")).json()["positions"][0]
        unread = (await bob.get("/conversations/")).json()["items"][0]["unread"]
        return shown["read_seq"], shown["delivered_seq"], unread

    for path, seq, expected in (
        ("delivered", 2, (0, 2, 3)),
        ("read", 1, (1, 2, 2)),
        ("delivered", 1, (1, 2, 2)),
        ("read/", 3, (3, 3, 0)),
        ("read", 2, (3, 3, 0)),
        ("delivered", 10**15, (3, 3, 0)),
        ("read", 0, (3, 3, 0)),
    ):
        answer = await bob.put(f"/conversations/{chat}/{path}", {"seq": seq})
        assert (answer.status_code, answer.content) == (204, b"")
        assert await position() == expected, (path, seq)
    for seq in (-1, 2**63, "1", None, 1.5):
        for path in ("read", "delivered"):
            assert is_error(await bob.put(f"/conversations/{chat}/{path}", {"seq": seq}), 422, "invalid", "seq")


async def test_to_mallory_it_does_not_exist_and_bob_is_let_in(bob: Person, mallory: Person, chat: str) -> None:
    missing = str(uuid4())
    for method, path, sent in (
        ("GET", "/conversations/{}/", None),
        ("GET", "/conversations/{}/messages", None),
        ("POST", "/conversations/{}/messages", {"message": "let me in"}),
        ("PUT", "/conversations/{}/read", {"seq": 1}),
        ("PUT", "/conversations/{}/delivered", {"seq": 1}),
    ):

        async def asks(who: Person, conversation: str) -> httpx.Response:
            return await who._send(method, path.format(conversation), sent)  # noqa: B023

        foreign, nowhere = await asks(mallory, chat), await asks(bob, missing)
        assert is_error(foreign, 404, "not_found")
        assert foreign.content == nowhere.content
        assert (await asks(bob, chat)).is_success
    assert (await mallory.get("/conversations/")).json()["items"] == []
    page = await mallory.opens(f"/conversations/{chat}/")
    assert (page.status_code, (await bob.opens(f"/conversations/{chat}/")).status_code) == (404, 200)
    history = (await bob.get(f"/conversations/{chat}/messages")).json()["items"]
    assert [message["username"] for message in history] == ["bob"]


async def test_a_visitor_is_asked_to_log_in(site: Site, chat: str) -> None:
    visitor = await site.visitor()
    for path in ("/conversations/", f"/conversations/{chat}/", f"/conversations/{chat}/messages"):
        assert is_error(await visitor.get(path), 401, "not_signed_in")
    for answer in (
        await visitor.post("/conversations/", {"usernames": ["bob"]}),
        await visitor.post(f"/conversations/{chat}/messages", {"message": "hi"}),
        await visitor.put(f"/conversations/{chat}/read", {"seq": 1}),
    ):
        assert is_error(answer, 401, "not_signed_in")
    page = await visitor.opens(f"/conversations/{chat}/")
    assert (page.status_code, page.headers["location"]) == (303, f"/login?next=/conversations/{chat}/")


async def test_every_unsafe_request_shows_its_token(alice: Person, bob: Person, chat: str) -> None:
    token, alice.csrf = alice.csrf, "wrong"
    for answer in (
        await alice.post("/conversations/", {"usernames": ["bob"]}),
        await alice.post(f"/conversations/{chat}/messages", {"message": "hi"}),
        await alice.put(f"/conversations/{chat}/read", {"seq": 1}),
        await alice.put(f"/conversations/{chat}/delivered", {"seq": 1}),
    ):
        assert is_error(answer, 403, "csrf")
    alice.csrf = token
    await alice.writes(chat, "hi")


async def test_it_all_works_with_forms_alone(alice: Person, bob: Person, carol: Person) -> None:
    made = await alice.submits("/conversations/", usernames="bob, carol", title="Team")
    assert made.status_code == 303
    place = made.headers["location"]
    sent = await alice.submits(f"{place}messages", message="without script")
    assert (sent.status_code, sent.headers["location"]) == (303, place)
    assert "without script" in (await bob.opens(place)).text
    read = await bob.submits(f"{place}read", method="PUT", seq="1")
    assert read.status_code in (204, 303)
    assert (await bob.get("/conversations/")).json()["items"][0]["unread"] == 0
    again = await alice.submits("/conversations/", usernames="nobody_here")
    assert again.status_code == 422
    assert "nobody_here" in again.text
