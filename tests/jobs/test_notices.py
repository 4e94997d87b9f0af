"""Who is told what: once for each doing, never of one's own, and taken back while unread."""

from collections.abc import AsyncIterator
from uuid import UUID

import pytest

from app.actions import blocks, comments, conversations, follows, groups, keeping, likes, messages, notifications, posts
from app.jobs.runner import run_one
from app.jobs.wording import excerpt, unread_text
from app.log import read
from app.log.consequences import tell_unread_after, unread_seconds
from app.models import Conversation, Job, Notification, Post, User
from app.models.base import rows
from bus import events as e
from bus.encoding import decode_event


@pytest.fixture
async def patience() -> AsyncIterator[None]:
    """Nobody waits for an unread message: its job is due at once."""
    before = unread_seconds()
    tell_unread_after(0)
    yield
    tell_unread_after(before)


async def someone(name: str) -> User:
    return await User.create(username=name, display_name=name.title(), password_hash="-")


@pytest.fixture
async def alice(quiet: str) -> User:
    return await someone("alice")


@pytest.fixture
async def bob(quiet: str) -> User:
    return await someone("bob")


@pytest.fixture
async def carol(quiet: str) -> User:
    return await someone("carol")


async def run_all() -> None:
    """Everything that is due, and what follows from it."""
    await rows(
        "UPDATE jobs SET run_at = now() - interval '1 second' WHERE run_at < now() + interval '3 s' RETURNING id"
    )
    while await run_one():
        pass
    assert await Job.filter(tries__gt=0).count() == 0, "no job failed"


async def told(user: User) -> list[tuple[str, str, bool]]:
    """What the user was told, oldest first: kind, words, whether read."""
    found = await Notification.filter(recipient=user).order_by("sent_at")
    return [(n.kind, n.message, n.read) for n in found]


async def unread(user: User) -> int:
    await user.refresh_from_db()
    real = await Notification.filter(recipient=user, read=False).count()
    assert user.unread_notifications == real
    return real


@pytest.fixture
async def post(alice: User) -> Post:
    return await posts.publish(alice, "hello")


@pytest.fixture
async def chat(alice: User, bob: User) -> Conversation:
    return (await conversations.start(alice, ["bob"]))[0]


async def test_like_unlike_like_is_one_notification(alice: User, bob: User, post: Post) -> None:
    for _ in range(3):
        await likes.like(bob, post.id)
        await run_all()
        await likes.unlike(bob, post.id)
        await run_all()
        assert await told(alice) == []
    await likes.like(bob, post.id)
    await run_all()
    assert await told(alice) == [("Like", "Bob liked your post", False)]
    assert await unread(alice) == 1


async def test_quick_likes_and_unlikes_never_pile_up(alice: User, bob: User, post: Post) -> None:
    for _ in range(5):
        await likes.like(bob, post.id)
        await likes.unlike(bob, post.id)
    await likes.like(bob, post.id)
    await run_all()
    assert await told(alice) == [("Like", "Bob liked your post", False)]
    assert await unread(alice) == 1


async def test_an_unlike_after_reading_leaves_what_was_read(alice: User, bob: User, post: Post) -> None:
    await likes.like(bob, post.id)
    await run_all()
    await notifications.mark_read(alice, "all")
    await likes.unlike(bob, post.id)
    await run_all()
    assert await told(alice) == [("Like", "Bob liked your post", True)]
    await likes.like(bob, post.id)
    await run_all()
    assert await told(alice) == [("Like", "Bob liked your post", True)], "told once is told"


async def test_nobody_is_told_of_their_own_doing(alice: User, post: Post) -> None:
    await likes.like(alice, post.id)
    await comments.comment_on(alice, post.id, "thanks @alice")
    await posts.publish(alice, "I am @alice")
    await run_all()
    assert await told(alice) == []


async def test_a_comment_tells_the_author_once_and_those_who_are_mentioned(
    alice: User, bob: User, carol: User, post: Post
) -> None:
    await comments.comment_on(bob, post.id, "look @alice, @carol and @nobody_here")
    await run_all()
    assert await told(alice) == [("Comment", "Bob commented on your post: look @alice, @carol and @nobody_here", False)]
    assert await told(carol) == [("Mention", "Bob mentioned you in a comment", False)]


