"""What the social actions write and what they announce: the rows and the log agree, and nothing is said twice."""

import asyncio
import json
from typing import Any

import pytest

from app.actions import accounts, comments, follows, likes, posts, sessions
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.log.read import after
from app.models import Comment, Post, User
from tests.site import Site

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def alice(site: Site, database: None) -> User:
    return await accounts.register("alice", "correct horse")


@pytest.fixture
async def bob(site: Site, database: None) -> User:
    return await accounts.register("bob", "correct horse")


@pytest.fixture
async def mallory(site: Site, database: None) -> User:
    return await accounts.register("mallory", "correct horse")


async def said(topic: str) -> list[dict[str, Any]]:
    """The topic's events, in order and without gaps."""
    entries = await after(topic, 0)
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    return [json.loads(entry.body) for entry in entries]


async def test_a_post_is_announced_to_its_authors_followers(alice: User) -> None:
    post = await posts.publish(alice, "hello @bob and @Carol")
    assert await said(f"author.{alice.id}") == [
        {
            "type": "post_published",
            "author_id": alice.id,
            "post_id": post.id,
            "username": "alice",
            "mentions": ["bob", "carol"],
        }
    ]


async def test_what_was_refused_is_not_announced(alice: User) -> None:
    with pytest.raises(Invalid):
        await posts.publish(alice, " ")
    with pytest.raises(NotFound):
        await likes.like(alice, 999_999_999)
    with pytest.raises(NotFound):
        await comments.comment_on(alice, 999_999_999, "hello")
    assert await said(f"author.{alice.id}") == await said("post.999999999") == []


async def test_likes_are_announced_once_with_their_count(alice: User, bob: User) -> None:
    post = await posts.publish(alice, "like me")
    for user in (bob, bob, alice):
        await likes.like(user, post.id)
    for _ in range(2):
        await likes.unlike(bob, post.id)
    assert [(event["type"], event["actor_id"], event["likes"]) for event in await said(f"post.{post.id}")] == [
        ("post_liked", bob.id, 1),
        ("post_liked", alice.id, 2),
        ("post_unliked", bob.id, 1),
    ]
    assert (await Post.get(id=post.id)).likes == 1


async def test_many_likes_at_once_are_all_counted(alice: User) -> None:
    post = await posts.publish(alice, "like me")
    fans = [await User.create(username=f"fan{n}", password_hash="none") for n in range(20)]
    await asyncio.gather(*(likes.like(fan, post.id) for fan in fans for _ in range(2)))
    assert [event["likes"] for event in await said(f"post.{post.id}")] == list(range(1, 21))
    assert (await Post.get(id=post.id)).likes == 20


async def test_a_comment_is_announced_and_its_text_leaves_the_log_with_it(alice: User, bob: User) -> None:
    post = await posts.publish(alice, "talk")
    kept = await comments.comment_on(alice, post.id, "kept")
    gone = await comments.comment_on(bob, post.id, "gone @alice")
    [_, added] = await said(f"post.{post.id}")
    assert (added["type"], added["comments"], added["mentions"]) == ("comment_added", 2, ["alice"])
    assert added["comment"]["body"] == "gone @alice"
    assert added["comment"]["author"]["username"] == "bob"
    await comments.delete_comment(bob, gone.id)
    first, second, third = await said(f"post.{post.id}")
    assert first["comment"]["id"] == kept.id
    assert second == {"type": "scrubbed"}
    assert (third["type"], third["comment_id"], third["comments"]) == ("comment_deleted", gone.id, 1)


async def test_only_the_author_deletes(alice: User, mallory: User) -> None:
    post = await posts.publish(alice, "mine")
    comment = await comments.comment_on(alice, post.id, "mine too")
    with pytest.raises(Forbidden):
        await comments.delete_comment(mallory, comment.id)
    with pytest.raises(Forbidden):
        await posts.delete_post(mallory, post.id)
    assert [event["type"] for event in await said(f"post.{post.id}")] == ["comment_added"]
    await comments.delete_comment(alice, comment.id)
    await posts.delete_post(alice, post.id)
    assert [event["type"] for event in await said(f"post.{post.id}")] == ["scrubbed", "scrubbed", "post_deleted"]
    assert not await Post.exists(id=post.id)


async def test_deleting_the_same_comment_at_once_counts_once(alice: User) -> None:
    post = await posts.publish(alice, "talk")
    for text in ("a", "b"):
        comment = await comments.comment_on(alice, post.id, text)
    outcomes = await asyncio.gather(
        *(comments.delete_comment(alice, comment.id) for _ in range(5)), return_exceptions=True
    )
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["NotFound"] * 4 + ["int"]
    assert (await Post.get(id=post.id)).comments == await Comment.filter(post_id=post.id).count() == 1


async def test_following_is_announced_once(alice: User, bob: User) -> None:
    for _ in range(2):
        await follows.follow(alice, "Bob")
    for _ in range(2):
        await follows.unfollow(alice, "bob")
    facts = {"follower_id": alice.id, "author_id": bob.id}
    assert await said(f"user.{alice.id}") == [{"type": "followed", **facts}, {"type": "unfollowed", **facts}]
    with pytest.raises(Invalid):
        await follows.follow(alice, "alice")


async def test_ending_a_session_is_announced_once_and_only_by_its_owner(alice: User, mallory: User) -> None:
    session, secret = await sessions.open_session(alice, "cookie", "Firefox", "")
    assert session.secret_hash == sessions.hashed(secret) != secret
    with pytest.raises(NotFound):
        await sessions.end_session(mallory, session.id)
    await sessions.end_session(alice, session.id)
    with pytest.raises(NotFound):
        await sessions.end_session(alice, session.id)
    assert await said(f"user.{alice.id}") == [
        {"type": "session_ended", "user_id": alice.id, "session_id": str(session.id)}
    ]


async def test_a_new_password_ends_all_sessions_but_the_present_one(alice: User) -> None:
    kept, *ended = [(await sessions.open_session(alice, "cookie", "", "")).session for _ in range(3)]
    await accounts.change_password(alice, kept, "another horse")
    announced = {event["session_id"] for event in await said(f"user.{alice.id}")}
    assert announced == {str(session.id) for session in ended}


async def test_one_name_is_given_once_however_many_want_it(site: Site) -> None:
    outcomes = await asyncio.gather(
        *(accounts.register("erin", "correct horse") for _ in range(4)), return_exceptions=True
    )
    assert sum(isinstance(outcome, User) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 3


async def test_registering_is_limited_per_address(site: Site) -> None:
    for number in range(3):
        await accounts.register(f"user{number}", "correct horse", address="203.0.113.7", limit=3)
    with pytest.raises(Exception, match="Too many") as refused:
        await accounts.register("user3", "correct horse", address="203.0.113.7", limit=3)
    assert refused.value.retry_after > 3000  # type: ignore[attr-defined]
    await accounts.register("user3", "correct horse", address="203.0.113.8", limit=3)


async def test_grants_are_given_and_taken(alice: User) -> None:
    await accounts.grant("Alice", verified=True, admin=True)
    await accounts.grant("alice", admin=False)
    granted = await User.get(id=alice.id)
    assert (granted.is_verified, granted.is_admin) == (True, False)
    with pytest.raises(NotFound):
        await accounts.grant("nobody", admin=True)
