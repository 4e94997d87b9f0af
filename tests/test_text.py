"""Text: what is refused, and the HTML that comes of the rest."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import Invalid
from app.text import checked, linked, mentions_in, rendered


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ('a < b & "c"', "a &lt; b &amp; &quot;c&quot;"),
        ("one\ntwo\r\nthree", "one<br>two<br>three"),
        ("javascript:alert(1) //evil.com ftp://x.org main.py", "javascript:alert(1) //evil.com ftp://x.org main.py"),
        ("@ab @a_very_long_name_that_nobody_can_have", "@ab @a_very_long_name_that_nobody_can_have"),
        ("hi @Alice!", 'hi <a href="/@alice/" class="mention">@Alice</a>!'),
        ("x@alice @@bob", "x@alice @@bob"),
    ],
)
def test_text_is_escaped_and_names_are_links(text: str, html: str) -> None:
    assert rendered(text) == html


@pytest.mark.parametrize(
    ("text", "address", "words"),
    [
        ("(see https://a.example/x?y=1&z=2).", "https://a.example/x?y=1&amp;z=2", "https://a.example/x?y=1&amp;z=2"),
        ("HTTP://A.EXAMPLE", "HTTP://A.EXAMPLE", "HTTP://A.EXAMPLE"),
        ("write to bob@example.org", "mailto:bob@example.org", "bob@example.org"),
        ('https://x.org/"onmouseover="alert(1)', "https://x.org/", "https://x.org/"),
        ("https://x.org/@carol", "https://x.org/@carol", "https://x.org/@carol"),
    ],
)
def test_addresses_are_links_that_give_nothing_away(text: str, address: str, words: str) -> None:
    html = rendered(text)
    assert f'<a href="{address}' in html
    assert 'rel="noopener noreferrer nofollow ugc" target="_blank"' in html
    assert words in html
    assert "mention" not in html


@given(st.text(alphabet="<>&\"'@/:.ahtps \n\x00é", max_size=60))
def test_no_text_makes_an_element_or_attribute_of_its_own(text: str) -> None:
    html = linked(text)
    for ours in ("<br>", "</a>"):
        html = html.replace(ours, "")
    while '<a href="' in html:
        start = html.index('<a href="')
        tag = html[start : html.index(">", start) + 1]
        assert tag.count('"') in (4, 6)
        html = html.replace(tag, "", 1)
    assert not set("<>\"'") & set(html)


@pytest.mark.parametrize(
    ("text", "code"),
    [("", "empty"), (" \n\t", "empty"), ("x" * 4001, "too_long"), ("a\x00", "bad_text"), ("\udc00a", "bad_text")],
)
def test_what_cannot_be_said(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        checked(text, "body")
    assert refused.value.code == code
    assert list(refused.value.fields) == ["body"]


def test_length_is_counted_in_code_points_after_trimming() -> None:
    assert checked(" " + "😀" * 4000 + "\n", "body") == "😀" * 4000


def test_mentions_are_lowercase_unique_and_at_most_twenty() -> None:
    assert mentions_in("@Bob, @alice and @bob (not x@carol or https://x.org/@dave)") == ("bob", "alice")
    assert len(mentions_in(" ".join(f"@user{n}" for n in range(30)))) == 20
