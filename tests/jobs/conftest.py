"""The cast in a database where jobs wait until the test runs them."""

from collections.abc import AsyncIterator

import pytest

from app.log.consequences import tell_unread_after, unread_seconds
from app.models import User


@pytest.fixture
async def patience() -> AsyncIterator[None]:
    """Nobody waits for an unread message: its job is due at once."""
    before = unread_seconds()
    tell_unread_after(0)
    yield
    tell_unread_after(before)


async def someone(name: str) -> User:
    return await User.create(username=name, display_name=name.title(), password_hash="-")


@pytest.fixture
async def alice(quiet: str) -> User:
    return await someone("alice")


@pytest.fixture
async def bob(quiet: str) -> User:
    return await someone("bob")


@pytest.fixture
async def carol(quiet: str) -> User:
    return await someone("carol")
