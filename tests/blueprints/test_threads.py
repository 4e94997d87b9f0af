"""Threads by HTTP: for members, beside their conversation, and the list of those one follows."""

import pytest

from tests.site import Person

NOWHERE = "00000000-0000-0000-0000-000000000000"


@pytest.fixture
async def chat(alice: Person, bob: Person) -> str:
    return await alice.starts_conversation(bob)


@pytest.fixture
async def thread(alice: Person, bob: Person, chat: str) -> str:
    """Where a thread of two replies is; alice wrote what it hangs on."""
    root = (await alice.writes(chat, "Bread?"))["message_id"]
    for text in ("Rye.", "Or wheat."):
        answer = await bob.post(f"/conversations/{chat}/messages", {"message": text, "thread": root})
        assert answer.status_code == 201
    return f"/conversations/{chat}/threads/{root}/"


async def test_mallory_gets_nothing_of_a_thread_and_bob_does(bob: Person, mallory: Person, thread: str) -> None:
    for person, statuses in ((mallory, (404, 404, 404, 404)), (bob, (200, 204, 204, 204))):
        answers = (
            await person.get(thread),
            await person.put(f"{thread}follow"),
            await person.put(f"{thread}read", {"seq": 3}),
            await person.delete(f"{thread}follow"),
        )
        assert tuple(answer.status_code for answer in answers) == statuses
    refused = await mallory.post(thread.partition("threads")[0] + "messages", {"message": "x", "thread": NOWHERE})
    assert refused.status_code == 404


async def test_history_and_thread_keep_apart(alice: Person, chat: str, thread: str) -> None:
    history = (await alice.get(f"/conversations/{chat}/messages")).json()["items"]
    assert [one["message"] for one in history] == ["Bread?"]
    assert (history[0]["replies"]["count"], history[0]["replies"]["usernames"]) == (2, ["bob"])
    shown = (await alice.get(thread)).json()
    assert shown["root"] == history[0]
    assert [one["message"] for one in shown["items"]] == ["Rye.", "Or wheat."]
    assert (shown["is_followed"], shown["read_number"], shown["next"]) == (True, 0, None)
    page = (await alice.get(f"/conversations/{chat}/")).json()
    assert (page["conversation"]["preview"], page["conversation"]["last_number"]) == ("Bread?", 1)


async def test_a_long_thread_comes_in_pages(alice: Person, bob: Person, chat: str, thread: str) -> None:
    root = thread.rstrip("/").rpartition("/")[2]
    for number in range(60):
        await bob.post(f"/conversations/{chat}/messages", {"message": f"{number}", "thread": root})
    newest = (await alice.get(thread)).json()
    older = (await alice.get(f"{thread}?before={newest['next']}")).json()
    numbers = [one["number"] for one in [*older["items"], *newest["items"]]]
    assert numbers == list(range(1, 63))
    assert older["next"] is None


async def test_the_list_has_the_unread_ones_first(alice: Person, bob: Person, chat: str, thread: str) -> None:
    newer = (await alice.writes(chat, "Jam?"))["message_id"]
    await bob.post(f"/conversations/{chat}/messages", {"message": "Yes.", "thread": newer})
    await alice.put(f"/conversations/{chat}/threads/{newer}/read", {"seq": 100})
    items = (await alice.get("/threads")).json()["items"]
    assert [(one["preview"], one["unread"], one["last_number"]) for one in items] == [("Bread?", 2, 2), ("Jam?", 0, 1)]
    assert {one["title"] for one in items} == {"Bob"}
    assert (await alice.get("/threads?before=2000-01-01T00:00:00+00:00_" + newer)).json()["items"] == []
    page = (await alice.opens("/threads")).text
    assert page.index("Bread?") < page.index("Jam?")
    await alice.delete(f"{thread}follow")
    assert [one["preview"] for one in (await alice.get("/threads")).json()["items"]] == ["Jam?"]


async def test_without_script_a_thread_is_read_written_in_and_followed(alice: Person, chat: str, thread: str) -> None:
    page = (await alice.opens(thread)).text
    assert "Or wheat." in page
    assert page.count('class="unread-divider"') == 2, "the one before what is unread, and the one of the script"
    root = thread.rstrip("/").rpartition("/")[2]
    sent = await alice.submits(f"/conversations/{chat}/messages", message="Wheat!", thread=root)
    assert (sent.status_code, sent.headers["location"]) == (303, thread)
    assert "Wheat!" in (await alice.opens(thread)).text
    refused = await alice.submits(f"/conversations/{chat}/messages", message=" ", thread=root)
    assert refused.status_code == 422
    assert refused.text.count("Write something first.") == 1
    left = await alice.submits(f"{thread}follow", method="DELETE")
    assert (left.status_code, left.headers["location"]) == (303, thread)
    assert not (await alice.get(thread)).json()["is_followed"]
    panel = await alice.opens(f"{thread}?panel=1")
    assert panel.text.lstrip().startswith("<aside"), "no page around it"
    missing = await alice.opens(f"/conversations/{chat}/threads/{NOWHERE}/")
    assert missing.status_code == 404


async def test_two_who_block_each_other_see_their_own_words_only(
    alice: Person, bob: Person, chat: str, thread: str
) -> None:
    await bob.put("/@alice/block")
    assert (await bob.get(thread)).status_code == 404, "it hangs on what alice wrote"
    assert (await alice.get(thread)).json()["items"] == []
    assert (await alice.get("/threads")).json()["items"] == []
    root = thread.rstrip("/").rpartition("/")[2]
    refused = await alice.post(f"/conversations/{chat}/messages", {"message": "Hm", "thread": root})
    assert refused.status_code == 403
