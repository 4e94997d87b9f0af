"""What a worker's live half consists of, in one place: the parts that endpoints, commands and effects need."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

from app.config import Settings
from app.realtime.census import Census
from app.realtime.changes import Changes
from app.realtime.connection import Connection
from app.realtime.hub import Hub
from app.realtime.outgoing import Outgoing
from app.realtime.pace import Paces
from app.realtime.presence import Presence
from app.realtime.relay import Relay


@dataclass(eq=False)
class Live:
    """``app.ctx.live``. ``epoch`` is the site's, part of every cursor; only it ever changes."""

    settings: Settings
    hub: Hub
    relay: Relay
    census: Census
    presence: Presence
    epoch: str
    paces: Paces
    outgoing: Outgoing
    changes: Changes = field(default_factory=Changes)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Run ``work`` beside everything else, and hold it until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return task

    async def follow(self, connection: Connection, topics: list[str], view: str) -> None:
        """Join ``connection`` to these topics from now on. Raises the database's errors."""
        held = await self.relay.hold(topics)
        if not connection.open:
            self.relay.release(held)
            return
        followed = [topic for topic in held if topic.name not in connection.left]
        self.relay.release([topic for topic in held if topic.name in connection.left])
        connection.held += followed
        for topic in followed:
            self.hub.join((topic.name, view), connection)