async def test_a_mention_in_a_post(alice: User, bob: User) -> None:
    await posts.publish(alice, "@bob @bob @bob")
    await run_all()
    assert await told(bob) == [("Mention", "Alice mentioned you in a post", False)]


async def test_a_follow_tells_once_and_is_taken_back_while_unread(alice: User, bob: User) -> None:
    await follows.follow(bob, "alice")
    await run_all()
    assert await told(alice) == [("Follow", "Bob started following you", False)]
    await follows.unfollow(bob, "alice")
    await run_all()
    assert await told(alice) == []
    assert await unread(alice) == 0


async def test_a_message_is_told_only_when_it_stays_unread_for_a_while(
    alice: User, bob: User, chat: Conversation, patience: None
) -> None:
    sent = await messages.send(alice.id, chat.id, "hi")
    await conversations.mark_read(bob.id, chat.id, sent.seq)
    await run_all()
    assert await told(bob) == []
    await messages.send(alice.id, chat.id, "are you there?")
    await run_all()
    assert await told(bob) == [("Message", "Alice sent you a message", False)]
    assert await told(alice) == []


async def test_what_is_unread_in_several_conversations_is_told_together(
    alice: User, bob: User, carol: User, chat: Conversation, patience: None
) -> None:
    team, _ = await conversations.start(alice, [bob.username, carol.username], "Team")
    large, _ = await conversations.start(alice, [bob.username, carol.username], "Large")
    await Conversation.filter(id=large.id).update(members=201)
    for conversation in (chat, team, large, chat):
        await messages.send(alice.id, conversation.id, "hi")
    await rows("UPDATE jobs SET run_at = now() - interval '1 second' RETURNING id")
    assert await run_one()
    assert not await run_one()
    assert sorted(await told(bob)) == [
        ("Message", "2 new messages from Alice", False),
        ("Message", "Alice sent a message in Team", False),
    ]
    assert await told(carol) == [("Message", "Alice sent a message in Team", False)]
    entries = await read.after(f"user.{bob.id}", 0, 10)
    heard = [event for entry in entries if isinstance(event := decode_event(entry.body), e.Notified)]
    assert [event.unread for event in heard] == [1, 2] == [1, await unread(bob)]


async def test_in_a_large_group_nobody_is_told_of_a_plain_message(
    alice: User, bob: User, carol: User, patience: None
) -> None:
    team, _ = await conversations.start(alice, [bob.username, carol.username], "Team")
    await Conversation.filter(id=team.id).update(members=201)
    await messages.send(alice.id, team.id, f"hi @{carol.username}")
    await run_all()
    assert await told(bob) == []
    assert await told(carol) == [("Mention", "Alice mentioned you in a message", False)]
    await Conversation.filter(id=team.id).update(members=200)
    await messages.send(alice.id, team.id, "hi")
    await run_all()
    assert await told(bob) == [("Message", "2 new messages in Team", False)]


async def test_who_is_out_of_a_group_is_told_of_it_no_more(alice: User, bob: User, carol: User, patience: None) -> None:
    team, _ = await conversations.start(alice, [bob.username, carol.username], "Team")
    await messages.send(alice.id, team.id, "hi")
    await run_all()
    await groups.remove(alice, team.id, bob.username)
    await run_all()
    assert await told(bob) == []
    assert await told(carol) == [("Message", "Alice sent a message in Team", False)]


async def test_five_seconds_are_the_patience(alice: User, bob: User, chat: Conversation) -> None:
    await messages.send(alice.id, chat.id, "hi")
    assert not await run_one()
    await rows("UPDATE jobs SET run_at = now() RETURNING id")
    assert await run_one()
    assert await told(bob) == [], "younger messages have jobs of their own"


