"""One's notifications, the state of one's conversations and watched posts, live: every frame, field for field."""

from typing import Any
from uuid import uuid4

import pytest

from tests.shapes import A_MOMENT, A_TIMESTAMP, A_UUID, AN_EPOCH
from tests.site import Person, Site

PATH = "/ws/notifications/"


@pytest.fixture
async def post(alice: Person) -> int:
    """A post of alice's."""
    return int((await alice.post("/posts", {"body": "hello world"})).json()["id"])


async def test_a_like_is_a_notification_and_a_count(alice: Person, bob: Person, post: int) -> None:
    async with alice.listens(PATH) as hers:
        assert await hers.next() == {
            "type": "hello",
            "topic": f"user.{alice.id}",
            "epoch": AN_EPOCH,
            "seq": 0,
            "resumed": False,
        }
        assert await hers.next() == {"type": "caught_up", "seq": 0}
        assert await hers.next() == {"type": "unread_count", "count": 0}
        await bob.put(f"/post/{post}/like")
        assert await hers.next() == {
            "type": "notification",
            "seq": 1,
            "id": A_UUID,
            "message": "Bob liked your post",
            "notification_type": "Like",
            "actor": {"id": bob.id, "username": "bob", "avatar": "/media/avatars/bob.jpg"},
            "timestamp": A_TIMESTAMP,
            "sent_at": A_MOMENT,
            "read": False,
            "data": {"action_url": f"/post/{post}/", "content_type": "post"},
        }
        assert await hers.next() == {"type": "unread_count", "count": 1}


async def test_what_is_read_in_one_tab_is_read_in_all(alice: Person, bob: Person, post: int) -> None:
    async with alice.listens(PATH) as one, alice.listens(PATH) as other:
        await one.is_live()
        await other.is_live()
        await bob.put(f"/post/{post}/like")
        liked = await one.sees("notification")
        await one.says("mark_read", notification_id=liked["id"])
        for tab in (one, other):
            assert await tab.sees("notification_read") == {"type": "notification_read", "seq": 2, "ids": [liked["id"]]}
            assert await tab.next() == {"type": "unread_count", "count": 0}
        await alice.delete(f"/notifications/{liked['id']}/read")
        for tab in (one, other):
            assert await tab.next() == liked | {"seq": 3}
            assert await tab.next() == {"type": "unread_count", "count": 1}
        await alice.put("/notifications/read")
        for tab in (one, other):
            assert await tab.next() == {"type": "notification_read", "seq": 4, "ids": "all"}
            assert await tab.next() == {"type": "unread_count", "count": 0}


async def test_a_like_taken_back_removes_its_notification(alice: Person, bob: Person, post: int) -> None:
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await bob.put(f"/post/{post}/like")
        liked = await hers.sees("notification")
        await bob.delete(f"/post/{post}/like")
        await hers.sees("unread_count", count=1)
        assert await hers.next() == {"type": "notification_removed", "seq": 2, "ids": [liked["id"]]}
        assert await hers.next() == {"type": "unread_count", "count": 0}


async def test_only_ones_own_notification_can_be_marked_read(alice: Person, bob: Person, mallory: Person) -> None:
    await bob.put("/@alice/follow")
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await hers.sees("unread_count", count=1)
        followed = (await alice.get("/notifications/")).json()["items"][0]
        async with mallory.listens(PATH) as theirs:
            await theirs.is_live()
            await theirs.says("mark_read", notification_id=followed["id"])
            refused = await theirs.sees("error")
            assert (refused["code"], refused["command"], refused["client_id"]) == ("not_found", "mark_read", None)
            await theirs.says("mark_read", notification_id=str(uuid4()))
            assert await theirs.next() == refused
        await hers.says("mark_read", notification_id=followed["id"])
        await hers.sees("notification_read", ids=[followed["id"]])


