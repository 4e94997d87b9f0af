"""Where a page is, as text: what is written can be read, and says the same."""

from uuid import UUID

import pytest

from app.errors import BadRequest
from app.realtime import places
from app.realtime.places import Place

CHAT = UUID("138c24a0-fd43-45e7-ae0e-21f921c7bfeb")


@pytest.mark.parametrize(
    "wanted",
    [
        [Place(None, 59)],
        [Place(None, None)],
        [Place(CHAT, 0)],
        [Place(None, 0), Place(CHAT, 10**17)],
        [Place(CHAT, None), Place(None, 7)],
    ],
)
def test_what_is_written_is_read_again(wanted: list[Place]) -> None:
    text = places.written({place.topic(7): place.after for place in wanted}, "75f4be7c346ba1c8")
    assert places.read(text) == (wanted, "75f4be7c346ba1c8")


def test_it_looks_like_this() -> None:
    text = places.written({"user.7": 59, f"conversation.{CHAT}": None}, "75f4be7c346ba1c8")
    assert text == f"notifications=59&chat={CHAT}:&epoch=75f4be7c346ba1c8"


def test_other_fields_an_encoded_colon_and_a_missing_epoch_are_fine() -> None:
    assert places.read(f"watch=%7B%7D&chat={CHAT}%3A4") == ([Place(CHAT, 4)], None)
    assert places.read(f"chat={CHAT}&epoch=") == ([Place(CHAT, None)], None)


@pytest.mark.parametrize(
    "text", ["", "epoch=x", "notifications=x", "chat=4", "chat=x:4", "notifications=1;chat=2", "%ff"]
)
def test_everything_else_is_refused_with_a_code(text: str) -> None:
    with pytest.raises(BadRequest) as refused:
        places.read(text)
    assert refused.value.code == "bad_cursor"
