"""One message by HTTP and by command: what it says and said, with and without script."""

import httpx
import pytest

from tests.shapes import A_MOMENT
from tests.site import Person


@pytest.fixture
async def chat(alice: Person, bob: Person) -> str:
    """The conversation of alice and bob."""
    return await alice.starts_conversation(bob)


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_everyone_hears_of_an_edit_and_a_deletion_also_who_was_away(
    alice: Person, bob: Person, chat: str
) -> None:
    said = await alice.writes(chat, "Helo")
    address = f"/conversations/{chat}/messages/{said['message_id']}"
    async with bob.listens(f"/ws/chat/{chat}/", after=0) as page:
        await page.is_live()
        edited = await alice.put(address, {"message": "Hello @bob"})
        assert edited.json() == said | {
            "message": "Hello @bob",
            "html": 'Hello <a href="/@bob/" class="mention">@bob</a>',
            "edited_at": A_MOMENT,
        }
        frame = await page.sees("message_edited")
        what = {"type": "message_edited", "seq": 2, "message_seq": 1, "preview": "Hello @bob"}
        assert frame == edited.json() | what
    assert (await alice.delete(address)).status_code == 204
    assert (await alice.delete(address)).status_code == 204
    for after in (0, 1, 2):
        async with bob.listens(f"/ws/chat/{chat}/", after=after) as page:
            await page.is_live()
            assert [frame["type"] for frame in page.frames if "seq" in frame][1:-1] == [
                *["skip"] * (2 - after),
                "message_deleted",
            ]
            assert page.frames[-2] == said | {
                **{"type": "message_deleted", "seq": 3, "message_seq": 1, "preview": "Message deleted"},
                **{"message": "", "html": "", "is_deleted": True},
            }
    [left] = (await bob.get(f"/conversations/{chat}/messages")).json()["items"]
    assert left == said | {"message": "", "html": "", "is_deleted": True}


async def test_the_list_of_conversations_follows(alice: Person, bob: Person, chat: str) -> None:
    older, newest = [await alice.writes(chat, text) for text in ("one", "two")]
    async with bob.listens("/ws/notifications/") as page:
        await page.sees("conversation_activity", preview="two")
        await alice.put(f"/conversations/{chat}/messages/{older['message_id']}", {"message": "nobody sees it there"})
        await alice.put(f"/conversations/{chat}/messages/{newest['message_id']}", {"message": "two and a half"})
        frame = await page.sees("conversation_activity")
        assert (frame["preview"], frame["last_number"], frame["sent_at"]) == ("two and a half", 2, newest["sent_at"])
        await alice.delete(f"/conversations/{chat}/messages/{newest['message_id']}")
        await page.sees("conversation_activity", preview="Message deleted", last_number=2)
    assert (await bob.get("/conversations/")).json()["items"][0]["preview"] == "Message deleted"


async def test_every_member_sees_what_it_said_before(alice: Person, bob: Person, mallory: Person, chat: str) -> None:
    said = await alice.writes(chat, "Helo")
    address = f"/conversations/{chat}/messages/{said['message_id']}/"
    await alice.put(address, {"message": "Hello"})
    seen = (await bob.get(address)).json()
    assert seen["message"]["message"] == "Hello"
    assert seen["versions"] == [{"message": "Helo", "html": "Helo", "said_at": said["sent_at"]}]
    assert code(await mallory.get(address)) == (404, "not_found")


async def test_refusals_are_clear(alice: Person, bob: Person, mallory: Person, chat: str) -> None:
    said = await alice.writes(chat, "Hello")
    address = f"/conversations/{chat}/messages/{said['message_id']}"
    assert code(await bob.put(address, {"message": "mine"})) == (403, "not_yours")
    assert code(await bob.delete(address)) == (403, "not_yours")
    assert code(await mallory.put(address, {"message": "mine"})) == (404, "not_found")
    assert code(await mallory.delete(address)) == (404, "not_found")
    assert code(await alice.put(address, {"message": " "})) == (422, "empty")
    assert code(await alice.put(address, {})) == (422, "invalid")
    await alice.delete(address)
    assert code(await alice.put(address, {"message": "back"})) == (409, "message_deleted")


