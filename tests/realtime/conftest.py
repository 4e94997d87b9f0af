"""A relay in this process, with a hub, a database that nobody else looks at, and subjects of its own."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from app.log.append import Appended
from app.log.transaction import ring_with
from app.realtime.hub import Hub
from app.realtime.relay import Relay
from bus.canary import Canary
from bus.connection import Bus
from bus.encoding import encode_ring
from bus.subjects import Subjects


@pytest.fixture
def subjects() -> Subjects:
    """Subjects that no other test hears."""
    return Subjects(f"test{uuid4().hex}.")


@pytest.fixture
async def relay(quiet: str, bus: Bus, subjects: Subjects) -> AsyncIterator[Relay]:
    """A relay whose bus rings for every commit of this process."""

    def ring(appended: list[Appended], jobs_due: bool) -> None:
        for entry in appended:
            bus.publish(subjects.event(entry.topic, entry.name), encode_ring(entry.seq, entry.body))

    relay = Relay(Hub(), bus, subjects, Canary(bus, subjects, "w"))
    ring_with(ring)
    yield relay
    for task in tuple(relay._tasks):
        task.cancel()


@pytest.fixture
def deaf_relay(relay: Relay) -> Relay:
    """The same, and nothing ever rings."""
    ring_with(lambda appended, jobs_due: None)
    return relay
