"""The protocol of NATS as it arrives: plain messages for interests are handed over at once, the rest is nats-py's.

nats-py spends two searches, three copies and two coroutines on a message. Most that a worker hears is the same: a
message without reply and headers for an interest. Protocol: docs.nats.io, "Client Protocol", MSG.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from nats.protocol.parser import AWAITING_CONTROL_LINE, CRLF_SIZE, Parser

from bus.interest import Interest

if TYPE_CHECKING:
    from bus.client import LightClient

END = b"\r\n"


class LeanParser(Parser):
    """nats-py's parser for everything that is rare: it gets one control line, or what is missing of one message."""

    nc: LightClient

    async def parse(self, data: bytes = b"") -> None:
        """Take what was read, in whatever pieces it comes. Raises nats.errors.ProtocolError."""
        buffer = self.buf
        if buffer and self.state == AWAITING_CONTROL_LINE:
            data = bytes(buffer) + data
            buffer.clear()
        at = 0
        # Whoever reconnects meanwhile gives the parser another buffer: the rest is of a connection that is gone.
        while at < len(data) and self.buf is buffer:
            if self.state == AWAITING_CONTROL_LINE:
                at = self._hand_over(data, at)
                end = data.find(END, at) + CRLF_SIZE
                end = end if end >= CRLF_SIZE else len(data)
            else:
                end = at + self.needed + CRLF_SIZE - len(buffer)
            await super().parse(data[at:end])
            at = end

    def _hand_over(self, data: bytes, at: int) -> int:
        """Hand over the plain, whole messages from ``at`` on. Gives where what follows them begins."""
        subs, call, size = self.nc._subs, self.nc.call, len(data)
        while data.startswith(b"MSG ", at):
            begin = data.find(END, at) + CRLF_SIZE
            try:
                # With a reply there is a word more.
                _, subject, number, length = data[at : begin - CRLF_SIZE].split(b" ")
                entry: Any = subs.get(int(number))
                end = begin + int(length)
            except ValueError:
                break
            if type(entry) is not Interest or begin < CRLF_SIZE or end + CRLF_SIZE > size or not length.isdigit():
                break
            at = end + CRLF_SIZE
            call(entry, subject, data[begin:end])
        return at
