"""Rings that are lost, early or repeated: nobody sees it, over a socket or a stream, and /metrics counts it."""

import httpx
import pytest

from bus.connection import Bus
from bus.encoding import encode_ring
from bus.subjects import Subjects
from tests.blueprints.test_health import number
from tests.realtime.test_cursors import logs
from tests.site import Person, Site, until

DANCED = b'{"type":"danced"}'


@pytest.fixture
async def chat(alice: Person, bob: Person) -> str:
    return await alice.starts_conversation(bob)


async def healings(client: httpx.AsyncClient) -> dict[str, float]:
    answer = await client.get("/metrics")
    return {ring: number(answer, "natter_healings_total", ring=ring) or 0 for ring in ("lost", "early", "repeated")}


async def test_what_was_set_right_is_counted_and_nobody_sees_it(
    site: Site, bus: Bus, alice: Person, bob: Person, chat: str
) -> None:
    topic = f"conversation.{chat}"
    async with (
        alice.streams(notifications=None, chat=(chat, 0)) as hers,
        bob.listens(f"/ws/chat/{chat}/", after=0) as his,
    ):
        await hers.is_live()
        await his.is_live()
        before = await healings(alice.http)
        await logs(site, topic, 6)
        # The first two in the wrong order, the second once more, and nothing of the next two.
        for seq in (2, 1, 2, 5):
            bus.publish(Subjects().event(topic, "danced"), encode_ring(seq, DANCED))
        for page in (hers, his):
            await page.sees("skip", seq=6)
            assert page.all_of("skip", "seq") == [1, 2, 3, 4, 5, 6]

        async def counted() -> bool:
            after = await healings(alice.http)
            # Which of them it was depends on when the worker compares heads; the last ones always count.
            return after["repeated"] > before["repeated"] and sum(after.values()) >= sum(before.values()) + 4

        await until(counted)
