"""What a worker says of itself: a JSON object a line on stderr, with the id of the request it belongs to.

No message text, query values, bodies or secrets: what is logged is named by who logs it, never swept up.
"""

import json
import logging
import os
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from app.models import iso

request_id: ContextVar[str] = ContextVar("request_id", default="")

CLIENT_NOISE = ("body not consumed.", "Failed when parsing form", "Failed when parsing body as json")

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def new_id() -> str:
    """An id for one more request."""
    return os.urandom(8).hex()


class Line(logging.Formatter):
    """A record as JSON: when, how serious, who, what, which request, and the record's ``extra`` fields."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, Any] = {
            "at": iso(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["trace"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str, ensure_ascii=False)


def _without_trace(record: logging.LogRecord) -> bool:
    # A form that nobody can parse is the sender's mistake, which the answer names; Sanic takes it for ours.
    if record.msg == "Failed when parsing form":
        record.exc_info = record.exc_text = None
    return True


def log_as_lines(level: int = logging.INFO) -> None:
    """Send everything that this process logs to stderr in that form, Sanic's own words included."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Line())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in [name for name in logging.root.manager.loggerDict if name.startswith("sanic")]:
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    # One line per request is ours (app.middleware); Sanic's would carry the query.
    logging.getLogger("sanic.access").disabled = True
    logging.captureWarnings(True)
    # What a client sent that nobody can read is no error of ours; it has been answered.
    logging.getLogger("sanic.error").addFilter(lambda record: not str(record.msg).endswith(CLIENT_NOISE))
    logging.getLogger("sanic.error").addFilter(_without_trace)
    logging.getLogger("sanic.root").setLevel(logging.WARNING)
    logging.getLogger("sanic.server").setLevel(logging.WARNING)
