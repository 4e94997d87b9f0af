"""Subjects: typed in one file, and nothing a user typed is in one."""

import re
from pathlib import Path

import pytest

from bus import events as e
from bus.subjects import Subjects
from tests.site import ROOT


def test_the_subjects_of_a_site() -> None:
    subjects = Subjects()
    assert subjects.event("user.7", "notified") == "evt.user.7.notified"
    assert subjects.signal("conversation.c", "typing") == "sig.conversation.c.typing"
    assert subjects.all_of("post.9") == "*.post.9.*"
    assert subjects.notify("alice") == "notify.alice"
    assert subjects.notify_all == "notify.>"
    assert subjects.rejected("bad_json") == "notify_rejected.bad_json"
    assert subjects.stream == "NOTIFY"
    assert subjects.place(7) == "$KV.presence.7.*"
    assert subjects.place(7, "w") == "$KV.presence.7.w"
    assert subjects.places == "$KV.presence.>"


def test_a_prefix_stands_before_all_of_them() -> None:
    subjects, plain = Subjects("blue."), Subjects()
    assert subjects.all_of("post.9") == "blue.*.post.9.*"
    for name in ("jobs", "sockets", "notify_all"):
        assert getattr(subjects, name) == "blue." + getattr(plain, name)
    assert subjects.canary("w").startswith("blue.ctl.")
    assert subjects.place(7, "w") == "$KV.blue_presence.7.w", "NATS fixes the beginning"
    assert subjects.stream == "BLUE_NOTIFY"
    assert "." not in subjects.stream


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        (e.MessageSent, "message_sent"),
        (e.NotificationsRead, "notifications_read"),
        (e.PostUnliked, "post_unliked"),
    ],
)
def test_the_class_name_gives_the_name(kind: type[e.Event], name: str) -> None:
    assert kind.__struct_config__.tag == name


def test_names_of_events_are_words_of_a_subject_and_unlike_each_other() -> None:
    names = [str(kind.__struct_config__.tag) for kind in e.EVENTS]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z]+(_[a-z]+)*", name) for name in names)


def test_nobody_types_a_subject_outside_of_this_file() -> None:
    typed = re.compile(r"""["'](evt|sig|ctl|notify|notify_rejected|\$KV|\$JS)\.[a-zA-Z{*>]""")
    elsewhere = [
        f"{path.relative_to(ROOT)}: {line.strip()}"
        for folder in ("app", "bus")
        for path in Path(ROOT / folder).rglob("*.py")
        for line in path.read_text().splitlines()
        if typed.search(line) and path.name != "subjects.py"
    ]
    assert elsewhere == []
