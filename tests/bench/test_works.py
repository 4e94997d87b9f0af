"""The works on real servers, small: nothing is lost, and every figure is there."""

from __future__ import annotations

import asyncio

import pytest

from bench.servers.floor import Floor
from bench.servers.natter import Natter
from bench.servers.server import Server
from bench.works.chat import chat
from bench.works.fan_out import Pace, fan_out
from bench.works.work import Rounds, Scale

SMALL = Scale(repeats=1, seconds=0.3)
PACES = {"one": Pace(), "many": Pace(16), "offered": Pace(deliveries_per_second=400)}


pytestmark = pytest.mark.usefixtures("programs")


def all_is_well(rounds: Rounds) -> list[str]:
    stages = []
    for stage, figures in rounds:
        assert figures["lost"] == figures["stalled"] == 0, stage
        assert figures["per_second"] > 0
        assert figures["server_us"] > 0
        assert figures["p50_us"] <= figures["p99_us"] * 1.02
        stages.append(stage)
    return stages


@pytest.mark.parametrize("kind", [Floor, Natter])
async def test_everything_that_is_published_arrives(kind: type[Server]) -> None:
    def play() -> list[str]:
        with kind() as server:
            return all_is_well(fan_out(server, SMALL, listeners=20, paces=PACES))

    assert await asyncio.to_thread(play) == list(PACES)


async def test_every_message_comes_back() -> None:
    def play() -> list[str]:
        with Natter() as server:
            return all_is_well(chat(server, SMALL, conversations=64))

    assert await asyncio.to_thread(play) == ["64 at once", "alone", "half of the most"]
