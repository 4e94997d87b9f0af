"""A request's head that another program could read differently is refused: what nginx would not pass, nor do we."""

import re
from typing import Any

from sanic import Request

from app.errors import BadRequest

# RFC 9112: a request line, then lines of a token, a colon and a value without control characters. So no space before
# a colon, no folded line, no line that ends with less than CRLF.
WELL_FORMED = re.compile(
    rb"[!#$%&'*+.^_`|~0-9A-Za-z-]+ [\x21-\x7e]+ HTTP/1\.[01]"
    rb"(?:\r\n[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*)*"
)


def check_head(request: Request) -> None:
    """Raises BadRequest, after which the connection is closed: whatever follows is not to be trusted either."""
    hosts = len(request.headers.getall("host", []))
    # HTTP/1.0 knows no Host.
    if WELL_FORMED.fullmatch(request.head) and (hosts == 1 or (hosts == 0 and request.version == "1.0")):
        return
    stream: Any = request.stream
    stream.keep_alive = False
    raise BadRequest
