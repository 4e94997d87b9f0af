"""What happens on one worker is seen on another, of the same unit or of another unit of the site."""

import time
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.live.sockets import Socket, on_two_workers
from tests.live.units import Unit
from tests.site import Person

Everywhere = Callable[[Person, str], Coroutine[Any, Any, tuple[Socket, Socket]]]

BOTH = pytest.mark.parametrize("others", ["home", "annex"], ids=["two workers of a unit", "two units"])
pytestmark = BOTH


@pytest.fixture
def everywhere(home: Unit, others: str, request: pytest.FixtureRequest) -> Everywhere:
    """Opens the same page at two different workers."""
    other: Unit = request.getfixturevalue(others)

    async def opens(person: Person, path: str) -> tuple[Socket, Socket]:
        first, second = await on_two_workers(person, path, home.url, other.url)
        assert first.worker != second.worker
        return first, second

    return opens


async def conversation_of(one: Person, other: Person) -> str:
    answer = await one.post("/conversations/", {"usernames": [other.facts["username"]]})
    return str(answer.json()["id"])


async def test_a_message_is_the_same_bytes_on_every_worker(everywhere: Everywhere, alice: Person, bob: Person) -> None:
    path = f"/ws/chat/{await conversation_of(alice, bob)}/"
    at_alice, at_bob = await everywhere(alice, path), await everywhere(bob, path)
    for number, speaker in enumerate(at_bob):
        await speaker.says("chat_message", message=f"Hello {number} from {speaker.worker}")
        [seen, *copies] = [
            await page.sees("chat_message", message=f"Hello {number} from {speaker.worker}")
            for page in (*at_alice, *at_bob)
        ]
        assert all(copy == seen for copy in copies)


async def test_typing_and_positions_cross(everywhere: Everywhere, alice: Person, bob: Person) -> None:
    path = f"/ws/chat/{await conversation_of(alice, bob)}/"
    at_alice, [at_bob, _] = await everywhere(alice, path), await everywhere(bob, path)
    await at_bob.says("typing", is_typing=True)
    for page in at_alice:
        assert await page.sees("typing", is_typing=True) == {
            "type": "typing",
            "is_typing": True,
            "username": "bob",
            "user_id": bob.id,
        }
    await at_alice[0].says("chat_message", message="Are you there?")
    seq = (await at_bob.sees("chat_message", message="Are you there?"))["seq"]
    await at_bob.says("delivered", seq=seq)
    await at_bob.says("read", seq=seq)
    for page in at_alice:
        await page.sees("delivered", seq=seq, user_id=bob.id)
        await page.sees("read", seq=seq, user_id=bob.id)


async def test_reading_on_one_page_is_known_on_the_others(everywhere: Everywhere, alice: Person, bob: Person) -> None:
    conversation = await conversation_of(alice, bob)
    pages = await everywhere(alice, "/ws/notifications/")
    sent = await bob.post(f"/conversations/{conversation}/messages", {"message": "Read me"})
    number, seq = sent.json()["number"], sent.json()["seq"]
    for page in pages:
        await page.sees("conversation_activity", conversation_id=conversation, last_number=number, username="bob")
        # Nobody reads it for a while, so there is a notification, which goes with the reading.
        told = await page.sees("notification", notification_type="Message")
    [reader, _] = await everywhere(alice, f"/ws/chat/{conversation}/")
    await reader.says("read", seq=seq)
    for page in pages:
        await page.sees("conversation_read", conversation_id=conversation, number=number)
        await page.sees("notification_read", ids=[told["id"]])


async def test_a_like_reaches_the_author_and_who_looks_at_the_post(
    everywhere: Everywhere, alice: Person, bob: Person
) -> None:
    post = (await alice.post("/posts", {"body": "A post for every worker"})).json()["id"]
    at_alice, at_bob = await everywhere(alice, "/ws/notifications/"), await everywhere(bob, "/ws/notifications/")
    for page in at_bob:
        await page.says("watch", posts={str(post): 0})
    liked = await bob.put(f"/post/{post}/like")
    # One of any two workers is not the one that answered.
    assert any(page.worker != liked.headers["x-natter-worker"] for page in at_alice)
    for page in at_alice:
        told = await page.sees("notification", message="Bob liked your post", read=False)
        assert told["data"] == {"action_url": f"/post/{post}/", "content_type": "post"}
        await page.sees("unread_count")
    for page in at_bob:
        await page.sees("post_changed", post_id=post, likes=1)
    listed = (await alice.get("/notifications/")).json()["items"]
    assert told["id"] in [entry["id"] for entry in listed]


async def test_logging_out_closes_this_sessions_sockets_on_every_worker_within_two_seconds(
    everywhere: Everywhere, alice: Person, alice_elsewhere: Person, bob: Person
) -> None:
    chat = f"/ws/chat/{await conversation_of(alice, bob)}/"
    leaving = [*await everywhere(alice, "/ws/notifications/"), *await everywhere(alice, chat)]
    staying = [*await everywhere(alice_elsewhere, chat), *await everywhere(bob, chat)]
    began = time.monotonic()
    await alice.post("/logout")
    assert [await socket.ends() for socket in leaving] == [4401] * 4
    assert time.monotonic() - began < 2
    await staying[0].says("chat_message", message="Still here")
    for socket in staying:
        await socket.sees("chat_message", message="Still here")
