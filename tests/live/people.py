"""People of a test file's own: what is unread here would tell the cast of other tests on this site."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from tests.live.units import Unit
from tests.site import Person


def someone(name: str) -> Callable[..., Awaitable[Person]]:
    """A fixture: this person, signed in where the cast is."""

    @pytest.fixture(name=name)
    async def signed_in(site: Unit) -> Person:
        return await site.signs_in(name)

    fixture: Any = signed_in
    return fixture
