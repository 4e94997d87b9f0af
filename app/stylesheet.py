"""The one stylesheet of the pages: of Bootstrap the rules that can apply to anything here, then ours, tokens first."""

import re
from collections.abc import Iterable, Iterator

# One file, so that a page waits for one before it is painted.
STYLES = (
    *("tokens", "shell", "controls", "avatar", "presence", "markup", "post", "comment", "notification", "toast"),
    *("conversation", "keeping", "chat", "message-tools", "reaction", "quote", "thread", "group", "block"),
    *("profile", "settings", "account"),
)
# What Bootstrap's own scripts add to drop-downs and toasts.
BY_BOOTSTRAP = frozenset({"show", "showing", "hide", "fade"})

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
_NOT = re.compile(r":not\([^)]*\)")
_COMMA = re.compile(r",(?![^(]*\))")


def stylesheet(bootstrap: str, ours: Iterable[str], pages: Iterable[str]) -> str:
    """The stylesheet, for ``pages``: the sources of all templates and scripts.

    Bootstrap's rules stay as they are, or go when they need a class that is no word of any page. That leaves a sixth of
    it, and it is most of what a first visit loads before it shows anything.
    """
    words = BY_BOOTSTRAP.union(*(re.findall(r"[A-Za-z_][\w-]*", page) for page in pages))
    return "\n".join(["".join(_of_use(_COMMENT.sub("", bootstrap), words)), *ours])


def _of_use(css: str, words: frozenset[str]) -> Iterator[str]:
    for head, body in _blocks(css):
        if head.startswith("@media"):
            if inner := "".join(_of_use(body, words)):
                yield f"{head}{{{inner}}}"
        elif head.startswith("@"):
            yield f"{head}{{{body}}}"
        elif selectors := [selector for selector in _COMMA.split(head) if words.issuperset(_needed(selector))]:
            yield f"{','.join(selectors)}{{{body}}}"


def _needed(selector: str) -> list[str]:
    return _CLASS.findall(_NOT.sub("", selector))


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """Each ``head{body}`` of minified CSS. Statements without a block (``@charset``) are left out."""
    start = depth = opened = 0
    for found in re.finditer(r"[{}]", css):
        if found[0] == "{":
            opened = found.start() if depth == 0 else opened
            depth += 1
        elif (depth := depth - 1) == 0:
            yield css[start:opened].rpartition(";")[2].strip(), css[opened + 1 : found.start()]
            start = found.end()
