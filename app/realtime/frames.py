"""The table that says which frames an event or a signal becomes, for each way (view) of looking at its topic.

A frame's bytes are built once per worker. Every view in ``CURSORED`` counts seqs, so there an event that shows
nothing becomes a ``skip``.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec

from app.models.membership import RECEIPTS_AT_MOST
from app.models.message import MessageFacts, chat_message
from app.models.quiet_line import LineFacts, line_frame
from app.realtime import websocket
from app.realtime.audience import ChoosyPiece, Piece
from bus import events as e
from bus import signals as s

CURSORED = frozenset({"chat", "notifications"})
ELSEWHERE = frozenset(
    {
        *("hello", "read", "delivered", "message_arrived"),
        *("post_changed", "comment", "comment_deleted", "post_deleted"),
    }
)
"""The frames whose ``seq`` is no place in the connection's own topic. In all others it moves the cursor."""

_encode = msgspec.json.Encoder().encode


def build(kind: str, /, **fields: Any) -> bytes:
    """The JSON of a frame of type ``kind``; fields in the order given."""
    return _encode({"type": kind} | fields)


def _chat_message(seq: int, event: e.MessageSent | e.ThreadMessageSent) -> list[bytes]:
    return [chat_message(seq, bytes(event.message))]


def _message_now(seq: int, event: e.MessageEdited | e.MessageDeleted) -> list[bytes]:
    preview = msgspec.json.decode(event.message, type=MessageFacts).preview
    head = build(event.name, seq=seq, message_seq=event.message_seq, preview=preview)
    return [b"%b,%b" % (head[:-1], bytes(event.message)[1:])]


def _activity_now(seq: int, event: e.MessageEdited | e.MessageDeleted) -> list[bytes]:
    facts = msgspec.json.decode(event.message, type=MessageFacts)
    return [activity(event.conversation_id, facts)] if event.is_newest else []


def _reaction(seq: int, event: e.MessageReacted) -> list[bytes]:
    who = {"user_id": event.user_id, "username": event.username, "is_on": event.is_on}
    head = build("reaction", seq=seq, message_id=event.message_id, **who)
    return [b"%b,%b" % (head[:-1], bytes(event.reaction)[1:])]


def _activity(seq: int, event: e.MessageSent) -> list[bytes]:
    facts = msgspec.json.decode(event.message, type=MessageFacts)
    frames = [activity(event.conversation_id, facts)]
    return [*frames, message_arrived(event.conversation_id, seq, facts.username)] if event.direct else frames


def _thread_activity(seq: int, event: e.ThreadMessageSent) -> list[bytes]:
    facts = msgspec.json.decode(event.message, type=MessageFacts)
    return [
        build(
            "thread_activity",
            conversation_id=event.conversation_id,
            thread=event.thread_id,
            last_number=facts.number,
            preview=facts.preview,
            username=facts.username,
            sent_at=facts.sent_at,
        )
    ]


def activity(conversation_id: str, message: MessageFacts) -> bytes:
    """``conversation_activity``: what the list of conversations shows of the newest message."""
    return build(
        "conversation_activity",
        conversation_id=conversation_id,
        last_number=message.number,
        preview=message.preview,
        username=message.username,
        sent_at=message.sent_at,
    )


def message_arrived(conversation_id: str, seq: int, username: str) -> bytes:
    """A direct message for any page of the reader, which answers with ``PUT …/delivered``. In groups only chats do:
    everybody's every page answering each message would be a storm.
    """
    return build("message_arrived", conversation_id=conversation_id, seq=seq, username=username)


@lru_cache(1024)
def unread_count(count: int) -> bytes:
    """The number on the bell."""
    return build("unread_count", count=count)


def _notification(seq: int, event: e.Notified) -> list[bytes]:
    facts = bytes(event.notification)
    return [b'{"type":"notification","seq":%d,%b' % (seq, facts[1:]), unread_count(event.unread)]


def _notification_read(seq: int, event: e.NotificationsRead) -> list[bytes]:
    return [build("notification_read", seq=seq, ids=event.ids), unread_count(event.unread)]


def _notification_removed(seq: int, event: e.NotificationsRemoved) -> list[bytes]:
    return [build("notification_removed", seq=seq, ids=event.ids), unread_count(event.unread)]


def _conversation_joined(seq: int, event: e.ConversationJoined) -> list[bytes]:
    return [build("conversation_joined", seq=seq, conversation_id=event.conversation_id)]


def conversation_kept(
    conversation_id: str, is_pinned: bool, archived_number: int | None, muted_until: str | None
) -> bytes:
    """How one keeps a conversation, for one's own pages. Without seq, as it is also told after ``caught_up``."""
    return build(
        "conversation_kept",
        conversation_id=conversation_id,
        is_pinned=is_pinned,
        archived_number=archived_number,
        muted_until=muted_until,
    )


