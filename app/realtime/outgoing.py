"""What waits for the browsers of a worker: bounded for each line, and for all of them together.

Nothing is counted while browsers take what they are sent. A line is slow from the moment in which the kernel takes no
more of it; all slow lines are looked at whenever a sixteenth of what may wait has come to them.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.realtime.line import Line

# To end a line takes 0.2 ms: thousands in one turn of the loop would hold everybody up.
ENDED_IN_A_TURN = 10


class Outgoing:
    """One per worker. ``each`` bytes may wait for one line, and ``most`` for all, a sixteenth more for a moment."""

    def __init__(self, each: int, most: int) -> None:
        self.each, self.most = each, most
        self.cut_off = self.crowded_out = 0
        self._slow: set[Line] = set()
        self._doomed: deque[Line] = deque()
        self._unseen = 0

    @property
    def slow(self) -> int:
        """How many lines have something waiting."""
        return len(self._slow)

    @property
    def waiting(self) -> int:
        """Bytes that wait for slow lines."""
        return sum(line.buffered for line in self._slow)

    def slows(self, line: Line) -> None:
        """The kernel takes no more of this line."""
        self._slow.add(line)
        self.grows(line.buffered)

    def flows(self, line: Line) -> None:
        """It took everything, or the line is gone."""
        self._slow.discard(line)

    def grows(self, size: int) -> None:
        """So many bytes more wait for a slow line."""
        self._unseen += size
        if self._unseen > self.most // 16:
            self._unseen = 0
            self._look()

    def end(self, line: Line) -> None:
        """This line's browser takes too little. It comes back and resumes from its cursor."""
        self.cut_off += 1
        self._slow.discard(line)
        self._doomed.append(line)
        if len(self._doomed) == 1:
            asyncio.get_running_loop().call_soon(self._end_some)

    def _look(self) -> None:
        sizes = {line: line.buffered for line in self._slow}
        waiting = sum(sizes.values())
        if waiting <= self.most:
            return
        # With some room afterwards, so that this is not done again at once.
        for line in sorted(sizes, key=sizes.__getitem__, reverse=True):
            if waiting <= self.most * 3 // 4:
                break
            waiting -= sizes[line]
            self.crowded_out += 1
            line.cut_off()

    def _end_some(self) -> None:
        for _ in range(min(len(self._doomed), ENDED_IN_A_TURN)):
            self._doomed.popleft().abort()
        if self._doomed:
            asyncio.get_running_loop().call_soon(self._end_some)
