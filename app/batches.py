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


class Batches(Generic[Asked, Answer]):
    """``run`` gets what was asked together, 256 at most, and gives an answer for each in order; Exceptions are raised.

    There is one run at a time for each ``key``. What ``run`` itself raises is raised to everybody in that batch.
    """

    def __init__(self, run: Callable[[list[Asked]], Awaitable[Sequence[Answer | Exception]]]) -> None:
        self._run = run
        self._waiting: dict[Hashable, deque[tuple[Asked, asyncio.Future[Answer]]]] = {}
        self._running: set[asyncio.Task[None]] = set()

    async def ask(self, asked: Asked, key: Hashable = None) -> Answer:
        """The answer. Cancelling the caller does not undo what it asked for."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Answer] = loop.create_future()
        if key in self._waiting:
            self._waiting[key].append((asked, future))
        else:
            self._waiting[key] = deque([(asked, future)])
            # In a context of its own: the first caller's request, or its transaction, is not the others'.
            task = loop.create_task(self._empty(key), context=Context())
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return await future

    async def _empty(self, key: Hashable) -> None:
        waiting = self._waiting[key]
        while waiting:
            batch = [waiting.popleft() for _ in range(min(len(waiting), AT_MOST))]
            answers = await self._answers([asked for asked, _ in batch])
            for (_, future), answer in zip(batch, answers, strict=True):
                if future.done():
                    continue
                if isinstance(answer, Exception):
                    future.set_exception(answer)
                else:
                    future.set_result(answer)
        del self._waiting[key]

    async def _answers(self, asked: list[Asked]) -> Sequence[Answer | Exception]:
        try:
            return await self._run(asked)
        except Exception as error:
            # Not swallowed: everybody who asked gets it.
            return [error] * len(asked)