def _conversation_kept(seq: int, event: e.ConversationKept) -> list[bytes]:
    kept = conversation_kept(event.conversation_id, event.is_pinned, event.archived_number, event.muted_until)
    return [build("skip", seq=seq), kept]


def _marked_unread(seq: int, event: e.MarkedUnread) -> list[bytes]:
    return [
        build(
            "conversation_unread",
            seq=seq,
            conversation_id=event.conversation_id,
            number=event.number,
            marks=event.marks,
        )
    ]


def thread_followed(
    conversation_id: str, thread_id: str, is_followed: bool, last_number: int, read_number: int
) -> bytes:
    """Where a thread stands for who follows it, or did. Without seq, as it is also told after ``caught_up``."""
    return build(
        "thread_followed",
        conversation_id=conversation_id,
        thread=thread_id,
        is_followed=is_followed,
        last_number=last_number,
        read_number=read_number,
    )


def _thread_followed(seq: int, event: e.ThreadFollowed) -> list[bytes]:
    standing = (event.is_followed, event.last_number, event.read_number)
    return [build("skip", seq=seq), thread_followed(event.conversation_id, event.thread_id, *standing)]


def _conversation_left(seq: int, event: e.ConversationLeft) -> list[bytes]:
    return [build("conversation_left", seq=seq, conversation_id=event.conversation_id)]


def _person_blocked(seq: int, event: e.PersonBlocked) -> list[bytes]:
    return [build("person_blocked", seq=seq, user_id=event.other_id, username=event.username, by_me=event.by_me)]


def _person_unblocked(seq: int, event: e.PersonUnblocked) -> list[bytes]:
    return [build("person_unblocked", seq=seq, user_id=event.other_id, username=event.username)]


def _line(seq: int, event: e.GroupEvent) -> list[bytes]:
    return [line_frame(event.name, seq, bytes(event.line))]


def _renamed(seq: int, event: e.GroupRenamed | e.GroupPictureChanged) -> list[bytes]:
    facts = msgspec.json.decode(event.line, type=LineFacts)
    return [conversation_changed(event.conversation_id, facts.title, facts.avatar)]


def _members_changed(seq: int, event: e.MemberJoined | e.MemberLeft) -> list[bytes]:
    """A group without a title of its own is called after its members: each page asks what, so not of large ones."""
    facts = msgspec.json.decode(event.line, type=LineFacts)
    is_asked = not facts.title and facts.members <= RECEIPTS_AT_MOST
    return [conversation_changed(event.conversation_id, "", facts.avatar)] if is_asked else []


def conversation_changed(conversation_id: str, title: str, avatar: str) -> bytes:
    """What the list of conversations shows of a group that is called or looks otherwise now."""
    return build("conversation_changed", conversation_id=conversation_id, title=title, avatar=avatar)


def _post_changed(seq: int, event: e.PostLiked | e.PostUnliked | e.CommentAdded) -> list[bytes]:
    return [build("post_changed", seq=seq, post_id=event.post_id, likes=event.likes, comments=event.comments)]


def _comment(seq: int, event: e.CommentAdded) -> list[bytes]:
    counts = {"post_id": event.post_id, "likes": event.likes, "comments": event.comments}
    return [build("comment", seq=seq, **counts, comment=event.comment)]


def _comment_deleted(seq: int, event: e.CommentDeleted) -> list[bytes]:
    counts = {"post_id": event.post_id, "likes": event.likes, "comments": event.comments}
    return [build("comment_deleted", seq=seq, **counts, comment_id=event.comment_id)]


def _post_deleted(seq: int, event: e.PostDeleted) -> list[bytes]:
    return [build("post_deleted", seq=seq, post_id=event.post_id)]


def _new_post(seq: int, event: e.PostPublished | e.PostListed) -> list[bytes]:
    return [new_post(event.post_id, event.username)]


def new_post(post_id: int, username: str) -> bytes:
    """``new_post``: somebody whose posts this page shows has published one. Without seq; the post's id orders it."""
    return build("new_post", post_id=post_id, username=username)


