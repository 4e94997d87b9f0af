"""A browser's socket as a test holds it: every frame that came, in order, and the worker at the other end."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any, ClassVar
from urllib.parse import urlencode

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tests.site import DEADLINE, Person

TRIES = 64

Frame = dict[str, Any]
Hears = Callable[[Frame], None]


def ignore(frame: Frame) -> None:
    """For who looks at the frames later."""


class Socket:
    """``frames`` are all that came; ``sees`` takes each of them once."""

    living: ClassVar[set[Socket]] = set()

    def __init__(self, person: Person, line: ClientConnection, hears: Hears) -> None:
        self.person, self.line = person, line
        self._hears = hears
        self.living.add(self)
        self.worker: str = line.response.headers["x-natter-worker"]
        self.frames: list[Frame] = []
        self._unseen: list[Frame] = []
        self._more = asyncio.Event()
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def opens(cls, person: Person, path: str, url: str = "", hears: Hears = ignore, **cursor: object) -> Socket:
        """Open ``path`` with the person's cookies and wait until it is live (or told to refetch).

        ``hears`` gets each frame as it comes.
        """
        url = url or person.site.url
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in person.http.cookies.jar)
        line = await connect(
            f"{url.replace('http', 'ws', 1)}{path}?{urlencode(cursor)}",
            origin=url,
            additional_headers={"cookie": cookies},
            compression=None,
            ping_interval=None,
            proxy=None,
            open_timeout=DEADLINE,
        )
        socket = cls(person, line, hears)
        await socket.sees_one_of("caught_up", "reset")
        return socket

    async def says(self, kind: str, **fields: object) -> None:
        await self.line.send(json.dumps({"type": kind} | fields))

    async def sees(self, kind: str, **fields: object) -> Frame:
        """The first frame of this kind with these fields that was not seen yet."""
        wanted = {"type": kind} | fields
        return await self._find(lambda frame: wanted.items() <= frame.items(), wanted)

    async def sees_one_of(self, *kinds: str) -> Frame:
        return await self._find(lambda frame: frame["type"] in kinds, kinds)

    async def ends(self, seconds: float = DEADLINE) -> int:
        """Wait until the other side has closed, and give the code."""
        async with asyncio.timeout(seconds):
            await self.line.wait_closed()
        return self.line.close_code

    async def leaves(self) -> None:
        await self.line.close()
        await self._reader

    async def breaks(self) -> None:
        """Go away without a word, as when a cable is pulled."""
        self.line.transport.abort()
        await self._reader

    @property
    def is_open(self) -> bool:
        """Whether more may come; what came before the end is handed out first."""
        return not self._reader.done()

    async def _find(self, fits: Any, wanted: object) -> Frame:
        try:
            async with asyncio.timeout(DEADLINE):
                while True:
                    for index, frame in enumerate(self._unseen):
                        if fits(frame):
                            return self._unseen.pop(index)
                    assert self.is_open, f"closed with {self.line.close_code}, and no {wanted} among {self.frames}"
                    self._more.clear()
                    await self._more.wait()
        except TimeoutError:
            raise AssertionError(f"no {wanted} within {DEADLINE} s among {self._unseen}") from None

    async def _read(self) -> None:
        try:
            async for text in self.line:
                frame = json.loads(text)
                self._hears(frame)
                self.frames.append(frame)
                self._unseen.append(frame)
                self._more.set()
        except ConnectionClosed:
            pass
        finally:
            self.living.discard(self)
            self._more.set()


async def on_two_workers(person: Person, path: str, *urls: str) -> tuple[Socket, Socket]:
    """Two sockets of one person at two different workers; the first and the last of ``urls`` are tried.

    Which worker of a unit takes a connection is the kernel's choice, so ask until it is another one.
    """
    first = await Socket.opens(person, path, urls[0])
    for _ in range(TRIES):
        second = await Socket.opens(person, path, urls[-1])
        if second.worker != first.worker:
            return first, second
        await second.leaves()
    raise AssertionError(f"{TRIES} sockets in a row came to the same worker")
