"""Rows of messages are kept, and show what they would show if they were not."""

import msgspec

from app.models.message import MessageFacts
from app.models.reaction import ReactionFacts
from app.render import environment, kept_forms, kept_row, rendered

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


def test_a_kept_form_shows_the_token_of_its_own_page() -> None:
    entry = ("7", "Like", "/post/1/", None, 'Bob <bob@example.org> likes "it"', FACTS.sent_at, "1d", False)
    one, other = (kept_forms(token, "notification/_notification.html", "notification_row", *entry) for token in "ab")
    assert 'name="csrf_token" value="a"' in one
    assert str(one).replace('value="a"', 'value="b"') == other
    assert "<csrf-token>" not in one
    assert "Bob &lt;bob@example.org&gt;" in one


def test_nobody_puts_a_token_where_they_write() -> None:
    entry = ("7", "Like", "/post/1/", None, "<csrf-token>", FACTS.sent_at, "1d", False)
    row = kept_forms("secret", "notification/_notification.html", "notification_row", *entry)
    assert row.count("secret") == 1


def test_a_page_is_the_same_piece_by_piece() -> None:
    said = {"status": 404, "message": "Näh 👍 <b>", "code": "not_found", "me": None, "csrf_token": "t", "unread": 0}
    said |= {"csrf_field": "", "path": "/", "next_url": "/", "epoch": "", "cursor": 0, "request_id": "x"}
    whole = environment.get_template("error.html").render(said)
    assert rendered("error.html", said).decode() == whole
    assert "👍" in whole
