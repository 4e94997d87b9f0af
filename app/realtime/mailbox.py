"""A connection's incoming commands: limited in rate, run one after another, and never cut off by a disconnect.

What need not wait for anything is done where it is read, if nothing is before it: a task costs more than a signal.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from app.config import Settings
from app.errors import Problem
from app.realtime import commands, frames
from app.realtime.connection import Connection
from app.realtime.pace import Pace
from app.realtime.websocket import frame
from app.refusal import log_failure, problem_of

FRAMES_AT_MOST = 4

Run = Callable[[Connection, commands.Command], Awaitable[None]]
RunAtOnce = Callable[[Connection, commands.Command], bool]
"""Does what need not wait for anything, and says whether it was that."""

refused: Counter[str] = Counter()
"""How many commands were refused, by code."""

_running: set[asyncio.Task[None]] = set()


async def finished() -> None:
    """Wait until every command that was received has been run; for a worker that stops."""
    while _running:
        await asyncio.wait(tuple(_running))


@dataclass(frozen=True, slots=True)
class Duties:
    """What is done with the commands of a ``socket``: ``notifications`` or ``chat``. Their Problems become frames."""

    socket: str
    run: Run
    at_once: RunAtOnce = lambda connection, command: False


class Mailbox:
    """One per connection."""

    __slots__ = ("_bytes", "_duties", "_frame_bytes", "_opened", "_pace", "_task", "_waiting")

    def __init__(self, settings: Settings, duties: Duties) -> None:
        self._pace, self._duties = Pace(settings), duties
        # Most sockets never say anything, and a deque takes 600 bytes.
        self._waiting: deque[bytes] | None = None
        self._task: asyncio.Task[None] | None = None
        self._opened = False
        self._bytes, self._frame_bytes = 0, settings.frame_bytes

    def put(self, connection: Connection, payload: bytes) -> None:
        """Take one command. It is run even if the peer closes right after it."""
        if not self._pace.admits():
            too_many = Problem("You are sending too fast.", code="too_many")
            self._refuse(connection, payload, too_many)
            return
        if self._opened and self._task is None:
            # Nothing waits or runs, so this overtakes nothing.
            command = self._decoded(connection, payload)
            if command is None or self._is_done(connection, command, payload):
                return
        if self._waiting is None:
            self._waiting = deque()
        self._waiting.append(payload)
        self._bytes += len(payload)
        if self._bytes > self._frame_bytes * FRAMES_AT_MOST:
            # TCP makes the peer wait; the handful of frames already read is all there is to hold.
            connection.line.pause()
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
                if self._bytes <= self._frame_bytes:
                    connection.line.go_on()
        finally:
            self._task = None

    async def _one(self, connection: Connection, payload: bytes) -> None:
        command = self._decoded(connection, payload)
        if command is None:
            return
        try:
            await self._duties.run(connection, command)
        except Exception as error:
            self._failed(connection, payload, error)

    def _decoded(self, connection: Connection, payload: bytes) -> commands.Command | None:
        try:
            return commands.decode(self._duties.socket, payload)
        except Problem as problem:
            self._refuse(connection, payload, problem)
            return None

    def _is_done(self, connection: Connection, command: commands.Command, payload: bytes) -> bool:
        try:
            return self._duties.at_once(connection, command)
        except Exception as error:
            self._failed(connection, payload, error)
            return True

    def _failed(self, connection: Connection, payload: bytes, error: Exception) -> None:
        failed = problem_of(error)
        if failed.status >= 500:
            log_failure(failed, error)
        self._refuse(connection, payload, failed, bad=failed.status == 422)

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
        if bad and self._pace.is_abuse():
            connection.close(1008, "too many bad commands")
            self._waiting = None
            self._bytes = 0
