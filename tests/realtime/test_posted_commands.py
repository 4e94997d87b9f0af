"""Commands by HTTP: what a socket takes, for who has none."""

from uuid import uuid4

import httpx
import pytest

from tests.realtime.test_chat_socket import BAD_COMMANDS
from tests.shapes import A_SENTENCE
from tests.site import PASSWORD, Person, Site


@pytest.fixture
async def chat(alice: Person, bob: Person) -> str:
    """The conversation of alice and bob."""
    return await alice.starts_conversation(bob)


def refusal(answer: httpx.Response) -> tuple[int, str, str | None]:
    error = answer.json()["error"]
    assert error["message"] == A_SENTENCE
    return answer.status_code, error["code"], next(iter(error["fields"]), None)


async def test_each_command_does_what_it_does_on_a_socket(alice: Person, bob: Person, chat: str) -> None:
    async with bob.listens(f"/ws/chat/{chat}/") as his, alice.listens("/ws/notifications/") as page:
        await his.is_live()
        await page.is_live()
        alices = {"username": "alice", "user_id": alice.id}
        assert (await alice.commands("typing", is_typing=True, conversation_id=chat)).status_code == 204
        assert await his.next() == {"type": "typing", "is_typing": True} | alices
        answer = await alice.commands("chat_message", message=" hi ", conversation_id=chat)
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await his.sees("chat_message"))["message"] == "hi"
        await bob.writes(chat, "hello")
        for kind in ("delivered", "read"):
            assert (await alice.commands(kind, seq=2, conversation_id=chat)).status_code == 204
            assert (await his.sees(kind, seq=2)) == {"type": kind, "seq": 2} | alices
        await bob.put("/@alice/follow")
        notified = await page.sees("notification", notification_type="Follow")
        assert (await alice.commands("mark_read", notification_id=notified["id"])).status_code == 204
        await page.sees("notification_read", ids=[notified["id"]])


async def test_a_repeat_is_answered_with_the_original_frame(alice: Person, bob: Person, chat: str) -> None:
    once = {"message": "once", "client_id": str(uuid4()), "conversation_id": chat}
    async with bob.listens(f"/ws/chat/{chat}/") as his:
        await his.is_live()
        assert (await alice.commands("chat_message", **once)).status_code == 204
        frame = await his.sees("chat_message")
        for _ in range(2):
            answer = await alice.commands("chat_message", **once)
            assert (answer.status_code, answer.json()) == (200, frame)
        assert refusal(await alice.commands("chat_message", **once | {"message": "twice"})) == (
            409,
            "client_id_reused",
            None,
        )
        await alice.writes(chat, "after")
        assert (await his.next())["number"] == 2


async def test_bad_commands_have_the_codes_that_they_have_on_a_socket(site: Site) -> None:
    for start in range(0, len(BAD_COMMANDS), 10):
        # Somebody new for every ten: twenty would be abuse.
        sender = await site.signs_in(f"sender{start}")
        chat = await sender.starts_conversation(await site.signs_in("bob"))
        for text, code, field in BAD_COMMANDS[start : start + 10]:
            named = text.replace("{", f'{{"conversation_id":"{chat}",', 1) if text.endswith("}") else text
            answer = await sender.http.post(
                "/commands", content=named, headers={"content-type": "application/json", "x-csrf-token": sender.csrf}
            )
            if code == "invalid_json":
                assert refusal(answer)[0] == (400 if text else 422), text[:80]
            else:
                assert refusal(answer) == (422, code, field), text[:80]
        assert (await sender.commands("chat_message", message="still here", conversation_id=chat)).status_code == 204


