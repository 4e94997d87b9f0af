"""An event stream as the client's line: frames come as server-sent events, commands go by HTTP beside it."""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from tests.faults.line import Line
from tests.faults.posts import Posts

ID, DATA = b"id: ", b"data: "


class Ending(msgspec.Struct, tag_field="type", tag="closed"):
    """The last frame of a stream: the code that a socket would be closed with."""

    code: int


class StreamLine(Line):
    """``await StreamLine.opens(…)``. ``last_id`` is what a browser comes back with."""

    opens_with = 200

    def __init__(self, hears: Callable[[bytes], None], posts: Posts) -> None:
        super().__init__(hears)
        self.posts = posts
        self.last_id = ""

    @classmethod
    async def opens(
        cls,
        host: str,
        port: int,
        target: str,
        token: str,
        hears: Callable[[bytes], None],
        posts: Posts,
        last_id: str = "",
        receive_buffer: int = 0,
    ) -> StreamLine:
        """Ask for the stream. Raises what ``connects`` raises."""
        line = cls(hears, posts)
        headers = {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"}
        if last_id:
            headers["Last-Event-ID"] = line.last_id = last_id
        return await line.connects(host, port, target, headers, receive_buffer)

    def says(self, command: bytes) -> None:
        self.posts.put(command)

    def closes(self) -> None:
        """A stream has no goodbye."""
        self.breaks()

    def _frames(self, buffer: bytes) -> bytes:
        *events, rest = buffer.split(b"\n\n")
        for event in events:
            # The others are comments: heartbeats.
            if not event.startswith(b":"):
                self._event(event)
        return rest

    def _event(self, event: bytes) -> None:
        name, _, data = event.partition(b"\n")
        if not name.startswith(ID) or not data.startswith(DATA) or b"\n" in data:
            raise ValueError(f"this is no event: {event!r}")
        self.last_id = name[len(ID) :].decode()
        payload = data[len(DATA) :]
        if payload.startswith(b'{"type":"closed"'):
            self.code = msgspec.json.decode(payload, type=Ending).code
        else:
            self.hears(payload)
