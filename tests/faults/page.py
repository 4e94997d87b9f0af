"""An open page of a conversation, as a browser has it: cursor, back-off, messages repeated until confirmed."""

from __future__ import annotations

import asyncio
import random
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from tests.faults.line import Line, Refused
from tests.faults.oracle import Record
from tests.faults.socket_line import SocketLine

if TYPE_CHECKING:
    from tests.faults.crowd import Crowd

# Those of static/js/backoff.js and static/js/delivery.js.
FIRST_PAUSE, LONGEST_PAUSE = 0.4, 5.0
REPEAT_SECONDS = 10.0
FIRST_AGAIN, LEAST_AGAIN = 1.0, 0.5


class Frame(msgspec.Struct):
    """What a page needs to know of a frame; all other fields are passed over."""

    type: str
    seq: int = 0
    client_id: str | None = None
    epoch: str = ""
    code: str = ""
    topic: str = ""


decode = msgspec.json.Decoder(Frame).decode


class Member(msgspec.Struct, frozen=True):
    """Somebody in a conversation, with the token that opens their sockets."""

    id: int
    token: str


class Page:
    """``run`` keeps it open for ever. What came over it stands in ``record``."""

    def __init__(self, crowd: Crowd, member: Member, conversation: str, at: int, receive_buffer: int = 0) -> None:
        self.crowd, self.member, self.conversation, self.at = crowd, member, conversation, at
        self.number = len(crowd.pages)
        self.record = Record(f"page {self.number}", conversation)
        self.line: Line | None = None
        self.live = False
        self.tries = self.refused = 0
        self.reconnects = 0
        self.lost_at = 0.0
        self.pending: dict[str, tuple[bytes, float]] = {}
        self.repeated: set[str] = set()
        self.paused = False
        self.codes: list[int] = []
        self._epoch = ""
        self._receive_buffer = receive_buffer

    async def run(self) -> None:
        """Open, read until it breaks, wait a little, open again somewhere."""
        while True:
            try:
                self.line = await self._open()
                # ``caught_up`` may have come with the handshake's answer, before there was a line to say anything on.
                if self.live:
                    self._all_again()
                self.codes.append(await self.line.ended)
                self._lost()
            except (OSError, TimeoutError, Refused):
                self.crowd.refusals += 1
            self.live, self.line = False, None
            self.at = self.crowd.another_unit(self.at)
            await asyncio.sleep(random.random() * min(LONGEST_PAUSE, FIRST_PAUSE * 2**self.tries))
            self.tries += 1

    def begins_at(self, cursor: int, host: Page) -> None:
        """Start from a cursor, as a page does that the server has drawn."""
        self.record.since, self._epoch = cursor, host._epoch

    async def looks_in(self, seconds: float) -> None:
        """Open, wait until all is caught up and a little longer, and go away."""
        self.line = await self._open()
        await self.crowd.until(lambda: self.live or self.line is None or not self.line.open, 10, "a visitor is live")
        await asyncio.sleep(seconds)
        self.line.breaks()
        self.live, self.line = False, None

    async def _open(self) -> Line:
        cursor = {} if self.record.since is None else {"after": self.record.last, "epoch": self._epoch}
        host, port = self.crowd.addresses[self.at]
        target = f"/ws/chat/{self.conversation}/?{urlencode(cursor)}"
        return await SocketLine.opens(host, port, target, self.member.token, self._hears, self._receive_buffer)

    def _lost(self) -> None:
        if self.live:
            self.reconnects += 1
            self.lost_at = time.monotonic()

    def writes(self, client_id: str, text: str) -> None:
        """Send a message, and again until a frame confirms it."""
        command = self._command(client_id, text)
        self.pending[client_id] = (command, time.monotonic() + REPEAT_SECONDS)
        if self.live and self.line and not self.paused:
            self.line.says(command)

    def _command(self, client_id: str, text: str) -> bytes:
        return msgspec.json.encode({"type": "chat_message", "message": text, "client_id": client_id})

    def repeats(self, now: float) -> None:
        """Send again what nobody confirmed for a while."""
        if self.live and self.line and not self.paused:
            for client_id, (command, due) in self.pending.items():
                if due <= now:
                    self._again(client_id, command, now)

    def _hears(self, payload: bytes) -> None:
        self._takes(decode(payload))

    def _takes(self, frame: Frame) -> None:
        record = self.record
        if frame.type == "chat_message":
            self._message(frame.seq, frame.client_id or "")
        elif frame.type == "skip":
            record.frames.append((frame.seq, None))
        elif frame.type == "hello":
            self._epoch = frame.epoch
        elif frame.type == "caught_up":
            self._caught_up(frame.seq)
        elif frame.type == "reset":
            record.resets += 1
            record.since = None
            record.frames.clear()
        elif frame.type == "error":
            self._refused(frame.client_id or "", frame.code)

    def _refused(self, client_id: str, code: str) -> None:
        if client_id in self.pending:
            self.crowd.errors[code] += 1
            command, _ = self.pending[client_id]
            pause = LEAST_AGAIN + random.random() * min(LONGEST_PAUSE, FIRST_AGAIN * 2**self.refused)
            self.refused += 1
            self.pending[client_id] = (command, time.monotonic() + pause)

    def _confirmed(self, client_id: str) -> None:
        if self.pending.pop(client_id, None):
            self.refused = 0
            self.crowd.acknowledge(client_id)

    def _message(self, seq: int, client_id: str) -> None:
        self._confirmed(client_id)
        if self.record.since is None:
            self.record.since = seq - 1
        if seq <= self.record.last and self._is_shown(client_id):
            return
        self.record.frames.append((seq, client_id))
        self.crowd.delivered(client_id, self)

    def _is_shown(self, client_id: str) -> bool:
        """Whether it may come twice: it is the answer to a repeat, and the page shows it already."""
        return client_id in self.repeated

    def _caught_up(self, seq: int) -> None:
        if self.record.since is None:
            self.record.since = seq
        if self.record.last < seq:
            self.crowd.wrong.append(f"{self.record.name}: caught_up says {seq}, and {self.record.last} was the last")
        self.live, self.tries = True, 0
        now = time.monotonic()
        if self.lost_at:
            self.crowd.returns.append(now - self.lost_at)
            self.lost_at = 0.0
        if self.line:
            self._all_again()

    def _all_again(self) -> None:
        for client_id, (command, _) in self.pending.items():
            self._again(client_id, command, time.monotonic())

    def _again(self, client_id: str, command: bytes, now: float) -> None:
        self.repeated.add(client_id)
        self.pending[client_id] = (command, now + REPEAT_SECONDS)
        if self.line:
            self.line.says(command)
