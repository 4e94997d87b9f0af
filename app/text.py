"""What people write: checking it, and rendering it once as HTML that is safe to insert."""

import re
import unicodedata
from collections.abc import Iterator
from html import escape

from linkify_it.main import Match

from app.emoji import is_emoji_only
from app.errors import Invalid
from app.markup import LINK_REL, formatted, has_markup, is_safe, linkify, prose_in

TEXT_LENGTH = 4000
MENTIONS = 20
# Overrides and isolates of direction, with which a name can make other words read backwards.
BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
BLANK = "\u2800"

_MENTION = re.compile(r"(?<![\w@/.])@([A-Za-z0-9_]{3,30})(?![A-Za-z0-9_])")
# ``@all``: nobody is called so.
EVERYONE = "all"


class _Limit:
    length = TEXT_LENGTH


def limit_texts(length: int) -> None:
    """In this process: a message, a post or a comment has ``length`` code points at most."""
    _Limit.length = length


def checked(text: str, field: str, length: int | None = None) -> str:
    """The text without space around it. Raises Invalid (codes ``empty``, ``too_long``, ``bad_text``)."""
    trimmed = text.strip()
    if not trimmed:
        raise refused("empty", field, "Write something first.")
    return fitting(trimmed, field, _Limit.length if length is None else length)


def fitting(text: str, field: str, length: int) -> str:
    """The trimmed text, which may be empty. Raises Invalid (codes ``too_long``, ``bad_text``)."""
    return storable(text.strip(), field, length)


def storable(text: str, field: str, length: int) -> str:
    """The text as it is. Raises Invalid (codes ``too_long``, ``bad_text``)."""
    if "\x00" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
        raise refused("bad_text", field, "This contains characters that cannot be stored.")
    if len(text) > length:
        raise refused("too_long", field, f"This is too long: {length:,} characters at most.")
    return text


def printable(text: str) -> str:
    """``text`` as it can be sent back: half characters (lone surrogates) become question marks."""
    return text.encode(errors="replace").decode()


def one_line(text: str, field: str, length: int) -> str:
    """A name or a title: ``fitting``, without line breaks and invisible or direction-changing characters.

    It may be empty, but not look empty. Raises Invalid (codes ``too_long``, ``bad_text``).
    """
    trimmed = fitting(text, field, length)
    kinds = {unicodedata.category(letter) for letter in trimmed}
    if kinds & {"Cc", "Zl", "Zp", "Co", "Cn"} or any(letter in BIDI for letter in trimmed):
        raise refused("bad_text", field, "Only visible characters on one line.")
    if trimmed and not any(unicodedata.category(letter)[0] in "LNSP" and letter != BLANK for letter in trimmed):
        raise refused("bad_text", field, "Use at least one visible character.")
    return trimmed


def refused(code: str, field: str, message: str) -> Invalid:
    """The error for one field's text."""
    return Invalid(message, code=code, fields={field: message})


def rendered(text: str) -> str:
    """``text`` as HTML: escaped, formatted, line breaks kept, addresses and @mentions clickable, emoji alone large."""
    if has_markup(text):
        return formatted(text, _with_mentions)
    if is_emoji_only(text):
        return f'<span class="large-emoji">{text}</span>'
    return linked(text)


def linked(text: str) -> str:
    """``text`` as HTML, its marks as they were typed: addresses, @mentions and line breaks are all that it has."""
    return "".join(_rendered_pieces(text)).replace("\r\n", "\n").replace("\n", "<br>")


def mentions_in(text: str) -> tuple[str, ...]:
    """The usernames mentioned, each once, in order, lowercase; the first 20. They may not exist; EVERYONE is none."""
    if "@" not in text:
        return ()
    found: dict[str, None] = {}
    for piece in prose_in(text) if has_markup(text) else _plain_pieces(text):
        for match in _MENTION.finditer(piece):
            found.setdefault(match[1].lower())
    return tuple(found)[:MENTIONS]


def _rendered_pieces(text: str) -> Iterator[str]:
    end = 0
    for link in _links(text):
        yield _with_mentions(text[end : link.index])
        yield (
            f'<a href="{escape(link.url)}" rel="{LINK_REL}" target="_blank">'
            f"{escape(text[link.index : link.last_index])}</a>"
        )
        end = link.last_index
    yield _with_mentions(text[end:])


def _plain_pieces(text: str) -> Iterator[str]:
    end = 0
    for link in _links(text):
        yield text[end : link.index]
        end = link.last_index
    yield text[end:]


def _links(text: str) -> list[Match]:
    # Every link that counts here has one of the two, most messages have neither, and looking for links is slow.
    if ":" not in text and "@" not in text:
        return []
    return [link for link in linkify.match(text) or [] if is_safe(link.url)]


def _with_mentions(text: str) -> str:
    if "@" not in text:
        return escape(text)
    pieces, end = [], 0
    for match in _MENTION.finditer(text):
        pieces += [escape(text[end : match.start()]), _mention(match[1])]
        end = match.end()
    return "".join([*pieces, escape(text[end:])])


def _mention(name: str) -> str:
    if name.lower() == EVERYONE:
        return f'<span class="mention-all">@{name}</span>'
    return f'<a href="/@{name.lower()}/" class="mention">@{name}</a>'
