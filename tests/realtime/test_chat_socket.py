"""A conversation, live: what each member's socket shows, field for field, and what it says to commands."""

import asyncio
import json
from uuid import uuid4

import pytest

from tests.shapes import A_CLOCK, A_MOMENT, A_SENTENCE, A_UUID, AN_EPOCH
from tests.site import Person
from tests.sockets import Socket


@pytest.fixture
async def chat(alice: Person, bob: Person) -> str:
    """The conversation of alice and bob."""
    return await alice.starts_conversation(bob)


def socket_of(conversation: str) -> str:
    return f"/ws/chat/{conversation}/"


async def test_a_message_reaches_everyone_in_the_conversation(alice: Person, bob: Person, chat: str) -> None:
    async with (
        alice.listens(socket_of(chat)) as hers,
        bob.listens(socket_of(chat)) as his,
        bob.listens(socket_of(chat)) as his_other,
    ):
        for socket in (hers, his, his_other):
            await socket.is_live()
        client_id = str(uuid4())
        await hers.says("chat_message", message=" Look: <b>https://natter.test</b> ", client_id=client_id)
        frame = await hers.sees("chat_message")
        assert frame == {
            "type": "chat_message",
            "seq": 1,
            "message": "Look: <b>https://natter.test</b>",
            "html": 'Look: &lt;b&gt;<a href="https://natter.test" rel="noopener noreferrer nofollow ugc" '
            'target="_blank">https://natter.test</a>&lt;/b&gt;',
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
        assert await his.next() == await his_other.next() == frame


async def test_messages_arrive_in_one_order_for_everyone(alice: Person, bob: Person, chat: str) -> None:
    async with alice.listens(socket_of(chat)) as hers, bob.listens(socket_of(chat)) as his:
        await hers.is_live()
        await his.is_live()
        for number in range(20):
            await hers.says("chat_message", message=f"alice {number}")
            await his.says("chat_message", message=f"bob {number}")
        for socket in (hers, his):
            await socket.sees("chat_message", number=40)
        assert hers.all_of("chat_message", "message_id") == his.all_of("chat_message", "message_id")
        assert hers.all_of("chat_message", "seq") == list(range(1, 41))
        assert [m for m in his.all_of("chat_message", "message") if "bob" in m] == [f"bob {n}" for n in range(20)]


async def test_a_socket_begins_with_hello_then_the_backlog_then_caught_up_then_positions(
    alice: Person, bob: Person, chat: str
) -> None:
    sent = [await alice.writes(chat, f"number {number}") for number in range(3)]
    await bob.put(f"/conversations/{chat}/read", {"seq": 2})
    async with alice.listens(socket_of(chat), after=1) as hers:
        hello = await hers.next()
        assert hello == {
            "type": "hello",
            "topic": f"conversation.{chat}",
            "epoch": AN_EPOCH,
            "seq": 3,
            "resumed": True,
        }
        assert [await hers.next(), await hers.next()] == sent[1:]
        assert await hers.next() == {"type": "caught_up", "seq": 3}
        bobs = {"username": "bob", "user_id": bob.id}
        assert await hers.next() == {"type": "delivered", "seq": 2} | bobs
        assert await hers.next() == {"type": "read", "seq": 2} | bobs
    async with alice.listens(socket_of(chat)) as hers:
        assert await hers.next() == hello | {"resumed": False}
        assert await hers.next() == {"type": "caught_up", "seq": 3}


@pytest.mark.parametrize("ending", ["/", ""])
async def test_the_address_works_with_and_without_a_slash(alice: Person, bob: Person, chat: str, ending: str) -> None:
    async with bob.listens(f"/ws/chat/{chat}{ending}") as his:
        await his.is_live()
        await alice.writes(chat, "hi")
        await his.sees("chat_message", message="hi")


async def test_typing_is_shown_to_the_others_and_never_to_oneself(alice: Person, bob: Person, chat: str) -> None:
    async with alice.listens(socket_of(chat)) as hers, bob.listens(socket_of(chat)) as his:
        await hers.is_live()
        await his.is_live()
        await hers.says("typing", is_typing=True)
        assert await his.next() == {"type": "typing", "is_typing": True, "username": "alice", "user_id": alice.id}
        await hers.says("typing", is_typing=False)
        assert await his.next() == {"type": "typing", "is_typing": False, "username": "alice", "user_id": alice.id}
        await his.says("typing", is_typing=True)
        assert (await hers.next())["username"] == "bob"


async def test_positions_are_told_to_the_others_and_only_move_forward(alice: Person, bob: Person, chat: str) -> None:
    for number in range(3):
        await alice.writes(chat, str(number))
    async with alice.listens(socket_of(chat)) as hers, bob.listens(socket_of(chat)) as his:
        await hers.is_live()
        await his.is_live()
        await his.says("delivered", seq=3)
        assert await hers.next() == {"type": "delivered", "seq": 3, "username": "bob", "user_id": bob.id}
        await his.says("read", seq=2)
        assert await hers.next() == {"type": "read", "seq": 2, "username": "bob", "user_id": bob.id}
        await his.says("read", seq=1)
        await his.says("delivered", seq=1)
        await his.says("read", seq=3)
        assert await hers.next() == {"type": "read", "seq": 3, "username": "bob", "user_id": bob.id}


async def test_nobody_has_read_what_is_not_written_yet(alice: Person, bob: Person, chat: str) -> None:
    await alice.writes(chat, "one")
    async with alice.listens(socket_of(chat)) as hers, bob.listens(socket_of(chat)) as his:
        await hers.is_live()
        await his.is_live()
        await his.says("delivered", seq=900)
        assert await hers.next() == {"type": "delivered", "seq": 1, "username": "bob", "user_id": bob.id}
        await his.says("read", seq=900)
        assert await hers.next() == {"type": "read", "seq": 1, "username": "bob", "user_id": bob.id}
    conversation = (await alice.get(f"/conversations/{chat}/")).json()
    assert conversation["positions"] == [{"user_id": bob.id, "username": "bob", "read_seq": 1, "delivered_seq": 1}]


async def test_a_repeat_is_answered_to_that_socket_alone_with_the_same_frame(
    alice: Person, bob: Person, chat: str
) -> None:
    async with alice.listens(socket_of(chat)) as hers, bob.listens(socket_of(chat)) as his:
        await hers.is_live()
        await his.is_live()
        client_id = str(uuid4())
        await hers.says("chat_message", message="once", client_id=client_id)
        first = await hers.next()
        await hers.says("chat_message", message="once", client_id=client_id)
        assert await hers.next() == first
        await hers.says("chat_message", message="after")
        assert await his.next() == first
        assert (await his.next())["message"] == "after"


async def test_a_client_id_with_another_text_is_an_error_and_the_socket_stays(
    alice: Person, bob: Person, carol: Person, chat: str
) -> None:
    other = await alice.starts_conversation(carol)
    client_id = str(uuid4())
    reused = {
        "type": "error",
        "code": "client_id_reused",
        "message": A_SENTENCE,
        "field": None,
        "command": "chat_message",
        "client_id": client_id,
    }
    async with alice.listens(socket_of(chat)) as hers, alice.listens(socket_of(other)) as hers_with_carol:
        await hers.is_live()
        await hers_with_carol.is_live()
        await hers.says("chat_message", message="one", client_id=client_id)
        await hers.sees("chat_message")
        await hers.says("chat_message", message="two", client_id=client_id)
        assert await hers.next() == reused
        await hers_with_carol.says("chat_message", message="one", client_id=client_id)
        assert await hers_with_carol.next() == reused
        await hers.says("chat_message", message="three")
        await hers.sees("chat_message", message="three", number=2)


async def test_fifty_sends_of_one_client_id_at_once_are_one_message(alice: Person, bob: Person, chat: str) -> None:
    sockets = [alice.listens(socket_of(chat)) for _ in range(5)]
    async with sockets[0], sockets[1], sockets[2], sockets[3], sockets[4], bob.listens(socket_of(chat)) as his:
        for socket in (*sockets, his):
            await socket.is_live()
        client_id = str(uuid4())
        say = {"message": "once", "client_id": client_id}
        await asyncio.gather(*(socket.says("chat_message", **say) for socket in sockets for _ in range(10)))
        answers = await asyncio.gather(
            *(alice.post(f"/conversations/{chat}/messages", say) for _ in range(10)),
        )
        assert {answer.status_code for answer in answers} <= {200, 201}
        assert len({answer.content for answer in answers}) == 1
        await his.sees("chat_message", message="once")
        await alice.writes(chat, "after")
        await his.sees("chat_message", message="after", number=2)
        assert his.all_of("chat_message", "client_id") == [client_id, None]
    history = (await bob.get(f"/conversations/{chat}/messages")).json()
    assert [message["message"] for message in history["items"]] == ["once", "after"]


BAD_COMMANDS = [
    ("{", "invalid_json", None),
    ("[]", "invalid_json", None),
    ('"typing"', "invalid_json", None),
    ("", "invalid_json", None),
    ("[" * 20_000, "invalid_json", None),
    ('{"message":"hi"}', "unknown_type", "type"),
    ('{"type":"dance"}', "unknown_type", "type"),
    ('{"type":7}', "wrong_type", "type"),
    ('{"type":"mark_read","notification_id":"x"}', "unknown_type", "type"),
    ('{"type":"chat_message","message":"hi","colour":1}', "unknown_field", "colour"),
    ('{"type":"chat_message"}', "missing_field", "message"),
    ('{"type":"chat_message","message":7}', "wrong_type", "message"),
    ('{"type":"chat_message","message":"hi","client_id":"x"}', "wrong_type", "client_id"),
    ('{"type":"typing","is_typing":"yes"}', "wrong_type", "is_typing"),
    ('{"type":"read","seq":"1"}', "wrong_type", "seq"),
    ('{"type":"read","seq":-1}', "wrong_type", "seq"),
    ('{"type":"read","seq":99999999999999999999999}', "wrong_type", "seq"),
    ('{"type":"delivered","seq":-1}', "wrong_type", "seq"),
    ('{"type":"chat_message","message":" \\n\\t "}', "empty", "message"),
    (json.dumps({"type": "chat_message", "message": "x" * 4001}), "too_long", "message"),
    ('{"type":"chat_message","message":"a\\u0000b"}', "bad_text", "message"),
    ('{"type":"chat_message","message":"a\\ud800b"}', "bad_text", "message"),
]


async def test_a_bad_command_is_answered_with_its_code_and_the_socket_stays(
    alice: Person, bob: Person, chat: str
) -> None:
    for start in range(0, len(BAD_COMMANDS), 10):
        # A socket for every ten: twenty would be abuse.
        async with alice.listens(socket_of(chat)) as hers:
            await hers.is_live()
            for text, code, field in BAD_COMMANDS[start : start + 10]:
                await hers.sends(text)
                answer = await hers.next()
                assert (answer["type"], answer["code"], answer["field"]) == ("error", code, field), text[:80]
                assert set(answer) == {"type", "code", "message", "field", "command", "client_id"}
                assert answer["message"] == A_SENTENCE, answer
            await hers.says("chat_message", message="still here")
            await hers.sees("chat_message", message="still here")


async def test_an_error_names_the_command_and_its_client_id(alice: Person, bob: Person, chat: str) -> None:
    async with alice.listens(socket_of(chat)) as hers:
        await hers.is_live()
        client_id = str(uuid4())
        await hers.says("chat_message", message="x" * 4001, client_id=client_id)
        answer = await hers.next()
        assert answer == {
            "type": "error",
            "code": "too_long",
            "message": A_SENTENCE,
            "field": "message",
            "command": "chat_message",
            "client_id": client_id,
        }


async def test_four_thousand_code_points_are_taken(alice: Person, bob: Person, chat: str) -> None:
    text = "🙂" * 4000
    async with alice.listens(socket_of(chat)) as hers:
        await hers.is_live()
        await hers.says("chat_message", message=text)
        assert (await hers.sees("chat_message"))["message"] == text


async def test_mallory_cannot_join_and_bob_can(alice: Person, bob: Person, mallory: Person, chat: str) -> None:
    refused = await mallory.shakes_hands(socket_of(chat))
    missing = await bob.shakes_hands(socket_of(str(uuid4())))
    assert refused.status_code == missing.status_code == 403
    assert refused.content == missing.content
    assert refused.json()["error"]["code"] == "forbidden"
    async with bob.listens(socket_of(chat)) as his:
        await his.is_live()


async def test_a_group_of_three_chats(alice: Person, bob: Person, carol: Person, mallory: Person) -> None:
    group = await alice.starts_conversation(bob, carol, title="Team")
    assert (await mallory.shakes_hands(socket_of(group))).status_code == 403
    sockets = [person.listens(socket_of(group)) for person in (alice, bob, carol)]
    async with sockets[0], sockets[1], sockets[2]:
        for socket in sockets:
            await socket.is_live()
        await sockets[2].says("chat_message", message="hello team")
        for socket in sockets:
            await sees_from(socket, "carol", "hello team")


async def sees_from(socket: Socket, username: str, text: str) -> None:
    await socket.sees("chat_message", username=username, message=text)
