"""Formatting: what marks mean, what stays as it was typed, and that nothing else comes out."""

from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.models.conversation import preview
from app.text import mentions_in, rendered

BOB = '<a href="/@bob/" class="mention">@bob</a>'
ALLOWED = {
    "a": {"href", "title", "rel", "target", "class"},
    "span": {"class"},
    "ol": {"start"},
    **{name: set() for name in ("strong", "em", "code", "pre", "p", "br", "blockquote", "ul", "li")},
}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *it* @bob", f"<strong>bold</strong> and <em>it</em> {BOB}"),
        ("`a < b @bob`", "<code>a &lt; b @bob</code>"),
        ("```py\nx = 1\n\n  y & z\n```", "<pre><code>x = 1\n\n  y &amp; z</code></pre>"),
        ("> so they say\n> twice\n\nno", "<blockquote><p>so they say<br>twice</p></blockquote><p>no</p>"),
        ("- tea\n- trains\n  1. slow", '<ul><li>tea</li><li>trains<ol start="1"><li>slow</li></ol></li></ul>'),
        ("7. seven", '<ol start="7"><li>seven</li></ol>'),
        ("one *line*\r\nand another", "one <em>line</em><br>and another"),
        (r"\*not\* *it*", "*not* <em>it</em>"),
    ],
)
def test_marks_become_elements(text: str, html: str) -> None:
    assert rendered(text) == html


@pytest.mark.parametrize(
    "text",
    ["snake_case_name", "2 * 3 * 4", "a_b_c @under_score_", "# no heading", "a\n---\nb", "C:\\new", "100 - 3", "-1"],
)
def test_what_is_no_mark_stays_as_it_was_typed(text: str) -> None:
    assert (
        rendered(text)
        .replace("<br>", "\n")
        .replace('<a href="/@under_score_/" class="mention">', "")
        .replace("</a>", "")
        == text
    )


def test_a_link_shows_where_it_leads_and_leads_nowhere_else() -> None:
    html = rendered('[our **site**](https://x.org/?a=1&b=2 "hi") and https://y.org/_z_/ *now*')
    assert '<a href="https://x.org/?a=1&amp;b=2" title="https://x.org/?a=1&amp;b=2" rel="noopener' in html
    assert "our <strong>site</strong></a>" in html
    assert ">https://y.org/_z_/</a> <em>now</em>" in html
    for bad in ("javascript:alert(1)", "//evil.example", "/logout", "data:text/html,x", "JaVaScRiPt:x"):
        assert "<a" not in rendered(f"[here]({bad})")
    assert "<img" not in rendered("![me](https://x.org/me.png)")


@pytest.mark.parametrize("text", ["😀", "🎉 🎉", "👩‍👩‍👧❤️", "🇩🇪", "👍🏽👍🏽", "1️⃣", "☕", "❤️‍🔥"])
def test_a_few_emoji_alone_are_large(text: str) -> None:
    assert rendered(text) == f'<span class="large-emoji">{text}</span>'


@pytest.mark.parametrize("text", ["😀 hi", "→", "12", "日本", "😀" * 7, "#*"])
def test_other_texts_are_not(text: str) -> None:
    assert "large-emoji" not in rendered(text)


def test_nobody_is_mentioned_in_code_or_links() -> None:
    assert mentions_in("*hey* @bob, `@alice` [@carol](https://x.org)\n```\n@dave\n```") == ("bob",)


def test_a_preview_has_the_words_without_their_marks() -> None:
    text = "> said\n**bold** *it* _too_ `x = 1` [here](https://x.org) snake_case 2 * 3 @all"
    assert preview(text) == "said bold it too x = 1 here snake_case 2 * 3 @all"
    assert preview("a_b  @bob_") == "a_b @bob_"


def test_all_is_everyone_and_nobodys_page() -> None:
    assert rendered("@All *look*") == '<span class="mention-all">@All</span> <em>look</em>'
    assert mentions_in("@All look, @bob") == ("all", "bob")


class _Checked(HTMLParser):
    """Raises where there is an element, an attribute or an address that is not ours."""

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert {name for name, _ in attrs} <= ALLOWED[tag]
        for name, value in attrs:
            if name == "href":
                assert value
                assert value.startswith(("http://", "https://", "mailto:", "/@")) or value[:4].lower() == "http"
        if tag != "br":
            self.opened.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.opened.pop() == tag


@given(st.text(alphabet="*_`~>[]()!<&\"'\\-+1.# \n\t@/:.ahtps", max_size=80))
def test_no_text_makes_an_element_or_attribute_of_its_own(text: str) -> None:
    checked = _Checked()
    checked.feed(rendered(text))
    checked.close()
    assert not checked.opened


@pytest.mark.parametrize("piece", ["*a_", "[a](", "> ", "- a\n", "`", "**a *b ", "http://*", "[", "1. > - "])
def test_the_longest_tangle_is_done_in_time(piece: str) -> None:
    assert rendered((piece * 4000)[:4000])