async def test_the_list_of_conversations_moves_live(alice: Person, bob: Person) -> None:
    async with bob.listens(PATH) as his:
        await his.is_live()
        await his.sees("unread_count")
        conversation = await alice.starts_conversation(bob)
        assert await his.next() == {"type": "conversation_joined", "seq": 1, "conversation_id": conversation}
        assert await his.sees("conversation_read", number=0)
        sent = await alice.writes(conversation, "hi\nthere")
        assert await his.next() == {
            "type": "conversation_activity",
            "conversation_id": conversation,
            "last_number": 1,
            "preview": "hi there",
            "username": "alice",
            "sent_at": sent["sent_at"],
        }
        arrived = {"conversation_id": conversation, "seq": sent["seq"], "username": "alice"}
        assert await his.next() == {"type": "message_arrived", **arrived}
        await bob.put(f"/conversations/{conversation}/read", {"seq": sent["seq"]})
        assert await his.next() == {"type": "conversation_read", "conversation_id": conversation, "number": 1}


async def test_where_conversations_stand_follows_the_unread_count(alice: Person, bob: Person, carol: Person) -> None:
    with_bob, team = await alice.starts_conversation(bob), await alice.starts_conversation(bob, carol, title="Team")
    await bob.writes(with_bob, "one")
    await bob.writes(team, "two")
    async with alice.listens(PATH) as hers:
        await hers.sees("unread_count")
        said = [await hers.next() for _ in range(6)]
    by_conversation: dict[str, list[dict[str, Any]]] = {}
    for frame in said:
        by_conversation.setdefault(frame["conversation_id"], []).append(frame)
    activity, arrived, read = by_conversation[with_bob]
    assert (activity["type"], activity["preview"]) == ("conversation_activity", "one")
    assert arrived["type"] == "message_arrived"
    assert read == {"type": "conversation_read", "conversation_id": with_bob, "number": 0}
    activity, read, changed = by_conversation[team]
    assert (activity["type"], activity["preview"]) == ("conversation_activity", "two")
    assert read == {"type": "conversation_read", "conversation_id": team, "number": 0}
    assert changed == {"type": "conversation_changed", "conversation_id": team, "title": "Team", "avatar": ""}


async def test_a_watched_post_shows_likes_comments_and_its_end(alice: Person, bob: Person, post: int) -> None:
    async with bob.listens(PATH) as his:
        await his.is_live()
        await his.sees("unread_count")
        await his.says("watch", posts={str(post): 0})
        await alice.put(f"/post/{post}/like")
        assert await his.next() == {"type": "post_changed", "seq": 1, "post_id": post, "likes": 1, "comments": 0}
        comment = (await alice.post(f"/post/{post}/comments", {"body": "<hm>"})).json()
        counts = {"post_id": post, "likes": 1, "comments": 1}
        assert await his.next() == {"type": "comment", "seq": 2, **counts, "comment": comment}
        assert set(comment) == {"id", "post_id", "author", "body", "html", "sent_at"}
        await alice.delete(f"/comments/{comment['id']}")
        gone = {"type": "comment_deleted", "seq": 3, **counts, "comments": 0, "comment_id": comment["id"]}
        assert await his.next() == gone
        await alice.delete(f"/post/{post}/like")
        assert await his.next() == {"type": "post_changed", "seq": 4, "post_id": post, "likes": 0, "comments": 0}
        await alice.delete(f"/post/{post}/")
        assert await his.next() == {"type": "post_deleted", "seq": 5, "post_id": post}


async def test_watching_begins_at_the_seq_the_page_shows(alice: Person, bob: Person, post: int) -> None:
    for person in (alice, bob):
        await person.put(f"/post/{post}/like")
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await hers.says("watch", posts={str(post): 1})
        assert await hers.sees("post_changed") == {
            "type": "post_changed",
            "seq": 2,
            "post_id": post,
            "likes": 2,
            "comments": 0,
        }
        await hers.says("watch", posts={str(post): 2})
        await alice.delete(f"/post/{post}/like")
        assert (await hers.sees("post_changed"))["seq"] == 3
        await hers.says("watch", posts={str(post): None})
        await bob.delete(f"/post/{post}/like")
        assert (await hers.sees("post_changed"))["seq"] == 4
        await hers.says("watch", posts={})
        await hers.says("watch", posts={str(post): 99})
        await hers.sees("reset")