async def test_unread_messages_are_one_entry_that_is_renewed_and_read_with_the_conversation(
    alice: User, bob: User, chat: Conversation, patience: None
) -> None:
    await messages.send(alice.id, chat.id, "one")
    await run_all()
    await messages.send(alice.id, chat.id, "two")
    last = await messages.send(alice.id, chat.id, "three")
    await run_all()
    assert await told(bob) == [("Message", "3 new messages from Alice", False)]
    assert await unread(bob) == 1
    await conversations.mark_read(bob.id, chat.id, last.seq - 1)
    assert await unread(bob) == 1
    await conversations.mark_read(bob.id, chat.id, last.seq)
    assert await told(bob) == [("Message", "3 new messages from Alice", True)]
    assert await unread(bob) == 0
    await messages.send(alice.id, chat.id, "four")
    await run_all()
    assert await told(bob) == [("Message", "Alice sent you a message", False)]
    assert await unread(bob) == 1


async def test_in_a_group_everyone_who_has_not_read_is_told(
    alice: User, bob: User, carol: User, patience: None
) -> None:
    team, _ = await conversations.start(alice, ["bob", "carol"], "Team")
    sent = await messages.send(alice.id, team.id, "hello")
    await conversations.mark_read(carol.id, team.id, sent.seq)
    await messages.send(alice.id, team.id, "@bob? @mallory?")
    await run_all()
    assert ("Message", "2 new messages in Team", False) in await told(bob)
    assert ("Mention", "Alice mentioned you in a message", False) in await told(bob)
    assert await told(carol) == [("Message", "Alice sent a message in Team", False)]


async def test_a_mention_of_an_outsider_in_a_message_tells_them_nothing(
    alice: User, bob: User, carol: User, chat: Conversation
) -> None:
    await messages.send(alice.id, chat.id, "about @carol and @bob")
    await run_all()
    assert await told(carol) == []
    assert [kind for kind, *_ in await told(bob)] == ["Mention"]


async def test_what_is_gone_when_the_job_runs_is_not_told(alice: User, bob: User, post: Post) -> None:
    await likes.like(bob, post.id)
    comment = await comments.comment_on(bob, post.id, "hm")
    await comments.delete_comment(bob, comment.id)
    await posts.delete_post(alice, post.id)
    await run_all()
    assert await told(alice) == []


async def test_each_notification_carries_where_it_leads(alice: User, bob: User, post: Post, chat: Conversation) -> None:
    await likes.like(bob, post.id)
    await follows.follow(bob, "alice")
    await run_all()
    found = {n.kind: n for n in await Notification.filter(recipient=alice).select_related("actor")}
    assert found["Like"].data == {"action_url": f"/post/{post.id}/", "content_type": "post"}
    assert found["Follow"].data == {"action_url": "/@bob/", "content_type": "user"}
    assert found["Like"].facts().actor is not None
    heads = await read.head(f"user.{alice.id}")
    assert heads >= 2


def test_the_id_says_what_was_done() -> None:
    like = notifications.notice_id("Like", 1, "post:9", 2)
    assert isinstance(like, UUID)
    assert like == notifications.notice_id("Like", 1, "post:9", 2)
    others = [("Comment", 1, "post:9", 2), ("Like", 3, "post:9", 2), ("Like", 1, "post:8", 2), ("Like", 1, "post:9", 4)]
    assert len({like, *(notifications.notice_id(*other) for other in others)}) == 5


def test_words_of_notifications() -> None:
    assert unread_text(1, "John", "") == "John sent you a message"
    assert unread_text(4, "John", "") == "4 new messages from John"
    assert unread_text(2, "John", " in Team") == "2 new messages in Team"
    assert excerpt("a\n b  " + "x" * 200) == "a b " + "x" * 75 + "…"


async def test_a_comment_that_is_deleted_is_told_of_no_more_and_its_words_are_gone(
    alice: User, bob: User, carol: User, post: Post
) -> None:
    comment = await comments.comment_on(bob, post.id, "a secret, @carol")
    kept = await comments.comment_on(bob, post.id, "something else")
    await run_all()
    await notifications.mark_read(alice, "all")
    await comments.delete_comment(bob, comment.id)
    await run_all()
    assert [words for _, words, _ in await told(alice)] == [f"Bob commented on your post: {kept.body}"]
    assert await told(carol) == []
    assert await unread(carol) == 0
    for user in (alice, carol):
        assert not [entry for entry in await read.after(f"user.{user.id}", 0) if "secret" in entry.body]


