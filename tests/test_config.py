"""Settings that make no sense are refused in one clear line."""

import pytest

from app.config import Settings


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PAGE_SIZE", "0"),
        ("PAGE_SIZE", "-1"),
        ("PAGE_SIZE", "many"),
        ("LOG_DAYS", "-1"),
        ("SESSION_DAYS", "nan"),
        ("FRAME_BYTES", "0"),
        ("PUBLIC_ORIGIN", "natter.example"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(name: str, value: str) -> None:
    with pytest.raises(SystemExit, match=name):
        Settings.from_environment({name: value})


def test_settings_that_make_sense_are_taken() -> None:
    settings = Settings.from_environment(
        {"PAGE_SIZE": "5", "PUBLIC_ORIGIN": "https://natter.example", "LOG_DAYS": "0.5"}
    )
    assert (settings.page_size, settings.public_origin, settings.log_days) == (5, "https://natter.example", 0.5)
    assert Settings.from_environment({}) == Settings()
