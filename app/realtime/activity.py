"""The notification socket's other topics: one's conversations (their newest message) and the posts a page shows."""

import logging
from uuid import UUID

from app.database import DATABASE_ERRORS
from app.models import Follow, Message, Post
from app.models.kept import kept_by
from app.realtime import arrivals, catch_up, frames
from app.realtime.changes import Changes, following, group, keeping
from app.realtime.commands import Watch
from app.realtime.connection import Connection
from app.realtime.live import Live
from app.realtime.topics import LocalTopic
from app.realtime.websocket import frame

logger = logging.getLogger(__name__)

NOT_A_MEMBER = 4403
CONVERSATIONS_TOLD = 30
NEW_POSTS_AT_MOST = 100


async def follow_author(live: Live, connection: Connection, author_id: int) -> None:
    """The user follows one more author: their new posts show in the feed, also one of this very moment."""
    try:
        (topic,) = await live.relay.hold([f"author.{author_id}"])
        if not connection.open or topic in connection.watching:
            live.relay.release([topic])
            return
        connection.watching |= {topic}
        live.hub.join((topic.name, "feed"), connection)
        await _tell_new_posts(connection, connection.user_id)
    except DATABASE_ERRORS as error:
        logger.warning("cannot follow an author: %s", type(error).__name__)
        connection.close(1013, "try again")


def leave_author(live: Live, connection: Connection, author_id: int) -> None:
    """The user follows the author no longer."""
    for topic in [topic for topic in connection.watching if topic.name == f"author.{author_id}"]:
        live.hub.leave((topic.name, "feed"), connection)
        connection.watching -= {topic}
        live.relay.release([topic])


async def conversations(live: Live, connection: Connection, ids: list[UUID]) -> None:
    """Follow these conversations of the user's, then tell where the newest of them stand, and how all are kept."""
    if ids:
        await live.follow(connection, [f"conversation.{conversation_id}" for conversation_id in ids], "activity")
        await tell(live.changes, connection, [str(conversation_id) for conversation_id in ids[:CONVERSATIONS_TOLD]])
        await tell_kept(live.changes, connection, ids)


async def tell_kept(changes: Changes, connection: Connection, ids: list[UUID]) -> None:
    """Tell how these conversations of the user's are kept, those that are in some way."""
    user_id = connection.user_id
    with changes.noted() as changed:
        for kept in await kept_by(user_id, ids):
            if keeping(user_id, kept.conversation_id) not in changed:
                connection.send(frame(frames.conversation_kept(*kept)))


async def threads(changes: Changes, connection: Connection) -> None:
    """Tell where the followed threads stand, once the conversations are listened to, which bring what comes then."""
    user_id = connection.user_id
    with changes.noted() as changed:
        for standing in await arrivals.threads.ask(user_id):
            if following(user_id, standing.thread_id) not in changed:
                connection.send(frame(frames.thread_followed(*standing)))


async def joined(live: Live, connection: Connection, conversation_id: str) -> None:
    """The user is in one more conversation from now on."""
    try:
        await live.follow(connection, [f"conversation.{conversation_id}"], "activity")
        await tell(live.changes, connection, [conversation_id])
        await threads(live.changes, connection)
    except DATABASE_ERRORS as error:
        logger.warning("cannot follow a conversation: %s", type(error).__name__)
        connection.close(1013, "try again")


async def tell(changes: Changes, connection: Connection, ids: list[str]) -> None:
    """Tell where these conversations of the user's stand, and what those that are groups are called."""
    with changes.noted() as changed:
        states = await Message.standings(connection.user_id, ids)
    for state in states:
        if state.newest:
            connection.send(frame(frames.activity(state.id, state.newest)))
            if state.undelivered:
                arrived = frames.message_arrived(state.id, state.undelivered, state.newest.username)
                connection.send(frame(arrived))
        connection.send(frame(frames.conversation_read(state.id, state.read_number, state.unread_marks)))
        if state.title and group(state.id) not in changed:
            connection.send(frame(frames.conversation_changed(state.id, state.title, state.avatar)))


def left(live: Live, connection: Connection, conversation_id: str) -> None:
    """The user is in this conversation no more, also if this connection only begins to follow it at this moment."""
    topic = f"conversation.{conversation_id}"
    connection.left |= {topic}
    stop_following(live, connection, topic)


def stop_following(live: Live, connection: Connection, topic: str) -> None:
    """A chat is closed, any other page hears no more of it. What came before is still handed out."""
    for view in ("chat", "activity"):
        live.hub.leave((topic, view), connection)
    if connection.topic == topic:
        connection.close(NOT_A_MEMBER, "not a member any more")
        return
    for held in [held for held in connection.held if held.name == topic]:
        connection.held.remove(held)
        live.relay.release([held])


async def watch(live: Live, connection: Connection, wanted: Watch) -> None:
    """Replace what the page follows. Posts are caught up from the seq shown, feeds from the newest post shown."""
    # Before the authors are read: whom the user follows from now on is added by the event.
    connection.feed, connection.after_post = wanted.feed, wanted.after_post
    authors = await _authors(connection, wanted)
    posts = {f"post.{post_id}": seq for post_id, seq in wanted.posts.items()}
    held = await live.relay.hold([*posts, *authors])
    before, connection.watching = connection.watching, frozenset(held)
    for topic in before:
        for view in ("watch", "feed"):
            live.hub.leave((topic.name, view), connection)
    live.relay.release(before)
    if not connection.open:
        live.relay.release(connection.watching)
        connection.watching = frozenset()
        return
    for topic in held:
        if topic.name in posts:
            await _catch_up_post(live, connection, topic, posts[topic.name])
        else:
            live.hub.join((topic.name, "feed"), connection)
    if authors:
        await _tell_new_posts(connection, None if wanted.everyone else connection.user_id)


async def _catch_up_post(live: Live, connection: Connection, topic: LocalTopic, seq: int | None) -> None:
    after = topic.position if seq is None else seq
    try:
        if not await catch_up.resumable(live.relay, topic, after, live.settings.backlog_events):
            raise catch_up.CannotResume
        await catch_up.catch_up(live.relay, connection, topic, "watch", after)
    except catch_up.CannotResume:
        connection.send(frame(frames.build("reset")))


async def _authors(connection: Connection, wanted: Watch) -> list[str]:
    followed = [connection.user_id, *await Follow.authors_of(connection.user_id)] if wanted.feed else []
    return [f"author.{author}" for author in followed] + (["author.everyone"] if wanted.everyone else [])


async def _tell_new_posts(connection: Connection, follower: int | None) -> None:
    """Tell again what is newer than the page; it may know some of it already."""
    if connection.after_post is None:
        return
    for post_id, username in await Post.newer_than(
        connection.after_post, connection.user_id, follower, NEW_POSTS_AT_MOST
    ):
        connection.send(frame(frames.new_post(post_id, username)))