async def test_what_belongs_to_a_chat_names_it_and_nothing_else_does(alice: Person, chat: str) -> None:
    for named in (None, "x", 7, [], ""):
        given = {} if named is None else {"conversation_id": named}
        code = "missing_field" if named is None else "wrong_type"
        assert refusal(await alice.commands("typing", is_typing=True, **given)) == (422, code, "conversation_id")
    mark = {"notification_id": str(uuid4())}
    assert refusal(await alice.commands("mark_read", **mark, conversation_id=chat)) == (422, "unknown_type", "type")
    assert refusal(await alice.commands("mark_read", **mark))[:2] == (404, "not_found")
    for kind, fields in {"watch": {}, "presence": {"user_ids": []}, "active": {"is_active": True}}.items():
        # These stand in the address of the stream.
        assert refusal(await alice.commands(kind, **fields)) == (422, "unknown_type", "type")


async def test_mallory_can_do_nothing_and_bob_can(alice: Person, bob: Person, mallory: Person, chat: str) -> None:
    await alice.writes(chat, "private")
    commands = [
        ("chat_message", {"message": "let me in"}),
        ("typing", {"is_typing": True}),
        ("read", {"seq": 1}),
        ("delivered", {"seq": 1}),
    ]
    async with alice.listens(f"/ws/chat/{chat}/") as hers:
        await hers.is_live()
        for kind, fields in commands:
            refused = await mallory.commands(kind, **fields, conversation_id=chat)
            missing = await bob.commands(kind, **fields, conversation_id=str(uuid4()))
            assert refusal(refused) == refusal(missing) == (404, "not_found", None), kind
            assert refused.content == missing.content
        for kind, fields in commands:
            assert (await bob.commands(kind, **fields, conversation_id=chat)).status_code == 204
        assert (await hers.sees("chat_message"))["username"] == "bob"
        await hers.sees("typing")
        assert {frame["username"] for frame in hers.frames if "username" in frame} == {"bob"}
    notified = (await alice.get("/notifications/")).json()["items"]
    await bob.put("/@alice/follow")
    async with alice.listens("/ws/notifications/", after=0) as page:
        notified = await page.sees("notification", notification_type="Follow")
    mark = {"notification_id": notified["id"]}
    assert refusal(await mallory.commands("mark_read", **mark))[:2] == (404, "not_found")
    assert (await alice.commands("mark_read", **mark)).status_code == 204


async def test_the_door_is_that_of_every_unsafe_request(site: Site, alice: Person, chat: str) -> None:
    said = {"type": "chat_message", "message": "hi", "conversation_id": chat}
    visitor = await site.visitor()
    assert refusal(await visitor.post("/commands", said)) == (401, "not_signed_in", None)
    assert refusal(await alice.http.post("/commands", json=said)) == (403, "csrf", None)
    form = await alice.http.post("/commands", data=said, headers={"x-csrf-token": alice.csrf, "accept": "*/*"})
    assert form.status_code == 415
    token = (await alice.post("/tokens", {"username": "alice", "password": PASSWORD})).json()["token"]
    program = httpx.AsyncClient(base_url=site.url, headers={"authorization": f"Bearer {token}"})
    async with program:
        assert (await program.post("/commands", json=said)).status_code == 204


async def test_too_many_commands_are_refused_one_by_one(strict_site: Site) -> None:
    alice, bob = await strict_site.signs_in("alice"), await strict_site.signs_in("bob")
    chat = await alice.starts_conversation(bob)
    answers = [await alice.commands("typing", is_typing=True, conversation_id=chat) for _ in range(14)]
    assert [answer.status_code for answer in answers[:10]] == [204] * 10
    refused = [answer for answer in answers if answer.status_code != 204]
    assert len(refused) >= 2
    assert all(refusal(answer) == (429, "too_many", None) and answer.headers["retry-after"] for answer in refused)
    assert (await bob.commands("typing", is_typing=True, conversation_id=chat)).status_code == 204


async def test_twenty_bad_commands_in_ten_seconds_are_abuse(alice: Person, bob: Person, chat: str) -> None:
    answers = [await alice.commands("dance") for _ in range(20)]
    assert [answer.status_code for answer in answers] == [422] * 19 + [429]
    assert answers[-1].headers["retry-after"] == "30"
    assert (await bob.commands("dance")).status_code == 422
