"""Blocking takes hold of open pages on every worker within two seconds, and of those that come back."""

import time

from tests.live.people import someone
from tests.live.sockets import on_two_workers
from tests.live.units import Unit
from tests.site import Person

greta, henry, ida = someone("greta"), someone("henry"), someone("ida")


async def test_neither_sees_anything_new_of_the_other(
    home: Unit, annex: Unit, greta: Person, henry: Person, ida: Person
) -> None:
    chat = (await greta.post("/conversations/", {"usernames": ["henry"]})).json()["id"]
    for person in (greta, henry):
        await person.writes(chat, f"from {person.facts['username']}")
    post = (await ida.post("/posts", {"body": "A post of somebody else"})).json()["id"]
    chats = [
        *await on_two_workers(greta, f"/ws/chat/{chat}/", home.url, annex.url),
        *await on_two_workers(henry, f"/ws/chat/{chat}/", home.url, annex.url),
    ]
    pages = [
        *await on_two_workers(greta, "/ws/notifications/", home.url, annex.url),
        *await on_two_workers(ida, "/ws/notifications/", home.url, annex.url),
    ]
    for page in pages:
        await page.says("watch", posts={str(post): 0}, everyone=True)
    began = time.monotonic()
    await pages[0].says("block", username="henry")
    assert [await socket.ends() for socket in chats] == [4403] * 4
    for page in pages[:2]:
        assert (await page.sees("person_blocked", username="henry"))["by_me"] is True
    assert time.monotonic() - began < 2
    await henry.post(f"/post/{post}/comments", {"body": "A comment to be hidden"})
    await henry.post("/posts", {"body": "A post to be hidden"})
    hidden = (await henry.get("/")).json()["items"][0]["id"]
    for page in pages[2:]:
        await page.sees("comment", post_id=post)
        await page.sees("new_post", post_id=hidden)
    for page in pages[:2]:
        await page.sees("post_changed", post_id=post, comments=1)
    later = (await ida.post("/posts", {"body": "Something later"})).json()["id"]
    for page in pages[:2]:
        await page.sees("new_post", post_id=later)
        assert "to be hidden" not in str(page.frames)
        assert hidden not in [frame.get("post_id") for frame in page.frames]
    # Who comes back to where they were gets no more of it.
    again = await pages[0].opens(greta, "/ws/notifications/", annex.url)
    await again.says("watch", posts={str(post): 0}, everyone=True, after_post=post)
    await again.sees("post_changed", post_id=post, comments=1)
    await again.sees("new_post", post_id=later)
    assert "to be hidden" not in str(again.frames)
    assert hidden not in [frame.get("post_id") for frame in again.frames]
    for person, other in ((greta, "henry"), (henry, "greta")):
        assert (await person.shakes_hands(f"/ws/chat/{chat}/?after=0")).status_code == 403
        shown = (await person.get(f"/conversations/{chat}/")).json()
        history = (await person.get(f"/conversations/{chat}/messages")).json()
        for messages in (shown["messages"], history["items"]):
            assert [message["username"] for message in messages] == [person.facts["username"]]
        refused = await person.post(f"/conversations/{chat}/messages", {"message": "Hello?"})
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "blocked")
        assert (await person.get(f"/@{other}/")).json()["posts"]["items"] == []
    await again.says("unblock", username="henry")
    await again.sees("person_unblocked", username="henry")
    assert (await henry.post(f"/conversations/{chat}/messages", {"message": "Hello"})).status_code == 201
