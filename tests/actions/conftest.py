"""The cast in a database that no worker looks at."""

import itertools
from collections.abc import Iterator

import pytest

from app.actions import conversations
from app.actions.signalling import signal_with
from app.models import Conversation, User
from bus import signals as s

names = itertools.count()


async def someone(name: str) -> User:
    return await User.create(username=f"{name}{next(names)}", display_name=name.title(), password_hash="-")


@pytest.fixture
async def alice(quiet: str) -> User:
    return await someone("alice")


@pytest.fixture
async def bob(quiet: str) -> User:
    return await someone("bob")


@pytest.fixture
async def mallory(quiet: str) -> User:
    return await someone("mallory")


@pytest.fixture
async def chat(alice: User, bob: User) -> Conversation:
    return (await conversations.start(alice, [bob.username]))[0]


@pytest.fixture
async def carol(quiet: str) -> User:
    return await someone("carol")


@pytest.fixture
async def team(alice: User, bob: User, carol: User) -> Conversation:
    """Alice's group, with bob and carol in it."""
    return (await conversations.start(alice, [bob.username, carol.username], "Team"))[0]


@pytest.fixture
def said() -> Iterator[list[s.Signal]]:
    """The signals of this process."""
    heard: list[s.Signal] = []
    signal_with(heard.append)
    yield heard
    signal_with(lambda signal: None)
