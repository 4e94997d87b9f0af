"""The mailbox: one command after another, and at once what waits for nothing."""

import asyncio

import msgspec

from app.config import Settings
from app.errors import Problem
from app.models import UserFacts
from app.realtime import commands
from app.realtime.connection import Connection
from app.realtime.mailbox import Duties, Mailbox, finished
from app.realtime.outgoing import Outgoing
from app.realtime.socket_line import SocketLine

TYPING = b'{"type":"typing","is_typing":true}'


def reading(seq: int) -> bytes:
    return b'{"type":"read","seq":%d}' % seq


class Desk:
    """A mailbox, and what was done in which order. A ``read`` waits for ``go_on``."""

    def __init__(self) -> None:
        self.done: list[commands.Command] = []
        self.go_on = asyncio.Event()
        self.mailbox = Mailbox(Settings(), Duties("chat", self._run, self._at_once))
        line = SocketLine(
            Outgoing(1 << 20, 1 << 20),
            lambda line: None,
            on_command=self.mailbox.put,
            max_bytes=1000,
            ping_seconds=30,
            pong_seconds=10,
        )
        user = UserFacts(id=1, username="alice", display_name="", avatar="")
        self.connection = Connection(user, "s", "a", topic="conversation.c", line=line)
        self.sent = line._pieces

    async def _run(self, connection: Connection, command: commands.Command) -> None:
        await self.go_on.wait()
        self.done.append(command)

    def _at_once(self, connection: Connection, command: commands.Command) -> bool:
        if not isinstance(command, commands.Typing):
            return False
        if not command.is_typing:
            raise Problem("No.", code="no")
        self.done.append(command)
        return True

    def put(self, *payloads: bytes) -> None:
        for payload in payloads:
            self.mailbox.put(self.connection, payload)


async def test_what_waits_for_nothing_is_done_at_once() -> None:
    desk = Desk()
    desk.mailbox.open(desk.connection)
    desk.put(TYPING)
    assert desk.done == [commands.Typing(is_typing=True)]


async def test_it_overtakes_nothing_that_waits_or_runs() -> None:
    desk = Desk()
    desk.put(TYPING)
    assert desk.done == [], "before the backlog is sent nothing is done"
    desk.put(reading(1), TYPING)
    desk.mailbox.open(desk.connection)
    desk.put(reading(2), TYPING)
    desk.go_on.set()
    await finished()
    typing = commands.Typing(is_typing=True)
    assert desk.done == [typing, commands.Read(seq=1), typing, commands.Read(seq=2), typing]


async def test_refusals_come_at_once_and_in_order_too() -> None:
    desk = Desk()
    desk.mailbox.open(desk.connection)
    desk.put(b"nonsense", b'{"type":"typing","is_typing":false}')
    codes = [msgspec.json.decode(piece[piece.index(b"{") :])["code"] for piece in desk.sent]
    assert codes == ["invalid_json", "no"]
    desk.put(reading(1), b"nonsense")
    assert len(desk.sent) == 2
    desk.go_on.set()
    await finished()
    assert desk.done == [commands.Read(seq=1)]
    assert len(desk.sent) == 3
