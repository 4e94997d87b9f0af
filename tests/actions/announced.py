"""What an action announced, as the log has it."""

from app.log import read
from bus import events as e
from bus.encoding import decode_event


async def announced(topic: str) -> list[e.Event | None]:
    return [decode_event(entry.body) for entry in await read.after(topic, 0)]
