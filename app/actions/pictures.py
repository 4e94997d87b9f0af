"""Uploads made into pictures of people and groups: decoded in a thread of their own, one at a time."""

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from app.avatars import square
from app.errors import Invalid, TooLarge, TooMany

WAITING_AT_MOST = 5

# Decoding is the most memory a request can ask for, so one picture at a time in each worker.
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="picture")


class _Queue:
    waiting = 0


class Picture(NamedTuple):
    """A square JPEG, and the hash that is its ETag."""

    image: bytes
    etag: str


async def prepared(upload: bytes, largest: int, field: str) -> Picture:
    """``upload`` as a picture. Raises TooLarge (``largest`` bytes), Invalid (naming ``field``), TooMany."""
    if len(upload) > largest:
        raise TooLarge(f"A picture may have {largest // 1024 // 1024} MiB.")
    if _Queue.waiting >= WAITING_AT_MOST:
        raise TooMany("Many pictures are being prepared. Please try again in a moment.", retry_after=10)
    _Queue.waiting += 1
    try:
        image = await asyncio.get_running_loop().run_in_executor(_thread, square, upload)
    except Invalid as problem:
        raise Invalid(fields={field: next(iter(problem.fields.values()))}) from None
    finally:
        _Queue.waiting -= 1
    return Picture(image, hashlib.sha256(image).hexdigest()[:32])
