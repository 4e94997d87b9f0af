"""Conventions of frames: every event shows something or does something, and every seq arrives as something."""

import re
from typing import Any

import msgspec

from app.log.consequences import CONSEQUENCES
from app.realtime import frames
from app.realtime.effects import EFFECTS
from app.realtime.topics import VIEWS
from bus import events as e
from bus import signals as s
from tests.realtime.listener import decoded
from tests.site import ROOT

FACTS: dict[str, Any] = {
    "message": "hi",
    "html": "hi",
    "username": "alice",
    "user_id": 1,
    "user_avatar": "/a",
    "timestamp": "12:34",
    "sent_at": "2024-01-01T12:34:00.000Z",
    "message_id": "m",
    "number": 1,
    "client_id": None,
    "is_verified": False,
    "is_admin": False,
    **{"text": "Alice left", "by": "alice", "users": [], "role": "", "title": "Team", "avatar": "", "members": 3},
}

SHOW_NOTHING = {e.SessionEnded, e.PresenceHidden, e.Followed, e.Unfollowed}
"""These have an effect on connections, and no frame of their own. Nothing else may be without."""


def example(kind: type[Any]) -> Any:
    """An event or a signal of this kind."""
    raw = msgspec.Raw(msgspec.json.encode(FACTS))
    values: dict[Any, Any] = {int: 7, str: "x", bool: True, msgspec.Raw: raw, tuple[str, ...]: ("a",)}
    return kind(**{f.name: values.get(f.type, "all") for f in msgspec.structs.fields(kind)})


def test_every_event_shows_something_or_does_something() -> None:
    shown = {kind for kind, _ in frames.FRAMES}
    assert set(e.EVENTS) - shown == SHOW_NOTHING
    assert set(EFFECTS) >= SHOW_NOTHING


def test_every_frame_and_effect_and_consequence_is_of_an_event_there_is() -> None:
    for kinds in ({kind for kind, _ in frames.FRAMES}, set(EFFECTS), set(CONSEQUENCES)):
        assert kinds <= set(e.EVENTS)


def test_the_frames_that_do_not_move_a_cursor_are_known_here_and_in_the_browser() -> None:
    shown = [
        (view, msgspec.json.decode(built))
        for (kind, view), builder in frames.FRAMES.items()
        for built in builder(1, example(kind))
    ]
    told = [msgspec.json.decode(build(example(kind))) for kind, (_, build) in frames.SIGNAL_FRAMES.items()]
    elsewhere = {frame["type"] for view, frame in shown if "seq" in frame and view not in frames.CURSORED}
    assert elsewhere | {frame["type"] for frame in told if "seq" in frame} | {"hello"} == frames.ELSEWHERE
    assert not {frame["type"] for view, frame in shown if view in frames.CURSORED} & frames.ELSEWHERE
    [listed] = re.findall(r"const ELSEWHERE = new Set\((\[.*?\])\)", (ROOT / "static/js/socket.js").read_text())
    assert set(msgspec.json.decode(listed)) == frames.ELSEWHERE


def test_every_event_class_is_in_the_table_of_events() -> None:
    def below(kind: type[e.Event]) -> set[type[e.Event]]:
        return {kind} | {found for child in kind.__subclasses__() for found in below(child)}

    bases = {e.Event, e.ConversationEvent, e.UserEvent, e.PostEvent, e.GroupEvent}
    assert below(e.Event) - bases == set(e.EVENTS)
    assert set(s.SIGNALS) == set(frames.SIGNAL_FRAMES)


def test_a_frame_is_for_a_way_its_topic_can_be_looked_at() -> None:
    for kind, view in frames.FRAMES:
        topic_kind = example(kind).topic.partition(".")[0]
        assert view in VIEWS[topic_kind], f"{kind.__name__} is never shown in {view}"


def test_every_seq_arrives_as_something_where_cursors_count() -> None:
    for kind in e.EVENTS:
        event = example(kind)
        for view in VIEWS[event.topic.partition(".")[0]]:
            found = decoded(frames.piece_of(event, 41, view).data)
            if view in frames.CURSORED:
                assert [frame["seq"] for frame in found if "seq" in frame] == [41], (kind, view)
            if (kind, view) not in frames.FRAMES:
                assert found == ([{"type": "skip", "seq": 41}] if view in frames.CURSORED else [])


def test_an_unknown_event_is_a_skip_where_cursors_count_and_nothing_elsewhere() -> None:
    for views in VIEWS.values():
        for view in views:
            expected = [{"type": "skip", "seq": 9}] if view in frames.CURSORED else []
            assert decoded(frames.piece_of(None, 9, view).data) == expected


def test_each_signal_has_its_frame() -> None:
    built = {kind: msgspec.json.decode(build(example(kind))) for kind, (_, build) in frames.SIGNAL_FRAMES.items()}
    assert built == {
        s.Typing: {"type": "typing", "is_typing": True, "username": "x", "user_id": 7},
        s.Read: {"type": "read", "seq": 7, "username": "x", "user_id": 7},
        s.Delivered: {"type": "delivered", "seq": 7, "username": "x", "user_id": 7},
        s.ConversationRead: {"type": "conversation_read", "conversation_id": "x", "number": 7, "marks": 7},
        s.ThreadRead: {"type": "thread_read", "conversation_id": "x", "thread": "x", "number": 7},
        s.Drafted: {"type": "draft", "conversation_id": "x", "text": "x"},
    }
