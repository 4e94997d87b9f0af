"""Blocking: what it takes away from both, at once, and that it is taken back whole."""

import asyncio

import pytest

from app.actions import blocks, comments, conversations, edits, follows, groups, likes, messages, posts, reactions
from app.actions.blocks import Blocked
from app.errors import Invalid, NotFound
from app.models import Block, Comment, Conversation, Follow, Post, User
from bus import events as e
from tests.actions.announced import announced


async def test_neither_writes_to_the_other_any_more(alice: User, bob: User, chat: Conversation) -> None:
    sent = await messages.send(alice.id, chat.id, "hello")
    for _ in range(2):
        await blocks.block(alice, bob.username)
    for person in (alice, bob):
        with pytest.raises(Blocked):
            await messages.send(person.id, chat.id, "still there?")
        with pytest.raises(Blocked):
            await reactions.react(person, chat.id, sent.id, "🎉")
    with pytest.raises(Blocked):
        await edits.edit(alice.id, chat.id, sent.id, "other words")
    assert (await announced(f"user.{bob.id}"))[1:] == [
        e.PersonBlocked(
            user_id=bob.id, other_id=alice.id, username=alice.username, by_me=False, conversation_id=str(chat.id)
        )
    ]
    [hers] = await Conversation.listed(alice.id, None, 10)
    [his] = await Conversation.listed(bob.id, None, 10)
    assert (hers.preview, his.preview) == ("hello", "")
    await blocks.unblock(alice, bob.username)
    assert (await announced(f"user.{bob.id}"))[-1] == e.PersonUnblocked(
        user_id=bob.id, other_id=alice.id, username=alice.username
    )
    assert (await messages.send(bob.id, chat.id, "hello again")).number == 2


async def test_who_are_both_blocking_stay_apart_until_neither_does(alice: User, bob: User, chat: Conversation) -> None:
    await asyncio.gather(blocks.block(alice, bob.username), blocks.block(bob, alice.username))
    await blocks.unblock(alice, bob.username)
    with pytest.raises(Blocked):
        await messages.send(alice.id, chat.id, "hello")
    assert await Block.between(alice.id, [bob.id]) == {bob.id}
    await blocks.unblock(bob, alice.username)
    await messages.send(alice.id, chat.id, "hello")


async def test_blocking_while_a_conversation_begins_leaves_no_way_through(alice: User, mallory: User) -> None:
    await asyncio.gather(
        conversations.start(mallory, [alice.username]), blocks.block(alice, mallory.username), return_exceptions=True
    )
    begun = await Conversation.get_or_none(direct_key=Conversation.direct_key_of(alice, mallory))
    if begun:
        with pytest.raises(Blocked):
            await messages.send(mallory.id, begun.id, "hello")
    else:
        with pytest.raises(Blocked):
            await conversations.start(mallory, [alice.username])


async def test_posts_and_comments_are_gone_for_both_and_for_nobody_else(alice: User, bob: User, mallory: User) -> None:
    await follows.follow(mallory, alice.username)
    await follows.follow(alice, mallory.username)
    post = await posts.publish(alice, "Mine")
    others = await posts.publish(bob, "Anybody's")
    for person in (mallory, alice, bob):
        await comments.comment_on(person, others.id, f"from {person.display_name}")
    await blocks.block(alice, mallory.username)
    assert await Follow.authors_of(alice.id) == await Follow.authors_of(mallory.id) == []

    async def seen(viewer: User) -> tuple[list[int], list[int]]:
        listed = await Post.everyones(viewer.id, None, 10)
        discussion = await Comment.newest_under(others.id, viewer.id, None, 10)
        return [line.post.id for line in listed], [comment.author.id for comment in discussion]

    assert await seen(mallory) == ([others.id], [mallory.id, bob.id])
    assert await seen(alice) == ([others.id, post.id], [alice.id, bob.id])
    assert await seen(bob) == ([others.id, post.id], [mallory.id, alice.id, bob.id])
    assert await Post.shown(post.id, mallory.id) is None
    for refused in (likes.like(mallory, post.id), comments.comment_on(mallory, post.id, "Hey")):
        with pytest.raises(NotFound):
            await refused
    with pytest.raises(Blocked):
        await follows.follow(mallory, alice.username)
    await likes.like(bob, post.id)


async def test_nobody_is_brought_into_a_group_by_somebody_hidden_from_them(
    alice: User, bob: User, mallory: User
) -> None:
    await blocks.block(alice, mallory.username)
    with pytest.raises(Blocked):
        await conversations.start(mallory, [alice.username, bob.username], "Surprise")
    team, _ = await conversations.start(bob, [alice.username, mallory.username], "Team")
    await groups.remove(alice, team.id, alice.username)
    await groups.set_role(bob, team.id, mallory.username, "admin")
    with pytest.raises(Blocked):
        await groups.add(mallory, team.id, [alice.username])
    await groups.add(bob, team.id, [alice.username])
    await messages.send(mallory.id, team.id, "In a common group everybody writes")


async def test_nobody_blocks_themselves_or_who_does_not_exist(alice: User) -> None:
    with pytest.raises(Invalid):
        await blocks.block(alice, alice.username)
    with pytest.raises(NotFound):
        await blocks.block(alice, "nobody_here")