async def test_an_admin_of_a_group_deletes_by_every_way(alice: Person, bob: Person, carol: Person) -> None:
    team = (await alice.post("/conversations/", {"usernames": ["bob", "carol"], "title": "Team"})).json()["id"]
    one, two, three = [await bob.writes(team, words) for words in ("by HTTP", "by command", "by form")]
    address = f"/conversations/{team}/messages"
    assert code(await carol.delete(f"{address}/{one['message_id']}")) == (403, "not_yours")
    assert "Delete for everyone" not in (await carol.opens(f"{address}/{three['message_id']}/")).text
    assert "Delete for everyone" in (await alice.opens(f"{address}/{three['message_id']}/")).text
    async with bob.listens(f"/ws/chat/{team}/") as his, alice.listens(f"/ws/chat/{team}/") as hers:
        await his.is_live()
        await hers.is_live()
        assert (await alice.delete(f"{address}/{one['message_id']}")).status_code == 204
        frame = await his.sees("message_deleted", message_id=one["message_id"])
        assert (frame["is_removed"], frame["message"], frame["user_id"]) == (True, "", bob.id)
        await hers.says("delete_message", message_id=two["message_id"])
        assert (await his.sees("message_deleted", message_id=two["message_id"]))["is_removed"]
    assert (await alice.submits(f"{address}/{three['message_id']}/", method="DELETE")).status_code == 303
    page = (await carol.opens(f"/conversations/{team}/")).text
    assert page.count('data-slot-if="is_removed" > by an admin of the group') == 3
    hers = await alice.writes(team, "by the owner")
    await alice.put(f"/conversations/{team}/members/bob", {"role": "admin"})
    assert code(await bob.delete(f"{address}/{hers['message_id']}")) == (403, "not_allowed")


async def test_commands_do_the_same(alice: Person, bob: Person, chat: str) -> None:
    said = await alice.writes(chat, "Hello")
    which = {"message_id": said["message_id"]}
    async with alice.listens(f"/ws/chat/{chat}/") as hers, bob.listens(f"/ws/chat/{chat}/") as his:
        await hers.is_live()
        await his.is_live()
        await his.says("edit_message", **which, message="mine")
        error = await his.sees("error")
        assert (error["code"], error["command"]) == ("not_yours", "edit_message")
        await hers.says("edit_message", **which, message="x" * 4001)
        assert (await hers.sees("error"))["field"] == "message"
        await hers.says("edit_message", **which, message="Hello, all")
        await his.sees("message_edited", message="Hello, all")
        await hers.says("delete_message", **which)
        await his.sees("message_deleted", **which)


async def test_it_all_works_without_script(alice: Person, bob: Person, chat: str) -> None:
    said = await alice.writes(chat, "Helo")
    address = f"/conversations/{chat}/messages/{said['message_id']}/"
    assert f'href="{address}"' in (await alice.opens(f"/conversations/{chat}")).text
    assert "Edit it" in (await alice.opens(address)).text
    assert "Edit it" not in (await bob.opens(address)).text
    again = await alice.submits(address, method="PUT", message=" ")
    assert (again.status_code, "Write something first." in again.text) == (422, True)
    refused = await bob.submits(address, method="PUT", message="mine")
    assert (refused.status_code, "Only who wrote a message can change it." in refused.text) == (403, True)
    done = await alice.submits(address, method="PUT", message="Hello")
    assert (done.status_code, done.headers["location"]) == (
        303,
        f"/conversations/{chat}/#message-{said['message_id']}",
    )
    page = (await bob.opens(address)).text
    assert "Helo" in page
    assert "edited" in page
    assert (await alice.submits(address, method="DELETE")).status_code == 303
    for path in (address, f"/conversations/{chat}/"):
        page = (await bob.opens(path)).text
        assert "Helo" not in page.replace("Hello", "")
        assert "This message was deleted" in page


async def test_a_reply_is_sent_by_every_way(alice: Person, bob: Person, chat: str) -> None:
    said = await alice.writes(chat, "Bread?")
    quote = {"message_id": said["message_id"], "seq": 1, "username": "alice", "preview": "Bread?"}
    async with alice.listens(f"/ws/chat/{chat}/") as hers, bob.listens(f"/ws/chat/{chat}/") as his:
        await hers.is_live()
        await his.is_live()
        await his.says("chat_message", message="by socket", reply_to=said["message_id"])
        assert (await hers.sees("chat_message"))["reply_to"] == quote
        address = f"/conversations/{chat}/messages"
        answer = await bob.post(address, {"message": "by HTTP", "reply_to": said["message_id"]})
        assert (answer.status_code, answer.json()["reply_to"]) == (201, quote)
        await bob.submits(address, message="by form", reply_to=said["message_id"])
        assert (await hers.sees("chat_message", message="by form"))["reply_to"] == quote
        await his.says("chat_message", message="to nothing", reply_to=chat)
        error = await his.sees("error")
        assert (error["code"], error["field"]) == ("no_such_message", "reply_to")
    assert code(await bob.post(address, {"message": "to nothing", "reply_to": chat})) == (422, "no_such_message")
    assert f'?before=2#message-{said["message_id"]}"' in (await bob.opens(f"/conversations/{chat}/")).text
