"""A browser's page on an event stream, held by a test as it holds a socket: it knows its place and commands by HTTP."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from app.realtime.commands import STANDING_TYPES
from tests.live.sockets import Hears, Socket, ignore
from tests.site import DEADLINE, Person
from tests.streams import Stream, query


class StreamedSocket(Socket):
    """One topic of a stream in place of a socket: the same frames, in the same words."""

    def __init__(self, person: Person, path: str, url: str, hears: Hears, cursor: dict[str, Any]) -> None:
        self.person, self._hears, self._url = person, hears, url
        kind, self.conversation = [*path.strip("/").split("/"), ""][1:3]
        place = (self.conversation, cursor.get("after")) if self.conversation else cursor.get("after")
        self._places: dict[str, Any] = {kind: place} | ({"epoch": cursor["epoch"]} if "epoch" in cursor else {})
        self.topic = f"conversation.{self.conversation}" if self.conversation else f"user.{person.id}"
        self.code = 0
        self.frames, self._unseen = [], []
        self._more = asyncio.Event()
        self._turn = asyncio.Lock()
        self.living.add(self)

    @classmethod
    async def opens(
        cls, person: Person, path: str, url: str = "", hears: Hears = ignore, **cursor: object
    ) -> StreamedSocket:
        socket = cls(person, path, url or person.site.url, hears, cursor)
        await socket._connects()
        await socket.sees_one_of("caught_up", "reset")
        return socket

    async def says(self, kind: str, **fields: object) -> None:
        if kind in STANDING_TYPES:
            async with self._turn:
                self._places[kind] = fields
                await self._hangs_up()
                await self._connects(self.stream.last_id)
            return
        names = {"conversation_id": self.conversation} if self.conversation else {}
        answer = await self.person.commands(kind, **fields, **names)
        if answer.status_code == 200:
            self._take(answer.json() | {"topic": self.topic})
        elif answer.status_code != 204:
            error = answer.json()["error"]
            self._take({"type": "error", "code": error["code"], "command": kind, "topic": self.topic})

    async def ends(self, seconds: float = DEADLINE) -> int:
        async with asyncio.timeout(seconds):
            await self._reader
        return self.code

    async def leaves(self) -> None:
        await self.breaks()

    async def breaks(self) -> None:
        async with self._turn:
            await self._hangs_up()
            self.living.discard(self)

    @property
    def is_open(self) -> bool:
        return not self._reader.done()

    async def _connects(self, last_id: str = "") -> None:
        headers = self.person.stream_headers() | ({"Last-Event-ID": last_id} if last_id else {})
        self.stream = await Stream(f"{self._url}/sse/?{query(**self._places)}", headers).__aenter__()
        self.stream.ids.append(last_id)
        self.worker = self.stream.headers["x-natter-worker"]
        self._reader = asyncio.create_task(self._read())

    async def _hangs_up(self) -> None:
        self._reader.cancel()
        await asyncio.wait([self._reader])
        self.stream.breaks()

    async def _read(self) -> None:
        try:
            while True:
                event_id, data = await self.stream.event()
                self.stream.ids.append(event_id)
                frame = json.loads(data)
                if frame["type"] == "closed":
                    self.code = frame["code"]
                else:
                    self._take(frame)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._more.set()

    def _take(self, frame: dict[str, Any]) -> None:
        assert frame["topic"] == self.topic, frame
        if frame["type"] != "hello":
            # What stands in a socket's frame and no more.
            del frame["topic"]
        self._hears(frame)
        self.frames.append(frame)
        self._unseen.append(frame)
        self._more.set()
