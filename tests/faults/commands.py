"""Acts: commands and the lines they came over, ended at every moment; one message sent fifty times at once."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import Callable
from uuid import uuid4

import asyncpg

from tests.faults.page import Page
from tests.faults.socket_line import SocketLine
from tests.faults.stage import Stage

COMMANDS = 50
AT_ONCE = 20
ONE_IN_FLIGHT_SECONDS = 0.02


async def fifty_and_away(stage: Stage) -> None:
    """Fifty commands and an immediate close, in order or not: each is stored once, or not until it is repeated."""
    for page in random.sample(stage.crowd.pages, stage.scale.times * AT_ONCE):
        for _ in range(COMMANDS):
            stage.crowd.write(page)
        assert page.line
        random.choice((page.line.closes, page.line.breaks))()
        await asyncio.sleep(0.2)
    await _all_confirmed(stage)
    await pool_is_whole(stage)


async def in_mid_command(stage: Stage) -> None:
    """The line breaks while a command runs, a thousand times (at most; as many as the scale has sockets)."""
    broken = 0
    while broken < stage.scale.sockets:
        pages = [page for page in random.sample(stage.crowd.pages, AT_ONCE) if page.live]
        await asyncio.gather(*(_breaks_in_mid_command(stage, page) for page in pages))
        broken += len(pages)
        await asyncio.sleep(0.05)
    await _all_confirmed(stage)
    await pool_is_whole(stage)


async def _breaks_in_mid_command(stage: Stage, page: Page) -> None:
    stage.crowd.write(page)
    await asyncio.sleep(random.uniform(0, ONE_IN_FLIGHT_SECONDS))
    if page.line:
        page.line.breaks()


async def _all_confirmed(stage: Stage) -> None:
    crowd = stage.crowd
    await crowd.until(lambda: crowd.all_live and not any(page.pending for page in crowd.pages), 60, "all confirmed")


async def pool_is_whole(stage: Stage) -> None:
    """No connection of a worker is inside a transaction, and as many questions at once as it has get answers."""
    await asyncio.sleep(1)
    connection = await asyncpg.connect(stage.rig.postgres.url)
    try:
        stuck = await connection.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'natter' "
            "AND state LIKE 'idle in transaction%' AND state_change < clock_timestamp() - interval '0.5 s'"
        )
    finally:
        await connection.close()
    stage.exact("connections stuck in a transaction", stuck, 0)
    begun = asyncio.get_running_loop().time()
    asked = [page for page in stage.crowd.pages if page.live][: COMMANDS * len(stage.rig.units)]
    for page in asked:
        stage.crowd.write(page)
    await stage.crowd.until(lambda: not any(page.pending for page in asked), 20, "the pool answers")
    stage.limit("then answers", asyncio.get_running_loop().time() - begun, 5.0)


async def same_client_id(stage: Stage) -> None:
    """The same client_id fifty times in parallel over all workers: one row and fifty equal answers."""
    for page in random.sample(stage.crowd.pages, stage.scale.times * AT_ONCE):
        answers: list[bytes] = []
        client_id = str(uuid4())
        lines = [
            await SocketLine.opens(
                host, port, f"/ws/chat/{page.conversation}/", page.member.token, _into(answers, client_id)
            )
            for host, port in (random.choice(stage.crowd.addresses) for _ in range(COMMANDS - 5))
        ]
        stage.must(len({line.worker for line in lines}) > 1, "all lines came to one worker")
        stage.crowd.expect(client_id, page)
        command = json.dumps({"type": "chat_message", "message": "Once", "client_id": client_id}).encode()
        for line in lines:
            line.says(command)
        await stage.crowd.until(lambda lines=lines, answers=answers: len(answers) >= len(lines), 20, "all answered")
        stage.must(len(set(answers)) == 1, f"{len(set(answers))} different answers to one client_id")
        for line in lines:
            line.breaks()


def _into(answers: list[bytes], client_id: str) -> Callable[[bytes], None]:
    wanted = client_id.encode()

    def hears(payload: bytes) -> None:
        if wanted in payload:
            answers.append(payload)

    return hears
