"""What an event does to the connections of a worker, besides the frames they get."""

from collections.abc import Callable
from functools import partial
from typing import Any

from app.realtime import activity
from app.realtime.changes import CHANGED
from app.realtime.connection import Connection
from app.realtime.live import Live
from bus import events as e

NOT_SIGNED_IN = 4401


def _close_session(live: Live, event: e.SessionEnded) -> None:
    for connection in live.hub.of_user(event.user_id):
        if connection.session_id == event.session_id:
            connection.close(NOT_SIGNED_IN, "signed out")


def _show_conversation(live: Live, event: e.ConversationJoined) -> None:
    for connection in live.hub.of_user(event.user_id):
        if isinstance(connection, Connection):
            connection.left -= {f"conversation.{event.conversation_id}"}
    for connection in live.hub.listeners((event.topic, "notifications")):
        if isinstance(connection, Connection):
            live.spawn(activity.joined(live, connection, event.conversation_id))


def _hide_conversation(live: Live, event: e.ConversationLeft) -> None:
    for connection in live.hub.of_user(event.user_id):
        if isinstance(connection, Connection):
            activity.left(live, connection, event.conversation_id)


def _hide_person(live: Live, event: e.PersonBlocked) -> None:
    for connection in live.hub.of_user(event.user_id):
        connection.hides |= {event.other_id}
        if isinstance(connection, Connection):
            live.presence.show(connection, event.other_id)
            if connection.topic == f"conversation.{event.conversation_id}":
                activity.stop_following(live, connection, connection.topic)


def _show_person(live: Live, event: e.PersonUnblocked) -> None:
    for connection in live.hub.of_user(event.user_id):
        connection.hides -= {event.other_id}
        if isinstance(connection, Connection):
            live.presence.show(connection, event.other_id)


def _let_go(live: Live, event: e.MemberLeft) -> None:
    # Here and not by ConversationLeft alone: between the two topics there is no order, and nothing newer may be read.
    for user_id in event.user_ids:
        for connection in live.hub.of_user(user_id):
            if isinstance(connection, Connection):
                activity.stop_following(live, connection, event.topic)


def _follow_author(live: Live, event: e.Followed) -> None:
    for connection in live.hub.of_user(event.follower_id):
        if isinstance(connection, Connection) and connection.feed:
            live.spawn(activity.follow_author(live, connection, event.author_id))


def _unfollow_author(live: Live, event: e.Unfollowed) -> None:
    for connection in live.hub.of_user(event.follower_id):
        if isinstance(connection, Connection):
            activity.leave_author(live, connection, event.author_id)


def _hide_presence(live: Live, event: e.PresenceHidden) -> None:
    live.presence.hide(event.user_id, event.hidden)


EFFECTS: dict[type[e.Event], Callable[[Live, Any], None]] = {
    e.SessionEnded: _close_session,
    e.ConversationJoined: _show_conversation,
    e.ConversationLeft: _hide_conversation,
    e.MemberLeft: _let_go,
    e.PersonBlocked: _hide_person,
    e.PersonUnblocked: _show_person,
    e.PresenceHidden: _hide_presence,
    e.Followed: _follow_author,
    e.Unfollowed: _unfollow_author,
}


def effects_on(live: Live) -> dict[type[e.Event], Callable[[e.Event], None]]:
    """What each type of event does to this worker's connections, for the relay; most do nothing."""
    return {kind: partial(_take_effect, live) for kind in EFFECTS.keys() | CHANGED.keys()}


def _take_effect(live: Live, event: e.Event) -> None:
    live.changes.hear(event)
    effect = EFFECTS.get(type(event))
    if effect:
        effect(live, event)
