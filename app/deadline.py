"""How long a request may take: it is given up at once while the database is silent, and in any case after five seconds.

The time begins when the whole request is there: a slow sender takes nothing of it.
"""

import time
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, TypeVar

from sanic import HTTPResponse, Request

from app.pulse import Pulse

REQUEST_SECONDS = 5.0

Answer = TypeVar("Answer")
Handler = Callable[..., Coroutine[Any, Any, HTTPResponse | None]]


async def in_time(request: Request, work: Coroutine[Any, Any, Answer]) -> Answer:
    """What ``work``, which asks the database, gives. Raises TimeoutError when it is given up."""
    pulse: Pulse = request.app.ctx.pulse
    if not hasattr(request.ctx, "deadline"):
        request.ctx.deadline = time.monotonic() + REQUEST_SECONDS
    return await pulse.in_time(work, request.ctx.deadline)


def held_to_time(handler: Handler) -> Handler:
    """The same handler, given up when its request has no time left."""

    @wraps(handler)
    async def handle(request: Request, **given: Any) -> HTTPResponse | None:
        return await in_time(request, handler(request, **given))

    return handle
