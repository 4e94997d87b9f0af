"""The door of every connection: who asks for a socket and may have it goes straight through, all others to Sanic.

On its way through Sanic a handshake is four tasks and a dozen signals, a third of what a socket costs to open. Here it
is one task, and the checks are the same functions (``app/realtime/handshake.py``). This door refuses nobody: whom it
does not let in is asked again by Sanic's routes, which say why.
"""

from __future__ import annotations

import asyncio
import re
import time
from typing import Any, NamedTuple
from uuid import UUID

from sanic.compat import Header
from sanic.server.protocols.http_protocol import HttpProtocol

from app.errors import BadRequest, NotSignedIn
from app.heads import Request, is_well_formed
from app.logs import new_id, request_id
from app.pulse import Pulse
from app.realtime import endpoints
from app.realtime.endpoints import Serving
from app.sign_in import find_session

# Only what needs no second thought; any other spelling of these addresses is for Sanic to read.
WANTED = re.compile(
    rb"GET /ws/(?:notifications|chat/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}))/?(?:\?\S*)? HTTP/1\.1\r\n"
)
HEAD_END = b"\r\n\r\n"
HEAD_BYTES = 8192
EARLY_BYTES = 64 * 1024
BODIES = frozenset(("content-length", "transfer-encoding"))
SILENT_SECONDS = 30.0
ARRIVE_SECONDS = 5.0


class Peer(NamedTuple):
    """What a request wants to know of its connection."""

    client_ip: str


class SanicDoor(HttpProtocol):
    """Sanic's protocol for one connection, which can be left with the transport."""

    def hand_over(self) -> bytes:
        """Forget the transport; the bytes that came after the request.

        Then it neither closes it when the handler returns nor counts it as its own. As with an upgrade it waits for
        no response either, be it a stream's request.
        """
        early = bytes(self.recv_buffer)
        self.recv_buffer.clear()
        self._http.keep_alive, self._http.upgrade_websocket = False, True
        self.connections.discard(self)
        self.transport = None
        return early


class Lobby:
    """Who is being let in at this worker, and until when."""

    def __init__(self, pulse: Pulse) -> None:
        self._pulse = pulse
        self._waiting: dict[Door, float] = {}

    def enter(self, door: Door) -> None:
        """Somebody asks for a socket."""
        self._waiting[door] = time.monotonic() + ARRIVE_SECONDS

    def leave(self, door: Door) -> None:
        """They are in, or elsewhere."""
        self._waiting.pop(door, None)

    def tick(self) -> None:
        """Now and then: let nobody wait for a database that is silent. Sanic's routes refuse them at once."""
        now = time.monotonic()
        for door, deadline in tuple(self._waiting.items()):
            if now > deadline or not self._pulse.alive:
                door.give_up()


class Door(asyncio.Protocol):
    """What a transport begins with. ``given`` is what Sanic wants its protocol to be made of."""

    __slots__ = ("_app", "_begins", "_given", "_received", "_silence", "_task", "_transport")

    def __init__(self, **given: Any) -> None:
        self._given, self._app = given, given["app"]
        self._received, self._begins = b"", 0
        self._transport: Any = None
        self._task: asyncio.Task[None] | None = None

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Somebody is there. Who says nothing for 30 s is sent away."""
        self._transport = transport
        self._silence = self._given["loop"].call_later(SILENT_SECONDS, transport.close)

    def data_received(self, data: bytes) -> None:
        """The first bytes decide; what comes with them or after them is for who takes over."""
        self._silence.cancel()
        self._received += data
        if self._task:
            if len(self._received) > EARLY_BYTES:
                self._transport.pause_reading()
        elif WANTED.match(data) and 0 < (end := data.find(HEAD_END)) < HEAD_BYTES:
            self._begins = end + len(HEAD_END)
            self._app.ctx.lobby.enter(self)
            self._task = self._app.ctx.live.spawn(self._let_in(data[:end]))
        else:
            self._to_sanic()

    def connection_lost(self, exc: Exception | None) -> None:
        """They went away; who lets them in sees it by the transport."""
        self._silence.cancel()

    # The two ways

    async def _let_in(self, head: bytes) -> None:
        try:
            serving = await self._opened(head)
        except Exception:
            # Whatever it is, Sanic's routes find it again: there it has an answer, and its line in the log.
            self._app.ctx.lobby.leave(self)
            self._to_sanic()
        else:
            await serving

    async def _opened(self, head: bytes) -> Serving:
        request = self._request(head)
        opening = await find_session(request)
        if opening is None:
            raise NotSignedIn
        request.ctx.session, request.ctx.user = opening.session, opening.session.user
        wanted = WANTED.match(self._received)
        assert wanted
        if wanted[1]:
            return await endpoints.chat(request, UUID(wanted[1].decode()))
        return await endpoints.notifications(request)

    def _request(self, head: bytes) -> Request:
        """As Sanic makes it. Raises BadRequest."""
        line, *fields = head.decode(errors="surrogateescape").split("\r\n")
        pairs = [field.partition(":") for field in fields]
        headers = Header([(name.lower(), value.lstrip()) for name, _, value in pairs])
        request = Request(
            line.split(" ")[1].encode("ascii"),
            headers=headers,
            head=head,
            version="1.1",
            method="GET",
            transport=self._transport,
            app=self._app,
        )
        if not is_well_formed(request) or not BODIES.isdisjoint(headers):
            raise BadRequest
        request.conn_info = Peer(self._transport.get_extra_info("peername")[0])  # type: ignore[assignment]
        request.ctx.id = new_id()
        request_id.set(request.ctx.id)
        return request

    def hand_over(self) -> bytes:
        """Forget the transport; the bytes that came after the handshake."""
        self._app.ctx.lobby.leave(self)
        return self._received[self._begins :]

    def give_up(self) -> None:
        """It takes too long."""
        if self._task:
            self._app.ctx.lobby.leave(self)
            self._task.cancel()
            self._to_sanic()

    def _to_sanic(self) -> None:
        if self._transport.is_closing():
            return
        protocol = SanicDoor(**self._given)
        self._transport.set_protocol(protocol)
        if not self._transport.is_reading():
            self._transport.resume_reading()
        protocol.connection_made(self._transport)  # type: ignore[no-untyped-call]
        protocol.data_received(self._received)
