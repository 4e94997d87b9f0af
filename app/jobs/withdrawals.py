"""What is taken back: a notification whose reason is gone. Each function looks at the state as it is when it runs."""

from uuid import UUID

from app.actions.conversations import message_notice_id
from app.actions.notifications import notice_id, remove_about, withdraw
from app.log import Events
from app.models import Membership, Post
from app.models.base import row
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


async def withdraw_unread(events: Events, event: e.MemberLeft) -> None:
    """Who is out is not told of unread messages any more, unless they came back."""
    conversation_id = UUID(event.conversation_id)
    for user_id in event.user_ids:
        if not await Membership.exists(conversation_id=conversation_id, user_id=user_id):
            await withdraw(events, user_id, message_notice_id(conversation_id, user_id))


async def remove_comment(events: Events, event: e.CommentDeleted) -> None:
    """Nobody is told any more of a comment that is gone; its words go too."""
    await remove_about(events, f"post:{event.post_id}/comment:{event.comment_id}")


async def remove_post(events: Events, event: e.PostDeleted) -> None:
    """Nobody is told any more of a post that is gone, nor of what was said under it."""
    await remove_about(events, f"post:{event.post_id}")
