"""What is taken back: a notification whose reason is gone. Each function looks at the state as it is when it runs."""

from uuid import UUID

import msgspec

from app.actions.conversations import message_notice_id
from app.actions.notifications import notice_id, remove_about, remove_of, withdraw
from app.actions.threads import thread_notice_id
from app.log import Events
from app.models import Block, Membership, Message, MessageFacts, Post, User
from app.models.base import row, rows
from app.text import mentions_in
from bus import events as e


async def withdraw_like(events: Events, event: e.PostUnliked) -> None:
    """The like was taken back: so is its notification, unless it was read or they like it again."""
    post = await Post.get_or_none(id=event.post_id)
    again = await row("SELECT 1 FROM likes WHERE post_id = $1 AND user_id = $2", event.post_id, event.actor_id)
    if post and not again:
        notice = notice_id("Like", event.actor_id, f"post:{post.id}", post.author_id)
        await withdraw(events, post.author_id, notice)


async def withdraw_follow(events: Events, event: e.Unfollowed) -> None:
    """The follow was taken back: so is its notification, unless it was read."""
    again = await row(
        "SELECT 1 FROM follows WHERE follower_id = $1 AND author_id = $2", event.follower_id, event.author_id
    )
    if not again:
        notice = notice_id("Follow", event.follower_id, "user", event.author_id)
        await withdraw(events, event.author_id, notice)


OF_THREADS = """
SELECT id FROM notifications
WHERE recipient_id = $1 AND kind = 'Reply' AND NOT read AND data->>'action_url' LIKE $2 || 'threads/%'
"""


async def withdraw_unread(events: Events, event: e.MemberLeft) -> None:
    """Who is out is not told of unread messages any more, nor of its threads, unless they came back."""
    conversation_id = UUID(event.conversation_id)
    for user_id in event.user_ids:
        if not await Membership.exists(conversation_id=conversation_id, user_id=user_id):
            await withdraw(events, user_id, message_notice_id(conversation_id, user_id))
            for line in await rows(OF_THREADS, user_id, f"/conversations/{conversation_id}/"):
                await withdraw(events, user_id, line["id"])


async def remove_comment(events: Events, event: e.CommentDeleted) -> None:
    """Nobody is told any more of a comment that is gone; its words go too."""
    await remove_about(events, f"post:{event.post_id}/comment:{event.comment_id}")


async def remove_post(events: Events, event: e.PostDeleted) -> None:
    """Nobody is told any more of a post that is gone, nor of what was said under it."""
    await remove_about(events, f"post:{event.post_id}")


async def remove_blocked(events: Events, event: e.PersonBlocked) -> None:
    """Nothing that somebody did is among the notifications of whom they are hidden from, unless that is over again."""
    if await Block.between(event.user_id, [event.other_id]):
        await remove_of(events, event.user_id, event.other_id)


async def withdraw_mentions(events: Events, event: e.MessageEdited) -> None:
    """Who is mentioned in a message no more is told so no more, unless they have read it."""
    facts = msgspec.json.decode(event.message, type=MessageFacts)
    message = await Message.get(id=facts.message_id)
    gone = set(event.unmentioned).difference(mentions_in(message.body))
    for user in sorted((await User.named(list(gone))).values(), key=lambda user: user.id):
        await withdraw(events, user.id, notice_id("Mention", facts.user_id, f"message:{message.id}", user.id))


# Those who had it unread, and nothing else that still says something.
SPARED = """
SELECT user_id FROM memberships WHERE conversation_id = $1 AND read_number < $2 AND NOT EXISTS (
    SELECT FROM messages
    WHERE conversation_id = $1 AND thread_id IS NULL AND number > read_number AND deleted_at IS NULL
) ORDER BY user_id
"""
SPARED_IN_THREAD = """
SELECT user_id FROM thread_follows follow WHERE thread_id = $1 AND read_number < $2 AND NOT EXISTS (
    SELECT FROM messages said WHERE said.thread_id = $1 AND number > read_number AND deleted_at IS NULL
) ORDER BY user_id
"""


async def remove_message(events: Events, event: e.MessageDeleted) -> None:
    """Nobody is told any more of a message that is gone: of a mention in it, or of it as the only one unread."""
    facts = msgspec.json.decode(event.message, type=MessageFacts)
    await remove_about(events, f"message:{facts.message_id}")
    conversation_id, thread = UUID(event.conversation_id), facts.thread and UUID(facts.thread)
    if thread:
        spared = await rows(SPARED_IN_THREAD, thread, facts.number)
        notices = {thread_notice_id(thread, line["user_id"]): line["user_id"] for line in spared}
    else:
        spared = await rows(SPARED, conversation_id, facts.number)
        notices = {message_notice_id(conversation_id, line["user_id"]): line["user_id"] for line in spared}
    told = await rows("SELECT id FROM notifications WHERE id = ANY($1::uuid[]) AND NOT read", list(notices))
    for user_id, notice in sorted((notices[line["id"]], line["id"]) for line in told):
        await withdraw(events, user_id, notice)