async def test_new_posts_of_those_one_follows_are_told(alice: Person, bob: Person, carol: Person) -> None:
    await alice.put("/@bob/follow")
    async with alice.listens(PATH) as hers, carol.listens(PATH) as carols:
        await hers.is_live()
        await carols.is_live()
        await carols.sees("unread_count")
        await hers.says("watch", feed=True, after_post=0)
        await carols.says("watch", everyone=True, after_post=0)
        first = (await bob.post("/posts", {"body": "news"})).json()
        new_post = {"type": "new_post", "post_id": first["id"], "username": "bob"}
        assert await hers.sees("new_post") == new_post
        assert await carols.sees("new_post") == new_post
        await carol.post("/posts", {"body": "for everyone's page"})
        await carols.sees("new_post", username="carol")
        own = (await alice.post("/posts", {"body": "mine"})).json()
        await hers.sees("new_post", post_id=own["id"])
        assert "carol" not in hers.all_of("new_post", "username"), "alice does not follow carol"


async def test_following_and_unfollowing_change_an_open_feed(alice: Person, bob: Person) -> None:
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await hers.sees("unread_count")
        await hers.says("watch", feed=True)
        await alice.put("/@bob/follow")
        await hers.sees("skip", seq=1)
        # The joining goes on behind the skip: bob posts until it is heard.
        for _ in range(100):
            post = (await bob.post("/posts", {"body": "heard?"})).json()
            if (frame := await hers.next())["type"] == "new_post":
                break
        assert frame == {"type": "new_post", "post_id": post["id"], "username": "bob"}


async def test_posts_that_came_meanwhile_are_told_on_coming_back(alice: Person, bob: Person) -> None:
    await alice.put("/@bob/follow")
    shown, missed = [(await bob.post("/posts", {"body": text})).json()["id"] for text in ("shown", "missed")]
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await hers.says("watch", feed=True, after_post=shown)
        assert await hers.sees("new_post") == {"type": "new_post", "post_id": missed, "username": "bob"}


@pytest.mark.parametrize(
    ("wanted", "code", "field"),
    [
        ({"posts": {str(number): 0 for number in range(101)}}, "too_many", "posts"),
        ({"posts": {"x": 0}}, "wrong_type", "posts"),
        ({"posts": {"1.>": 0}}, "wrong_type", "posts"),
        ({"posts": {"1": -1}}, "wrong_type", "posts"),
        ({"posts": {"1": 10**30}}, "wrong_type", "posts"),
        ({"posts": [1]}, "wrong_type", "posts"),
        ({"after_post": 10**30, "everyone": True}, "wrong_type", "after_post"),
        ({"colour": 1}, "unknown_field", "colour"),
    ],
)
async def test_a_bad_watch_is_an_error(
    site: Site, alice: Person, wanted: dict[str, Any], code: str, field: str
) -> None:
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await hers.says("watch", **wanted)
        refused = await hers.sees("error")
        assert (refused["code"], refused["command"], refused["field"]) == (code, "watch", field)


async def test_one_hundred_posts_can_be_watched(alice: Person, post: int) -> None:
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await hers.says("watch", posts={str(post): 0} | {str(10**9 + number): 0 for number in range(99)})
        await alice.put(f"/post/{post}/like")
        await hers.sees("post_changed", seq=1)


async def test_a_chat_command_is_no_command_here(alice: Person) -> None:
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await hers.says("chat_message", message="hi")
        assert (await hers.sees("error"))["code"] == "unknown_type"


async def test_signing_out_elsewhere_skips_a_seq_here(site: Site, alice: Person) -> None:
    elsewhere = await site.signs_in("alice")
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await hers.sees("unread_count")
        await elsewhere.post("/logout")
        assert await hers.next() == {"type": "skip", "seq": 1}
