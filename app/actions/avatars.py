"""Giving oneself a picture and taking it away."""

import asyncio
import hashlib
from concurrent.futures import ThreadPoolExecutor

from app.avatars import square
from app.errors import TooLarge, TooMany
from app.log import transaction
from app.models import Avatar, User

WAITING_AT_MOST = 5

# Decoding is the most memory a request can ask for, so one picture at a time in each worker.
_thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="avatar")


class _Queue:
    waiting = 0


async def change_avatar(user: User, upload: bytes, largest: int) -> None:
    """Make ``upload`` the user's picture. Raises TooLarge, Invalid (field ``avatar``), TooMany."""
    if len(upload) > largest:
        raise TooLarge(f"A picture may have {largest // 1024 // 1024} MiB.")
    if _Queue.waiting >= WAITING_AT_MOST:
        raise TooMany("Many pictures are being prepared. Please try again in a moment.", retry_after=10)
    _Queue.waiting += 1
    try:
        image = await asyncio.get_running_loop().run_in_executor(_thread, square, upload)
    finally:
        _Queue.waiting -= 1
    etag = hashlib.sha256(image).hexdigest()[:32]
    async with transaction():
        await Avatar.update_or_create(defaults={"image": image, "etag": etag}, user_id=user.id)


async def remove_avatar(user: User) -> None:
    """Go back to the picture drawn from the name."""
    async with transaction():
        await Avatar.filter(user_id=user.id).delete()
