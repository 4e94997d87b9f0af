"""A connection's incoming commands: limited in rate, run one after another, and never cut off by a disconnect."""

import asyncio
import time
from collections import Counter, deque
from collections.abc import Awaitable, Callable

from app.config import Settings
from app.errors import Problem
from app.realtime import commands, frames
from app.realtime.connection import Connection
from app.realtime.websocket import frame
from app.refusal import log_failure, problem_of

FRAMES_AT_MOST = 4

Run = Callable[[Connection, commands.Command], Awaitable[None]]

refused: Counter[str] = Counter()
"""How many commands were refused, by code."""

_running: set[asyncio.Task[None]] = set()


async def finished() -> None:
    """Wait until every command that was received has been run; for a worker that stops."""
    while _running:
        await asyncio.wait(tuple(_running))


class Mailbox:
    """One per connection. ``run`` gets each decoded command; its Problems become error frames."""

    __slots__ = (
        "_bad",
        "_bytes",
        "_opened",
        "_run",
        "_settings",
        "_socket",
        "_task",
        "_tokens",
        "_tokens_at",
        "_waiting",
    )

    def __init__(self, socket: str, settings: Settings, run: Run) -> None:
        self._socket, self._settings, self._run = socket, settings, run
        self._waiting: deque[bytes] = deque()
        self._task: asyncio.Task[None] | None = None
        self._opened = False
        self._bytes = 0
        self._tokens, self._tokens_at = float(settings.command_burst), time.monotonic()
        self._bad: deque[float] = deque(maxlen=settings.bad_commands)

    def put(self, connection: Connection, payload: bytes) -> None:
        """Take one command. It is run even if the peer closes right after it."""
        if not self._admit():
            too_many = Problem("You are sending too fast.", code="too_many")
            self._refuse(connection, payload, too_many)
            return
        self._waiting.append(payload)
        self._bytes += len(payload)
        if self._bytes > self._settings.frame_bytes * FRAMES_AT_MOST:
            # TCP makes the peer wait; the handful of frames already read is all there is to hold.
            connection.pause()
        self._start(connection)

    def open(self, connection: Connection) -> None:
        """Begin to run commands. Until the backlog is sent they wait: an answer must not overtake it."""
        self._opened = True
        self._start(connection)

    def _start(self, connection: Connection) -> None:
        if self._opened and self._waiting and self._task is None:
            # A task of its own, not the connection's: a disconnect must not cancel a write half-way.
            self._task = asyncio.get_running_loop().create_task(self._empty(connection))
            _running.add(self._task)
            self._task.add_done_callback(_running.discard)

    async def _empty(self, connection: Connection) -> None:
        try:
            while self._waiting:
                payload = self._waiting.popleft()
                await self._one(connection, payload)
                self._bytes -= len(payload)
                if self._bytes <= self._settings.frame_bytes:
                    connection.go_on()
        finally:
            self._task = None

    async def _one(self, connection: Connection, payload: bytes) -> None:
        try:
            command = commands.decode(self._socket, payload)
        except Problem as problem:
            self._refuse(connection, payload, problem)
            return
        try:
            await self._run(connection, command)
        except Exception as error:
            failed = problem_of(error)
            if failed.status >= 500:
                log_failure(failed, error)
            self._refuse(connection, payload, failed, bad=failed.status == 422)

    def _admit(self) -> bool:
        """A token bucket: so many commands a second, and so many at once."""
        now = time.monotonic()
        settings = self._settings
        earned = (now - self._tokens_at) * settings.commands_per_second
        self._tokens = min(float(settings.command_burst), self._tokens + earned)
        self._tokens_at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def _refuse(self, connection: Connection, payload: bytes, problem: Problem, bad: bool = True) -> None:
        refused[problem.code] += 1
        said = commands.said(payload)
        field = next(iter(problem.fields), None)
        answer = frames.build(
            "error",
            code=problem.code,
            message=problem.fields.get(field, problem.message) if field else problem.message,
            field=field,
            command=said.command,
            client_id=said.client_id,
        )
        connection.send(frame(answer))
        if bad:
            self._count_bad(connection)

    def _count_bad(self, connection: Connection) -> None:
        now = time.monotonic()
        self._bad.append(now)
        if len(self._bad) == self._bad.maxlen and now - self._bad[0] <= self._settings.bad_commands_seconds:
            connection.close(1008, "too many bad commands")
            self._waiting.clear()
            self._bytes = 0
