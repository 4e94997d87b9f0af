"""Rows of messages are kept, and show what they would show if they were not."""

import msgspec

from app.models.message import MessageFacts
from app.models.reaction import ReactionFacts
from app.render import environment, kept_row

FACTS = MessageFacts(
    message="Hello",
    html="<p>Hello</p>",
    username="alice",
    user_id=1,
    user_avatar="/media/avatars/alice.jpg",
    timestamp="12:00",
    sent_at="2026-11-23T12:00:00.000Z",
    message_id="0d2b7a5e-0000-4000-8000-000000000000",
    number=1,
    client_id=None,
    is_verified=False,
    is_admin=False,
)
THUMB = ReactionFacts(emoji="👍", count=2, usernames=("alice", "bob"), place=1)
VARIANTS = [
    FACTS,
    msgspec.structs.replace(FACTS, html="<p>Hallo</p>", edited_at="2026-11-23T12:01:00.000Z"),
    msgspec.structs.replace(FACTS, message="", html="", is_deleted=True),
    msgspec.structs.replace(FACTS, reactions=(THUMB,)),
]
CHAT = "/conversations/0d2b7a5e-0000-4000-8000-000000000001/"


def test_a_row_is_the_same_kept_and_not() -> None:
    fresh = environment.get_template("conversation/_message.html").module.message_row  # type: ignore[attr-defined]
    shown = set()
    for facts in VARIANTS * 2:
        for state, reader, hidden in (("", "bob", []), ("read", "alice", []), ("", "carol", ["alice"])):
            row = kept_row(7, facts, state, CHAT, reader, hidden, ())
            assert row == fresh(7, facts, state, CHAT, reader, hidden, ())
            shown.add(row)
    assert len(shown) == len(VARIANTS) * 3


def test_readers_see_their_own_emoji_pressed_and_otherwise_share_a_row() -> None:
    plain, liked = VARIANTS[0], VARIANTS[3]
    assert kept_row(1, plain, "", CHAT, "bob", [], ()) is kept_row(1, plain, "", CHAT, "carol", [], ())
    pressed, not_pressed = (kept_row(1, liked, "", CHAT, reader, [], ()) for reader in ("bob", "carol"))
    assert 'aria-pressed="true"' in pressed
    assert 'aria-pressed="true"' not in not_pressed
