"""An open page where WebSockets are blocked: one event stream for all it follows, and commands by HTTP."""

from __future__ import annotations

import asyncio
import random
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from tests.faults.line import Line
from tests.faults.page import Frame, Member, Page, decode
from tests.faults.posts import NOBODY, Posts
from tests.faults.stream_line import StreamLine

if TYPE_CHECKING:
    from tests.faults.crowd import Crowd

OK, NO_CONTENT = 200, 204


class Problem(msgspec.Struct):
    """What a refusal says."""

    code: str


class Refusal(msgspec.Struct):
    """The body of one."""

    error: Problem


class StreamedPage(Page):
    """Like static/js/event-stream.js, it follows its person's notifications over the same stream.

    Half of the time it comes back as that script does, with its cursors in the address; else as an EventSource does by
    itself, with the old address and the ``Last-Event-ID``. 204 acknowledges, too: who is no browser may rely on it.
    """

    def __init__(self, crowd: Crowd, member: Member, conversation: str, at: int, receive_buffer: int = 0) -> None:
        super().__init__(crowd, member, conversation, at, receive_buffer)
        self.posts = Posts(crowd.addresses, member.token, self._answered)
        self._stream: StreamLine | None = None
        self._notified: int | None = None
        self._shown_by_answers: set[str] = set()

    async def run(self) -> None:
        posting = self.crowd.at_work(self.posts.run())
        try:
            await super().run()
        finally:
            posting.cancel()
            await asyncio.wait([posting])

    async def _open(self) -> Line:
        host, port = self.crowd.addresses[self.at]
        last_id = self._stream.last_id if self._stream and random.random() < 0.5 else ""
        target = f"/sse/?{urlencode(self._places(anew=bool(last_id)))}"
        self._stream = await StreamLine.opens(
            host, port, target, self.member.token, self._hears, self.posts, last_id, self._receive_buffer
        )
        return self._stream

    def _places(self, anew: bool) -> dict[str, str | int]:
        if anew or self.record.since is None:
            return {"notifications": "", "chat": f"{self.conversation}:"}
        return {
            "notifications": "" if self._notified is None else self._notified,
            "chat": f"{self.conversation}:{self.record.last}",
            "epoch": self._epoch,
        }

    def _command(self, client_id: str, text: str) -> bytes:
        return msgspec.json.encode(
            {"type": "chat_message", "conversation_id": self.conversation, "message": text, "client_id": client_id}
        )

    def _hears(self, payload: bytes) -> None:
        frame = decode(payload)
        if frame.topic == f"conversation.{self.conversation}":
            self._takes(frame)
        elif frame.topic == f"user.{self.member.id}":
            self._of_notifications(frame)
        else:
            self.crowd.wrong.append(f"{self.record.name}: a frame of {frame.topic or 'no topic'}")

    def _of_notifications(self, frame: Frame) -> None:
        """Nobody is notified of anything here; but all that the page follows must go on where it was."""
        if frame.type == "reset":
            self.record.resets += 1
        elif frame.type == "caught_up":
            if self._notified not in (None, frame.seq):
                self.crowd.wrong.append(f"{self.record.name}: notifications at {self._notified}, then at {frame.seq}")
            self._notified = frame.seq

    # Answers to commands

    def _answered(self, command: bytes, status: int, body: bytes) -> None:
        client_id = decode(command).client_id or ""
        if status == OK:
            self._repeated(decode(body))
        elif status == NO_CONTENT:
            self.crowd.acknowledge(client_id)
        elif status == NOBODY:
            self._refused(client_id, "unreachable")
        else:
            self._refused(client_id, msgspec.json.decode(body, type=Refusal).error.code)

    def _repeated(self, frame: Frame) -> None:
        """The first frame of a repeated message may overtake the stream, so only the next one moves the cursor."""
        client_id = frame.client_id or ""
        if frame.seq == self.record.last + 1:
            self._shown_by_answers.add(client_id)
            self._message(frame.seq, client_id)
        else:
            self._confirmed(client_id)

    def _is_shown(self, client_id: str) -> bool:
        return client_id in self._shown_by_answers