FRAMES: dict[tuple[type[e.Event], str], Callable[[int, Any], list[bytes]]] = {
    (e.MessageSent, "chat"): _chat_message,
    (e.MessageSent, "activity"): _activity,
    (e.ThreadMessageSent, "chat"): _chat_message,
    (e.ThreadMessageSent, "activity"): _thread_activity,
    (e.MessageEdited, "chat"): _message_now,
    (e.MessageEdited, "activity"): _activity_now,
    (e.MessageDeleted, "chat"): _message_now,
    (e.MessageDeleted, "activity"): _activity_now,
    (e.MessageReacted, "chat"): _reaction,
    (e.MemberJoined, "chat"): _line,
    (e.MemberJoined, "activity"): _members_changed,
    (e.MemberLeft, "chat"): _line,
    (e.MemberLeft, "activity"): _members_changed,
    (e.MemberRoleChanged, "chat"): _line,
    (e.GroupRenamed, "chat"): _line,
    (e.GroupRenamed, "activity"): _renamed,
    (e.GroupPictureChanged, "chat"): _line,
    (e.GroupPictureChanged, "activity"): _renamed,
    (e.Notified, "notifications"): _notification,
    (e.NotificationsRead, "notifications"): _notification_read,
    (e.NotificationsRemoved, "notifications"): _notification_removed,
    (e.ConversationJoined, "notifications"): _conversation_joined,
    (e.ConversationKept, "notifications"): _conversation_kept,
    (e.MarkedUnread, "notifications"): _marked_unread,
    (e.ThreadFollowed, "notifications"): _thread_followed,
    (e.ConversationLeft, "notifications"): _conversation_left,
    (e.PersonBlocked, "notifications"): _person_blocked,
    (e.PersonUnblocked, "notifications"): _person_unblocked,
    (e.PostLiked, "watch"): _post_changed,
    (e.PostUnliked, "watch"): _post_changed,
    (e.CommentAdded, "watch"): _comment,
    (e.CommentDeleted, "watch"): _comment_deleted,
    (e.PostDeleted, "watch"): _post_deleted,
    (e.PostPublished, "feed"): _new_post,
    (e.PostListed, "feed"): _new_post,
}
"""Events that show nothing to anybody are not here. SessionEnded, PresenceHidden, Followed, Unfollowed have effects."""


def _typing(signal: s.Typing) -> bytes:
    return build("typing", is_typing=signal.is_typing, username=signal.username, user_id=signal.user_id)


def position(kind: str, seq: int, username: str, user_id: int) -> bytes:
    """``read`` or ``delivered``: how far another member has come."""
    return build(kind, seq=seq, username=username, user_id=user_id)


def _position(signal: s.Read | s.Delivered) -> bytes:
    return position(signal.name, signal.seq, signal.username, signal.user_id)


def presence(user_id: int, username: str, state: str, last_seen: str | None) -> bytes:
    """Whether somebody is there; ``last_seen`` of those who are away or offline, as far as that is known."""
    return build("presence", user_id=user_id, username=username, state=state, last_seen=last_seen)


def conversation_read(conversation_id: str, number: int, marks: int = 0) -> bytes:
    """One's own reading, for one's other pages; it says nothing new when it had been marked as unread less often."""
    marked = {"marks": marks} if marks else {}
    return build("conversation_read", conversation_id=conversation_id, number=number, **marked)


def _conversation_read(signal: s.ConversationRead) -> bytes:
    return conversation_read(signal.conversation_id, signal.number, signal.marks)


def _thread_read(signal: s.ThreadRead) -> bytes:
    return build("thread_read", conversation_id=signal.conversation_id, thread=signal.thread_id, number=signal.number)


def _draft(signal: s.Drafted) -> bytes:
    return build("draft", conversation_id=signal.conversation_id, text=signal.text)


SIGNAL_FRAMES: dict[type[s.Signal], tuple[str, Callable[[Any], bytes]]] = {
    s.Typing: ("chat", _typing),
    s.Read: ("chat", _position),
    s.Delivered: ("chat", _position),
    s.ConversationRead: ("notifications", _conversation_read),
    s.ThreadRead: ("notifications", _thread_read),
    s.Drafted: ("notifications", _draft),
}
"""The view a signal shows in, and its frame. A signal about a member is not sent to that member."""


HIDDEN: dict[tuple[type[e.Event], str], tuple[Callable[[Any], int], Callable[[int, Any], list[bytes]]]] = {
    (e.CommentAdded, "watch"): (lambda event: int(event.actor_id), _post_changed),
    (e.PostListed, "feed"): (lambda event: int(event.author_id), lambda seq, event: []),
}
"""Whose doing an event is, and what those get of it from whom that person is hidden."""


ONLY: dict[tuple[type[e.Event], str], Callable[[Any], tuple[int, ...]]] = {
    (e.ThreadMessageSent, "activity"): lambda event: event.followers,
}
"""Who alone gets something of an event in a view; of any other everybody who looks does."""


# All three in one: every event is looked up.
_WAYS = {way: (builder, ONLY.get(way), HIDDEN.get(way)) for way, builder in FRAMES.items()}


def piece_of(event: e.Event | None, seq: int, view: str) -> Piece:
    """What ``view`` gets for an event (None: of an unknown type): one or more WebSocket frames, or no bytes."""
    way = _WAYS.get((type(event), view))  # type: ignore[arg-type]
    if way is None:
        return Piece(websocket.frame(build("skip", seq=seq)) if view in CURSORED else b"")
    builder, only, hidden = way
    data = websocket.frames(builder(seq, event))
    if only:
        return ChoosyPiece(data, only=frozenset(only(event)))
    if hidden:
        author, instead = hidden
        return ChoosyPiece(data, author=author(event), instead=websocket.frames(instead(seq, event)))
    return Piece(data)
