"""server.py PORT: a socket at /ROOM hears what is published on NATS as room.ROOM, and its room's typing."""

import json
import os
import sys
from collections import defaultdict

import nats
from nats.aio.msg import Msg
from sanic import Request, Sanic, Websocket

app = Sanic("plain")
rooms: dict[str, set[Websocket]] = defaultdict(set)


@app.before_server_start
async def connect(app: Sanic) -> None:
    """Listen to every room."""
    bus = await nats.connect(os.environ["NATS_URL"])

    async def heard(message: Msg) -> None:
        text = message.data.decode()
        for socket in tuple(rooms[message.subject.partition(".")[2]]):
            await socket.send(text)

    await bus.subscribe("room.*", cb=heard)


@app.websocket("/<room>")
async def serve(request: Request, socket: Websocket, room: str) -> None:
    """One socket."""
    rooms[room].add(socket)
    await socket.send("ready")
    try:
        async for text in socket:
            said = json.loads(text)
            event = {"type": "typing", "is_typing": bool(said["is_typing"]), "username": "john", "user_id": 1}
            frame = json.dumps(event, separators=(",", ":"))
            for other in tuple(rooms[room]):
                if other is not socket:
                    await other.send(frame)
    finally:
        rooms[room].discard(socket)


if __name__ == "__main__":
    app.run("127.0.0.1", int(sys.argv[1]), single_process=True, access_log=False, motd=False, backlog=4096)
