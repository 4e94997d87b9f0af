"""A peer that stops reading in the middle of a conversation, and what the others notice of it: nothing."""

import time

from tests.site import Person
from tests.sockets import RawSocket, Socket
from tests.streams import Stream

MESSAGES = 60


async def passes_by(deaf: RawSocket | Stream, conversation: str, alice: Person, his: Socket | Stream) -> None:
    """From now on ``deaf`` reads nothing; alice writes much more than any buffer holds, and he gets it all at once."""
    deaf.writer.transport.pause_reading()  # type: ignore[attr-defined]
    longest = 0.0
    for number in range(MESSAGES):
        began = time.monotonic()
        await alice.writes(conversation, f"{number} " + "x" * 3990)
        await his.sees("chat_message", number=number + 1)
        longest = max(longest, time.monotonic() - began)
    assert longest < 1, "nobody waits for a peer that does not read"
