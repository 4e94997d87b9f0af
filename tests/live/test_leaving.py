"""Who is out of a group hears and reads nothing newer, on any worker, by any way, from that very moment."""

import time

import pytest

from tests.live.people import someone
from tests.live.sockets import Socket, on_two_workers
from tests.live.streams import StreamedSocket
from tests.live.units import Unit
from tests.site import Person

CLOSED = 4403

# Olga owns the groups.
olga, mike, fred, nina = someone("olga"), someone("mike"), someone("fred"), someone("nina")


async def group_of(owner: Person, *others: Person) -> str:
    names = [other.facts["username"] for other in others]
    answer = await owner.post("/conversations/", {"usernames": names, "title": "Team"})
    return str(answer.json()["id"])


@pytest.mark.parametrize("others", ["home", "annex"], ids=["two workers of a unit", "two units"])
async def test_who_is_removed_is_let_go_on_every_worker_within_two_seconds(
    home: Unit, others: str, request: pytest.FixtureRequest, olga: Person, mike: Person, fred: Person
) -> None:
    other: Unit = request.getfixturevalue(others)
    team = await group_of(olga, mike, fred)
    chat, pages = f"/ws/chat/{team}/", "/ws/notifications/"
    removed = await on_two_workers(mike, chat, home.url, other.url)
    notified = await on_two_workers(mike, pages, home.url, other.url)
    staying = await on_two_workers(fred, chat, home.url, other.url)
    streamed = await StreamedSocket.opens(mike, chat, other.url)
    began = time.monotonic()
    await olga.delete(f"/conversations/{team}/members/mike")
    await olga.post(f"/conversations/{team}/messages", {"message": "He is out"})
    assert [await socket.ends() for socket in (*removed, streamed)] == [CLOSED] * 3
    assert time.monotonic() - began < 2
    for socket in (*removed, streamed):
        assert not [frame for frame in socket.frames if frame.get("message") == "He is out"]
    for socket in notified:
        await socket.sees("conversation_left", conversation_id=team)
    for socket in staying:
        line = await socket.sees("member_left", by="olga", members=2)
        assert [user["username"] for user in line["users"]] == ["mike"]
        assert (await socket.sees("chat_message", message="He is out"))["seq"] == line["seq"] + 1
    # A message in another conversation comes after whatever of this one might have come.
    direct = (await mike.post("/conversations/", {"usernames": ["fred"]})).json()["id"]
    await fred.post(f"/conversations/{direct}/messages", {"message": "Sorry"})
    for socket in notified:
        await socket.sees("conversation_activity", conversation_id=direct, preview="Sorry")
        assert "He is out" not in str(socket.frames)


async def test_who_is_out_cannot_resume_and_who_is_back_can(olga: Person, mike: Person, fred: Person) -> None:
    team = await group_of(olga, mike, fred)
    chat = f"/ws/chat/{team}/"
    page = await Socket.opens(mike, chat)
    cursor = {"after": 0, "epoch": page.frames[0]["epoch"]}
    await page.breaks()
    await olga.delete(f"/conversations/{team}/members/mike")
    await fred.post(f"/conversations/{team}/messages", {"message": "Just us"})
    assert (await mike.shakes_hands(f"{chat}?after=0")).status_code == 403
    for path in (f"/conversations/{team}/", f"/conversations/{team}/messages", f"/conversations/{team}/members"):
        assert (await mike.get(path)).status_code == 404
        assert (await fred.get(path)).status_code == 200
    refused = await mike.commands("chat_message", message="Let me in", conversation_id=team)
    assert refused.status_code == 404
    notified = await Socket.opens(mike, "/ws/notifications/")
    await olga.put(f"/conversations/{team}/members/mike")
    await notified.sees("conversation_joined", conversation_id=team)
    again = await Socket.opens(mike, chat, **cursor)
    assert [frame["type"] for frame in again.frames if frame["type"] not in ("read", "delivered")] == [
        *("hello", "member_left", "chat_message", "member_joined", "caught_up")
    ]
    await fred.post(f"/conversations/{team}/messages", {"message": "Welcome back"})
    await notified.sees("conversation_activity", conversation_id=team, preview="Welcome back")


async def test_a_group_is_changed_over_a_socket_and_a_refusal_is_said_there(
    olga: Person, mike: Person, fred: Person, nina: Person
) -> None:
    team = await group_of(olga, mike, fred)
    owner, member = [await Socket.opens(person, f"/ws/chat/{team}/") for person in (olga, mike)]
    for command, fields in (
        ("add_member", {"username": "nina"}),
        ("set_role", {"username": "fred", "role": "admin"}),
        ("remove_member", {"username": "nina"}),
        ("rename_group", {"title": "Crew"}),
    ):
        await member.says(command, **fields)
        assert (await member.sees("error"))["code"] == "not_allowed"
        await owner.says(command, **fields)
    for kind in ("member_joined", "member_role_changed", "member_left", "group_renamed"):
        assert await member.sees(kind) == await owner.sees(kind)
    await owner.says("rename_group", title="")
    assert (await owner.sees("error"))["field"] == "title"
    await member.says("remove_member", username="mike")
    assert await member.ends() == CLOSED
