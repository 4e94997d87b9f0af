"""Calls of one kind that go together: what comes while one is under way makes up the next.

Nobody waits for company. A call that comes alone is made at once; under load their cost is shared. It is how a database
commits in groups, here on this side of the wire.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from contextvars import Context
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

AT_MOST = 256
WORTH = 8
"""So many that wait are worth a run beside the one under way."""


class _Queue(Generic[Asked, Answer]):
    """What waits, and ``held``: what waits for a run that has the same thing in hand."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[Asked, asyncio.Future[Answer]]] = deque()
        self.held: dict[Hashable, deque[tuple[Asked, asyncio.Future[Answer]]]] = {}
        self.runs = 0
        self.is_starting = False


class Batches(Generic[Asked, Answer]):
    """``run`` gets what was asked together, 256 at most, and gives an answer for each in order; Exceptions are raised.

    There is one run at a time for each ``key``. What ``run`` itself raises is raised to everybody in that batch.

    With ``apart``, which says what thing is asked for, there are two at a time where enough waits: one is made up
    here while the other is waited for. What is asked for one thing goes in order, never in both.
    """

    def __init__(
        self,
        run: Callable[[list[Asked]], Awaitable[Sequence[Answer | Exception]]],
        apart: Callable[[Asked], Hashable] | None = None,
    ) -> None:
        self._run = run
        self._apart = apart or (lambda asked: None)
        self._abreast = 2 if apart else 1
        self._queues: dict[Hashable, _Queue[Asked, Answer]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, asked: Asked, key: Hashable = None) -> Answer:
        """The answer. Cancelling the caller does not undo what it asked for."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        queue = self._queues.get(key)
        if queue is None:
            queue = self._queues[key] = _Queue()
        queue.held.get(self._apart(asked), queue.waiting).append((asked, future))
        if not queue.is_starting and self._is_worth(queue):
            queue.is_starting = True
            queue.runs += 1
            # In a context of its own: the first caller's request, or its transaction, is not the others'.
            task = loop.create_task(self._empty(key, queue), context=Context())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await future

    def _is_worth(self, queue: _Queue[Asked, Answer]) -> bool:
        return queue.runs == 0 or (queue.runs < self._abreast and len(queue.waiting) >= WORTH)

    async def _empty(self, key: Hashable, queue: _Queue[Asked, Answer]) -> None:
        queue.is_starting = False
        while queue.waiting:
            batch, things = self._take(queue)
            answers = await self._answers([asked for asked, _ in batch])
            for thing in things:
                queue.waiting.extend(queue.held.pop(thing))
            for (_, future), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
            if queue.runs > 1 and len(queue.waiting) < WORTH:
                break
        queue.runs -= 1
        if not queue.runs:
            del self._queues[key]

    def _take(self, queue: _Queue[Asked, Answer]) -> tuple[list[tuple[Asked, asyncio.Future[Answer]]], set[Hashable]]:
        batch = [queue.waiting.popleft() for _ in range(min(len(queue.waiting), AT_MOST))]
        things = {self._apart(asked) for asked, _ in batch}
        queue.held.update((thing, deque()) for thing in things)
        later, queue.waiting = queue.waiting, deque()
        for one in later:
            queue.held.get(self._apart(one[0]), queue.waiting).append(one)
        return batch, things

    async def _answers(self, asked: list[Asked]) -> Sequence[Answer | Exception]:
        try:
            return await self._run(asked)
        except Exception as error:
            # Not swallowed: everybody who asked gets it.
            return [error] * len(asked)
