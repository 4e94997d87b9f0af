"""The crowd: a thousand pages over some conversations, writing at a steady pace, all in one event loop."""

from __future__ import annotations

import asyncio
import random
import time
from array import array
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from itertools import cycle
from uuid import uuid4

from tests.faults.oracle import Evidence, Record, Row, Sent
from tests.faults.page import Member, Page
from tests.faults.streamed_page import StreamedPage

TURN_SECONDS = 0.01
OPENING_AT_ONCE = 40


class Crowd:
    """``async with Crowd(addresses) as crowd:`` — pages open with ``joins``, and close at the end of the block.

    ``streamed`` is the share of them that have an event stream in place of a socket.
    """

    def __init__(self, addresses: list[tuple[str, int]], streamed: float = 0.0) -> None:
        self.addresses, self._streamed = addresses, streamed
        self.pages: list[Page] = []
        self.sent: dict[str, Sent] = {}
        self.acknowledged: set[str] = set()
        self.errors: Counter[str] = Counter()
        self.refusals = 0
        self.wrong: list[str] = []
        """Breaches that only show at the moment they happen."""
        self.returns: list[float] = []
        """Seconds from a lost line to being live again, of each page."""
        self.text = "Hello, how are you?"
        self.writers: Callable[[Page], bool] = lambda page: True
        self._sent_at, self._latency, self._arrived, self._page = array("d"), array("d"), array("d"), array("i")
        self._tasks: list[asyncio.Task[None]] = []
        self._pacing: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Crowd:
        self._tasks.append(self.at_work(self._repeat()))
        return self

    async def __aexit__(self, *_: object) -> None:
        self.rests()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for page in self.pages:
            if page.line:
                page.line.breaks()

    async def joins(self, conversations: dict[str, list[Member]], pages_each: int) -> None:
        """Open ``pages_each`` pages of every conversation, spread over its members and the units; wait for all."""
        units = cycle(range(len(self.addresses)))
        for conversation, members in conversations.items():
            for number in range(pages_each):
                self.opens(members[number % len(members)], conversation, next(units))
                if len(self.pages) % OPENING_AT_ONCE == 0:
                    await self.until(lambda: self.all_live, 30, "opening")
        await self.until(lambda: self.all_live, 30, "opening")

    def opens(self, member: Member, conversation: str, at: int, receive_buffer: int = 0) -> Page:
        """One more page."""
        page = self.page(member, conversation, at, receive_buffer)
        self._tasks.append(self.at_work(page.run()))
        return page

    def page(self, member: Member, conversation: str, at: int, receive_buffer: int = 0) -> Page:
        """One more, still closed."""
        number = len(self.pages)
        is_streamed = int((number + 1) * self._streamed) > int(number * self._streamed)
        page = (StreamedPage if is_streamed else Page)(self, member, conversation, at, receive_buffer)
        self.pages.append(page)
        return page

    def at_work(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """A task that only ends when it is told to: a crowd that falls silent proves nothing."""
        task = asyncio.create_task(work)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self.wrong.append(f"the crowd itself failed: {task.exception()!r}")

    def another_unit(self, at: int) -> int:
        """Where a load balancer sends somebody whose line to unit ``at`` broke."""
        others = [unit for unit in range(len(self.addresses)) if unit != at]
        return random.choice(others) if others else at

    # Writing

    def writes_at(self, rate: float) -> None:
        """From now on, ``rate`` messages a second, each on some page."""
        self.rests()
        self._pacing = self.at_work(self._pace(rate))

    def rests(self) -> None:
        """Write no more."""
        if self._pacing:
            self._pacing.cancel()
            self._pacing = None

    def write(self, page: Page) -> str:
        """One message on this page; its client_id."""
        client_id = str(uuid4())
        self.sent[client_id] = Sent(page.conversation, page.member.id, time.monotonic())
        page.writes(client_id, self.text)
        return client_id

    def expect(self, client_id: str, page: Page) -> None:
        """Somebody who is no page of ours sends, and is answered, this message for ``page``'s member."""
        self.sent[client_id] = Sent(page.conversation, page.member.id, time.monotonic())
        self.acknowledged.add(client_id)

    async def _pace(self, rate: float) -> None:
        writers = [page for page in self.pages if self.writers(page)]
        begun, written = time.monotonic(), 0
        while True:
            due = (time.monotonic() - begun) * rate
            while written < due:
                self.write(random.choice(writers))
                written += 1
            await asyncio.sleep(TURN_SECONDS)

    async def _repeat(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            now = time.monotonic()
            for page in self.pages:
                if page.pending:
                    page.repeats(now)

    # Heard by the pages

    def acknowledge(self, client_id: str) -> None:
        """The author's own page shows it."""
        self.acknowledged.add(client_id)

    def delivered(self, client_id: str, page: Page) -> None:
        """Some page was sent it for the first time."""
        sent = self.sent.get(client_id)
        if sent:
            now = time.monotonic()
            self._sent_at.append(sent.at)
            self._arrived.append(now)
            self._latency.append(now - sent.at)
            self._page.append(page.number)

    # What came of it

    @property
    def deliveries(self) -> int:
        """How many frames with messages came, over all pages."""
        return len(self._latency)

    def latencies(self, since: float, until: float) -> list[float]:
        """Seconds from key to page of every delivery of what was written between these times, in order of size."""
        return sorted(late for at, late in zip(self._sent_at, self._latency, strict=True) if since <= at < until)

    def latencies_at(self, pages: Iterable[Page], since: float, until: float) -> list[float]:
        """The same, of what came to these pages only."""
        numbers = {page.number for page in pages}
        of_all = zip(self._sent_at, self._latency, self._page, strict=True)
        return sorted(late for at, late, page in of_all if since <= at < until and page in numbers)

    def caught_up_after(self, moment: float) -> float:
        """How long after ``moment`` the last delivery came of what had been written before it."""
        late = [came for at, came in zip(self._sent_at, self._arrived, strict=True) if at < moment <= came]
        return max(late, default=moment) - moment

    @property
    def all_live(self) -> bool:
        """Whether every page is open and caught up."""
        return all(page.live or page.record.left for page in self.pages)

    @property
    def quiet(self) -> bool:
        """Whether every page is live and nobody waits for an answer."""
        return self.all_live and not any(page.pending for page in self.pages if not page.record.left)

    def settled(self, rows: Iterable[Row]) -> bool:
        """Whether every page has come as far as its conversation, and nobody waits for an answer."""
        newest: dict[str, int] = {}
        for row in rows:
            newest[row.conversation] = max(row.seq, newest.get(row.conversation, 0))
        return self.quiet and all(
            page.record.left or page.record.last >= newest.get(page.conversation, 0) for page in self.pages
        )

    def evidence(self, rows: list[Row]) -> Evidence:
        """For the oracle."""
        records: list[Record] = [page.record for page in self.pages]
        return Evidence(self.sent, self.acknowledged, records, rows)

    async def until(self, holds: Callable[[], bool], seconds: float, what: str) -> float:
        """Wait until ``holds``; how long it took. Raises AssertionError after ``seconds``."""
        begun = time.monotonic()
        while not holds():
            assert time.monotonic() - begun < seconds, f"{what}: not within {seconds} s"
            await asyncio.sleep(0.02)
        return time.monotonic() - begun
