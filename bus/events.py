"""Every durable event there is, on one screen. The class name is the event's name on the wire (``message_sent``).

An event is a fact about one topic, written to the log in the transaction that made it true. ``Raw`` fields hold the
JSON of a model's facts: encoded once by the action, passed on byte for byte by every worker.
"""

import re
from typing import Literal

import msgspec
from msgspec import Raw


def event_name(class_name: str) -> str:
    """``MessageSent`` → ``message_sent``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", class_name).lower()


class Event(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=event_name):
    """The base of all events: ``topic`` is where it belongs, ``name`` what it is called."""

    @property
    def topic(self) -> str:
        """``<kind>.<id>``; the part of it that orders the log and names the subject."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The last word of the event's subject, and its ``type`` in JSON."""
        return str(self.__struct_config__.tag)


class ConversationEvent(Event, frozen=True):
    """Something in a conversation; everyone in it may see it."""

    conversation_id: str

    @property
    def topic(self) -> str:
        return f"conversation.{self.conversation_id}"


class UserEvent(Event, frozen=True):
    """Something for one person's own pages."""

    user_id: int

    @property
    def topic(self) -> str:
        return f"user.{self.user_id}"


class PostEvent(Event, frozen=True):
    """Something about one post; everyone may see it. ``likes`` and ``comments`` are the counts after it."""

    post_id: int

    @property
    def topic(self) -> str:
        return f"post.{self.post_id}"


class MessageSent(ConversationEvent, frozen=True):
    """``message`` is a MessageFacts; ``direct``: in a conversation of two, whose other side says what reached it.

    ``answers``: the author was being told of unread messages here, which this one answers. ``replied_to`` has written
    what it replies to, and is somebody else of a group.
    """

    message: Raw
    direct: bool = False
    answers: bool = False
    mentions: tuple[str, ...] = ()
    replied_to: int | None = None


class ThreadMessageSent(ConversationEvent, frozen=True):
    """``message`` (a MessageFacts) is new in the thread that hangs on ``thread_id``, which ``followers`` follow.

    ``answers``: the author was being told of unread messages there, which this one answers.
    """

    thread_id: str
    message: Raw
    followers: tuple[int, ...] = ()
    answers: bool = False
    mentions: tuple[str, ...] = ()


class MessageEdited(ConversationEvent, frozen=True):
    """``message`` (a MessageFacts) as it is now; ``message_seq`` is its own place in the log.

    ``is_newest``: of all in the conversation. ``unmentioned`` are the usernames that are in it no more.
    """

    message: Raw
    message_seq: int
    is_newest: bool = False
    mentions: tuple[str, ...] = ()
    unmentioned: tuple[str, ...] = ()


class MessageDeleted(ConversationEvent, frozen=True):
    """Deleted for everyone; ``message`` (a MessageFacts) is what is left of it, at its place ``message_seq``."""

    message: Raw
    message_seq: int
    is_newest: bool = False


class MessageReacted(ConversationEvent, frozen=True):
    """A member put ``emoji`` on a message, or (``is_on`` is false) took it back; ``reaction`` is how it is after that.

    ``reaction`` is a ReactionFacts, whose count may be 0.
    """

    message_id: str
    user_id: int
    username: str
    is_on: bool
    reaction: Raw


class ConversationJoined(UserEvent, frozen=True):
    """The user is a member from now on."""

    conversation_id: str


class ConversationKept(UserEvent, frozen=True):
    """How the user keeps a conversation from now on; ``muted_until`` is a moment in ISO 8601, or None.

    With an ``archived_number`` it is archived while no newer message is said in it, or it is muted.
    """

    conversation_id: str
    is_pinned: bool
    archived_number: int | None = None
    muted_until: str | None = None


class MarkedUnread(UserEvent, frozen=True):
    """The user wants to read the conversation again from behind message ``number``; for the ``marks``-th time."""

    conversation_id: str
    number: int
    marks: int


class ThreadFollowed(UserEvent, frozen=True):
    """The user follows a thread from now on, or (``is_followed`` is false) does not any more.

    Its newest message has the number ``last_number``; the user has read up to ``read_number``.
    """

    conversation_id: str
    thread_id: str
    is_followed: bool
    last_number: int
    read_number: int


class ConversationLeft(UserEvent, frozen=True):
    """The user is no member from now on: they left, or were removed."""

    conversation_id: str


class GroupEvent(ConversationEvent, frozen=True):
    """A group is another one now; ``line`` (a LineFacts) says so in its history. ``user_ids``: whom it was done to."""

    user_ids: tuple[int, ...]
    line: Raw