async def test_a_post_that_is_deleted_takes_along_what_was_told_of_it(
    alice: User, bob: User, carol: User, post: Post
) -> None:
    other = await posts.publish(alice, "another one")
    for one in (post, other):
        await likes.like(bob, one.id)
        await comments.comment_on(bob, one.id, "hm, @carol")
    await run_all()
    assert (await unread(alice), await unread(carol)) == (4, 2)
    await posts.delete_post(alice, post.id)
    await run_all()
    assert (await unread(alice), await unread(carol)) == (2, 1)
    left = await Notification.filter(recipient=alice)
    assert {notification.data["action_url"] for notification in left} == {f"/post/{other.id}/"}


async def test_a_comment_deleted_before_anybody_was_told_is_never_told(alice: User, bob: User, post: Post) -> None:
    comment = await comments.comment_on(bob, post.id, "oops")
    await comments.delete_comment(bob, comment.id)
    await run_all()
    assert await told(alice) == []


async def test_who_answers_is_told_no_more(patience: None, alice: User, bob: User, chat: Conversation) -> None:
    await messages.send(alice.id, chat.id, "hello?")
    await run_all()
    assert await told(bob) == [("Message", "Alice sent you a message", False)]
    await messages.send(bob.id, chat.id, "yes")
    await run_all()
    assert ("Message", "Alice sent you a message", True) in await told(bob)
    assert await unread(bob) == 0


async def test_who_has_muted_a_conversation_is_told_of_mentions_alone(patience: None, alice: User, bob: User) -> None:
    chat, _ = await conversations.start(alice, [bob.username])
    await keeping.keep(bob.id, chat.id, mute="1h")
    await messages.send(alice.id, chat.id, "hello")
    await run_all()
    assert await told(bob) == []
    await messages.send(alice.id, chat.id, "hello @bob")
    await messages.send(alice.id, chat.id, "hello @all")
    await run_all()
    assert await told(bob) == [("Mention", "Alice mentioned you in a message", False)] * 2
    await keeping.keep(bob.id, chat.id, mute="off")
    await messages.send(alice.id, chat.id, "hello again")
    await run_all()
    assert ("Message", "4 new messages from Alice", False) in await told(bob)


async def test_what_somebody_did_is_told_no_more_once_they_are_blocked(
    alice: User, bob: User, carol: User, post: Post
) -> None:
    await likes.like(bob, post.id)
    await likes.like(carol, post.id)
    await comments.comment_on(bob, post.id, "So rude")
    await follows.follow(alice, bob.username)
    await run_all()
    await blocks.block(alice, bob.username)
    await run_all()
    assert [words for _, words, _ in await told(alice)] == ["Carol liked your post"]
    assert await told(bob) == []
    assert (await User.get(id=alice.id)).unread_notifications == 1
    written = [str(event) for event in await read.after(f"user.{alice.id}", 0, 100)]
    assert "So rude" not in "".join(written)
    await posts.publish(bob, f"@{alice.username} look")
    await run_all()
    assert len(await told(alice)) == 1


async def test_a_block_that_is_over_again_takes_nothing(alice: User, bob: User, post: Post) -> None:
    await likes.like(bob, post.id)
    await run_all()
    await blocks.block(alice, bob.username)
    await blocks.unblock(alice, bob.username)
    await run_all()
    assert len(await told(alice)) == 1


async def test_in_a_group_nobody_is_told_of_who_is_hidden_from_them(
    patience: None, alice: User, bob: User, carol: User
) -> None:
    team, _ = await conversations.start(alice, [bob.username, carol.username], "Team")
    await blocks.block(alice, bob.username)
    await messages.send(bob.id, team.id, "hidden")
    await run_all()
    assert (await told(alice), len(await told(carol))) == ([], 1)
    await messages.send(carol.id, team.id, "Hello")
    await messages.send(bob.id, team.id, "hidden too")
    await run_all()
    [entry] = await Notification.filter(recipient=alice)
    assert (entry.actor_id, entry.message) == (carol.id, "3 new messages in Team")
