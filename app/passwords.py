"""Passwords: argon2id, in threads and at most four at once, so that logins never stop the event loop."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

# 19 MiB and two rounds: OWASP's choice, 34 ms here. More at once would only take the cores from the sockets.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_threads = ThreadPoolExecutor(max_workers=4, thread_name_prefix="password")


async def hash_of(password: str) -> str:
    """What is stored of a password."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _hasher.hash, password)


async def is_right(password: str, stored: str | None) -> bool:
    """Whether ``password`` is the one. Without one (None) it takes as long: names cannot be timed."""
    return await asyncio.get_running_loop().run_in_executor(_threads, _verified, password, stored)


def _verified(password: str, stored: str | None) -> bool:
    try:
        _hasher.verify(stored or _nobodys(), password.encode(errors="replace"))
    except (Argon2Error, InvalidHashError):
        return False
    return stored is not None


@cache
def _nobodys() -> str:
    return _hasher.hash("nobody has this password")
