"""A request's head that another program could read differently is refused: what nginx would not pass, nor do we."""

import re
from typing import Any

import sanic
from sanic.exceptions import BadURL

from app.errors import BadRequest

# RFC 9112: a request line, then lines of a token, a colon and a value without control characters. So no space before
# a colon, no folded line, no line that ends with less than CRLF.
WELL_FORMED = re.compile(
    rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [\x21-\x7e]+ HTTP/1\.[01]"
    rb"(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*)*"
)


class Request(sanic.Request[Any, Any]):
    """Sanic's, but one that can also stand for a request whose address nobody can read, so that it gets an answer."""

    def __init__(self, url_bytes: bytes, **given: Any) -> None:
        try:
            super().__init__(url_bytes, **given)
        except BadURL:
            if given.get("head"):
                raise
            # Sanic makes this one itself, without a head, to have something to answer.
            super().__init__(b"*", **given)


def check_head(request: sanic.Request) -> None:
    """Raises BadRequest, after which the connection is closed: whatever follows is not to be trusted either."""
    if not is_well_formed(request):
        stream: Any = request.stream
        stream.keep_alive = False
        raise BadRequest


def is_well_formed(request: sanic.Request) -> bool:
    """Whether every program reads this head alike."""
    hosts = len(request.headers.getall("host", []))
    # HTTP/1.0 knows no Host.
    return bool(WELL_FORMED.fullmatch(request.head)) and (hosts == 1 or (hosts == 0 and request.version == "1.0"))