class MemberJoined(GroupEvent, frozen=True):
    """These people are members from now on."""


class MemberLeft(GroupEvent, frozen=True):
    """This member is none from now on; their pages here are closed with 4403."""


class MemberRoleChanged(GroupEvent, frozen=True):
    """This member may do more, or less; when they became the owner, the one before is an admin."""


class GroupRenamed(GroupEvent, frozen=True):
    """The group has another title."""


class GroupPictureChanged(GroupEvent, frozen=True):
    """The group has another picture, or none."""


class PersonBlocked(UserEvent, frozen=True):
    """The user and ``other_id`` are hidden from each other from now on; ``by_me``: the user wanted it so.

    ``conversation_id`` is that of the two, or empty.
    """

    other_id: int
    username: str
    by_me: bool
    conversation_id: str


class PersonUnblocked(UserEvent, frozen=True):
    """The user and ``other_id`` are hidden from each other no more."""

    other_id: int
    username: str


class Notified(UserEvent, frozen=True):
    """``notification`` (a NotificationFacts) is new or replaces its older self; ``unread`` counts after it."""

    notification: Raw
    unread: int


class NotificationsRead(UserEvent, frozen=True):
    """These notifications are read (``"all"`` for all); ``unread`` is the count after it."""

    ids: tuple[str, ...] | Literal["all"]
    unread: int


class NotificationsRemoved(UserEvent, frozen=True):
    """These notifications are gone (``"all"`` for all); ``unread`` is the count after it."""

    ids: tuple[str, ...] | Literal["all"]
    unread: int


class SessionEnded(UserEvent, frozen=True):
    """A session or token opens nothing any more; its sockets are closed with 4401."""

    session_id: str


class PresenceHidden(UserEvent, frozen=True):
    """The user hides from now on when they are here, or (``hidden`` is false) shows it again."""

    hidden: bool


class Followed(Event, frozen=True):
    """``follower_id`` follows ``author_id`` from now on."""

    follower_id: int
    author_id: int

    @property
    def topic(self) -> str:
        return f"user.{self.follower_id}"


class Unfollowed(Event, frozen=True):
    """``follower_id`` no longer follows ``author_id``."""

    follower_id: int
    author_id: int

    @property
    def topic(self) -> str:
        return f"user.{self.follower_id}"


class PostPublished(Event, frozen=True):
    """A new post; ``mentions`` are the usernames in it."""

    author_id: int
    post_id: int
    username: str
    mentions: tuple[str, ...] = ()

    @property
    def topic(self) -> str:
        return f"author.{self.author_id}"


class PostListed(Event, frozen=True):
    """The same new post, for the page that shows everyone's."""

    post_id: int
    username: str
    author_id: int = 0

    @property
    def topic(self) -> str:
        return "author.everyone"


class PostDeleted(PostEvent, frozen=True):
    """The post is gone, with its comments and likes."""

    author_id: int


class PostLiked(PostEvent, frozen=True):
    """``actor_id`` likes the post."""

    actor_id: int
    likes: int
    comments: int


class PostUnliked(PostEvent, frozen=True):
    """``actor_id`` took the like back."""

    actor_id: int
    likes: int
    comments: int


class CommentAdded(PostEvent, frozen=True):
    """``comment`` is a CommentFacts; ``mentions`` are the usernames in it."""

    actor_id: int
    likes: int
    comments: int
    comment: Raw
    mentions: tuple[str, ...] = ()


class CommentDeleted(PostEvent, frozen=True):
    """The comment is gone."""

    actor_id: int
    comment_id: int
    likes: int
    comments: int


EVENTS: tuple[type[Event], ...] = (
    MessageSent,
    ThreadMessageSent,
    MessageEdited,
    MessageDeleted,
    MessageReacted,
    ConversationJoined,
    ConversationKept,
    MarkedUnread,
    ThreadFollowed,
    ConversationLeft,
    PersonBlocked,
    PersonUnblocked,
    MemberJoined,
    MemberLeft,
    MemberRoleChanged,
    GroupRenamed,
    GroupPictureChanged,
    Notified,
    NotificationsRead,
    NotificationsRemoved,
    SessionEnded,
    PresenceHidden,
    Followed,
    Unfollowed,
    PostPublished,
    PostListed,
    PostDeleted,
    PostLiked,
    PostUnliked,
    CommentAdded,
    CommentDeleted,
)
