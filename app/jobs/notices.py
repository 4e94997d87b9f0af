"""Who is told what. Each function looks at the state as it is when it runs, so late or repeated runs are harmless."""

import msgspec

from app.actions.notifications import Notice, notice_id, tell
from app.actions.threads import follow_mentioned
from app.jobs.wording import excerpt, name_of
from app.log import Events
from app.models import ActorFacts, Comment, Message, MessageFacts, Post, User
from app.models.base import row, rows
from app.text import EVERYONE, mentions_in
from bus import events as e


async def notify_like(events: Events, event: e.PostLiked) -> None:
    """Tell the author of a post who likes it, if they still do."""
    post = await Post.get_or_none(id=event.post_id)
    # Locked: a like that is being taken back waits, and its withdrawal comes after this.
    still = await row(
        "SELECT id FROM likes WHERE post_id = $1 AND user_id = $2 FOR UPDATE", event.post_id, event.actor_id
    )
    if post is None or still is None or post.author_id == event.actor_id:
        return
    actor = await User.get(id=event.actor_id)
    await tell(
        events,
        [
            Notice(
                id=notice_id("Like", actor.id, f"post:{post.id}", post.author_id),
                recipient_id=post.author_id,
                kind="Like",
                actor=ActorFacts.of(actor),
                message=f"{name_of(actor)} liked your post",
                data={"action_url": f"/post/{post.id}/", "content_type": "post"},
                about=f"post:{post.id}",
            )
        ],
    )


async def notify_comment(events: Events, event: e.CommentAdded) -> None:
    """Tell the author of a post about a comment, and those who are mentioned in it."""
    comment_id = msgspec.json.decode(event.comment)["id"]
    # Locked: whoever deletes it waits, and takes back what is told here.
    if await row("SELECT id FROM comments WHERE id = $1 FOR SHARE", comment_id) is None:
        return
    comment = await Comment.get(id=comment_id).select_related("author", "post")
    actor, post = comment.author, comment.post
    data = {"action_url": f"/post/{post.id}/", "content_type": "comment"}
    about = f"post:{post.id}/comment:{comment.id}"
    notices = []
    if post.author_id != actor.id:
        notices.append(
            Notice(
                id=notice_id("Comment", actor.id, f"comment:{comment.id}", post.author_id),
                recipient_id=post.author_id,
                kind="Comment",
                actor=ActorFacts.of(actor),
                message=f"{name_of(actor)} commented on your post: {excerpt(comment.body)}",
                data=data,
                about=about,
            )
        )
    told = {post.author_id}
    notices += await mentions(actor, event.mentions, f"comment:{comment.id}", "a comment", data, told, about)
    await tell(events, notices)


async def notify_mentions_in_post(events: Events, event: e.PostPublished) -> None:
    """Tell those who are mentioned in a post."""
    # Locked: whoever deletes it waits, and takes back what is told here.
    if await row("SELECT id FROM posts WHERE id = $1 FOR SHARE", event.post_id):
        post = await Post.get(id=event.post_id).select_related("author")
        data = {"action_url": f"/post/{post.id}/", "content_type": "post"}
        target = f"post:{post.id}"
        await tell(events, await mentions(post.author, event.mentions, target, "a post", data, set(), target))


async def notify_follow(events: Events, event: e.Followed) -> None:
    """Tell a person who follows them now."""
    still = await row(
        "SELECT id FROM follows WHERE follower_id = $1 AND author_id = $2 FOR UPDATE",
        event.follower_id,
        event.author_id,
    )
    if still is None:
        return
    actor = await User.get(id=event.follower_id)
    await tell(
        events,
        [
            Notice(
                id=notice_id("Follow", actor.id, "user", event.author_id),
                recipient_id=event.author_id,
                kind="Follow",
                actor=ActorFacts.of(actor),
                message=f"{name_of(actor)} started following you",
                data={"action_url": f"/@{actor.username}/", "content_type": "user"},
            )
        ],
    )


async def notify_mentions_in_message(
    events: Events, event: e.MessageSent | e.ThreadMessageSent | e.MessageEdited
) -> None:
    """Tell members of a conversation who are mentioned in a message, as it is now; also where they have muted it.

    Who edits a message does not call everyone again. Whose name is in a message of a thread follows that from now on.
    """
    thread = msgspec.json.decode(event.message, type=MessageFacts).thread
    if thread:
        # Before everything else, as where messages are written.
        await events.lock([event.topic])
    # Locked: whoever edits or deletes it waits, and takes back what is told here.
    await row("SELECT id FROM messages WHERE id = $1 FOR SHARE", msgspec.json.decode(event.message)["message_id"])
    message = await message_of(event)
    mentioned = set(event.mentions).intersection(mentions_in(message.body))
    members = await rows(
        "SELECT username FROM memberships JOIN users ON users.id = user_id "
        "WHERE conversation_id = $1 AND ($3 OR username = ANY($2::text[]))",
        message.conversation_id,
        list(mentioned),
        EVERYONE in mentioned and not isinstance(event, e.MessageEdited),
    )
    names = tuple(line["username"] for line in members)
    place = f"/conversations/{message.conversation_id}/"
    if message.thread_id:
        place = f"{place}threads/{message.thread_id}/"
        # Not those who are everyone: of a thousand people nearly none would want to.
        by_name = [name for name in names if name in mentioned]
        await follow_mentioned(events, message.conversation_id, message.thread_id, message.id, by_name)
    data = {"action_url": place, "content_type": "message"}
    target = f"message:{message.id}"
    await tell(events, await mentions(message.author, names, target, "a message", data, set(), target))


async def message_of(event: e.MessageSent | e.ThreadMessageSent | e.MessageEdited) -> Message:
    """The message that the event is about, its author loaded."""
    message_id = msgspec.json.decode(event.message)["message_id"]
    return await Message.get(id=message_id).select_related("author")


async def mentions(
    actor: User,
    usernames: tuple[str, ...],
    target: str,
    where: str,
    data: dict[str, str],
    told: set[int],
    about: str = "",
) -> list[Notice]:
    """A Mention for each of ``usernames`` that exists and is neither the actor nor in ``told``."""
    known = await User.named(list(usernames)) if usernames else {}
    return [
        Notice(
            id=notice_id("Mention", actor.id, target, user.id),
            recipient_id=user.id,
            kind="Mention",
            actor=ActorFacts.of(actor),
            message=f"{name_of(actor)} mentioned you in {where}",
            data=data,
            about=about,
        )
        for user in known.values()
        if user.id != actor.id and user.id not in told
    ]
