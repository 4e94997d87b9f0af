"""Markdown in what people write: a small part of it, as HTML that is safe to insert.

Bold, italic, code, code blocks, quotes, lists and links. No HTML of the writer's own passes, no pictures, no headings.
Parsing is markdown-it's (CommonMark); the few tags are written here, so that nothing else can come out.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from html import escape

from linkify_it import LinkifyIt
from markdown_it import MarkdownIt
from markdown_it.token import Token

LINK_REL = "noopener noreferrer nofollow ugc"
_SAFE = ("http://", "https://", "mailto:")
_DEEP = 6

# Most messages have none of it, and parsing takes longer than everything else that is done to a message.
_MARKUP = re.compile(
    r"[*`]|~~~|\]\(|(?<![A-Za-z0-9_])_(?=[^\s_])|(?<![A-Za-z0-9_])__(?=[^\s_])"
    r"|^[ ]{0,3}(?:>[ \t]|[-+][ \t]|\d{1,9}[.)][ \t])",
    re.MULTILINE,
)
_TAGS = {
    "strong_open": "<strong>",
    "strong_close": "</strong>",
    "em_open": "<em>",
    "em_close": "</em>",
    "link_close": "</a>",
    "softbreak": "<br>",
    "hardbreak": "<br>",
    "blockquote_open": "<blockquote>",
    "blockquote_close": "</blockquote>",
    "bullet_list_open": "<ul>",
    "bullet_list_close": "</ul>",
    "ordered_list_close": "</ol>",
    "list_item_open": "<li>",
    "list_item_close": "</li>",
}

# Without fuzzy links: "main.py" is a file here, not a site in Paraguay.
linkify = LinkifyIt(options={"fuzzy_link": False})


def _parser(with_addresses: bool) -> MarkdownIt:
    parser = MarkdownIt("zero", {"html": False, "linkify": with_addresses, "breaks": True, "maxNesting": _DEEP})
    parser.enable(["blockquote", "fence", "list", "backticks", "emphasis", "escape", "link", "newline"])
    if with_addresses:
        parser.enable("linkify")
        parser.linkify = linkify
    parser.validateLink = is_safe  # type: ignore[method-assign, assignment]
    return parser


def is_safe(address: str) -> bool:
    """Whether a link may lead there: to a site, or to somebody's mail."""
    return address.strip().lower().startswith(_SAFE)


# Looking for addresses is slow, and most texts have none.
_plain, _addressed = _parser(False), _parser(True)


def has_markup(text: str) -> bool:
    """Whether ``text`` may say more than its letters."""
    return _MARKUP.search(text) is not None


def formatted(text: str, words: Callable[[str], str]) -> str:
    """``text`` as HTML; ``words`` makes HTML of what is between the marks, and neither code nor a link."""
    tokens = _parsed(text)
    alone = len(tokens) == 3 and tokens[0].type == "paragraph_open"
    return "".join(_drawn(tokens[1:2] if alone else tokens, words))


_MARKS = re.compile(
    r"^[ ]{0,3}(?:>[ \t]?|```\w*|~~~\w*)|\*\*|`|(?<!\w)\*(?=\w)|(?<=\w)\*(?!\w)|(?<!\w)_(?=\w)|(?<=\w)_(?!\w)",
    re.MULTILINE,
)
_LINK = re.compile(r"\[([^\]\n]*)\]\((?:https?:|mailto:)[^)\s]*\)", re.IGNORECASE)


def unmarked(text: str) -> str:
    """``text`` as far as one line has place for it: its words, without most of the marks around them."""
    return _MARKS.sub("", _LINK.sub(r"\1", text)) if has_markup(text) else text


def prose_in(text: str) -> Iterator[str]:
    """The pieces of ``text`` that are neither code nor links."""
    for token in _parsed(text):
        depth = 0
        for child in token.children or ():
            depth += child.nesting if child.type.startswith("link") else 0
            if child.type == "text" and not depth:
                yield child.content


def _parsed(text: str) -> list[Token]:
    return (_addressed if ":" in text or "@" in text else _plain).parse(text)


def _drawn(tokens: Sequence[Token], words: Callable[[str], str]) -> Iterator[str]:
    linked = False
    for token in tokens:
        kind = token.type
        if kind == "text":
            yield escape(token.content) if linked else words(token.content)
        elif kind == "inline":
            yield from _drawn(token.children or (), words)
        elif kind in ("paragraph_open", "paragraph_close"):
            yield "" if token.hidden else "<p>" if token.nesting > 0 else "</p>"
        elif kind == "code_inline":
            yield f"<code>{escape(token.content)}</code>"
        elif kind == "fence":
            yield f"<pre><code>{escape(token.content.removesuffix(chr(10)))}</code></pre>"
        elif kind == "link_open":
            yield _link(str(token.attrs["href"]))
        elif kind == "ordered_list_open":
            yield f'<ol start="{int(token.attrs.get("start", 1))}">'
        else:
            yield _TAGS[kind]
        linked = kind == "link_open" or (linked and kind != "link_close")


def _link(address: str) -> str:
    # Its title shows where it leads, whatever its words say.
    shown = escape(address)
    return f'<a href="{shown}" title="{shown}" rel="{LINK_REL}" target="_blank">'
