"""A TCP proxy that can delay, cut and swallow, in a thread and an event loop of its own."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from unit.ports import LOOPBACK

PIECE_BYTES = 64 * 1024


class Proxy:
    """Stands before ``host:port`` on a port of its own.

    ``delay`` is put before every piece, in seconds. ``swallow``: what comes vanishes, and nobody is told.
    """

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self.port = 0
        self.delay = 0.0
        self._loop = asyncio.new_event_loop()
        self._open = asyncio.Event()
        self._open.set()
        self._holes = 0
        self._transports: set[asyncio.WriteTransport] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def start(self) -> None:
        """Listen."""
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(5)

    def stop(self) -> None:
        """Close everything."""
        self._do(self._server.close)
        self.cut()
        self._do(self._loop.stop)
        self._thread.join(5)

    def swallow(self) -> None:
        """A black hole: bytes are taken and never passed on, new connections open and never answer."""
        self._do(self._swallow)

    def pass_on(self, *, reset: bool = True) -> None:
        """The end of the black hole. Those from before have lost bytes: they are reset, or silent for ever."""
        if reset:
            self.cut()
        self._do(self._open.set)

    def _swallow(self) -> None:
        self._holes += 1
        self._open.clear()

    def cut(self) -> None:
        """Reset every connection."""
        self._do(lambda: [transport.abort() for transport in tuple(self._transports)])

    def _do(self, what: Callable[[], Any]) -> None:
        self._loop.call_soon_threadsafe(what)

    async def _listen(self) -> asyncio.Server:
        server = await asyncio.start_server(self._joined, LOOPBACK, 0)
        self.port = server.sockets[0].getsockname()[1]
        return server

    async def _joined(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._transports.add(writer.transport)
        try:
            await self._open.wait()
            there, onward = await asyncio.open_connection(self._host, self._port)
            self._transports.add(onward.transport)
            try:
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._pump(reader, onward))
                    both.create_task(self._pump(there, writer))
            finally:
                self._transports.discard(onward.transport)
                onward.transport.abort()
        except (OSError, ExceptionGroup):
            pass
        finally:
            self._transports.discard(writer.transport)
            writer.transport.abort()

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        holes = self._holes
        while data := await reader.read(PIECE_BYTES):
            if holes < self._holes:
                continue
            if self.delay:
                await asyncio.sleep(self.delay)
            writer.write(data)
            await writer.drain()
        raise ConnectionResetError("one side hung up")
