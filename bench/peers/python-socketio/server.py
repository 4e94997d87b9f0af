"""python-socketio on uvicorn: a socket that connects with ?room=ROOM hears that room."""

import os
from typing import Any
from urllib.parse import parse_qs

import socketio

server = socketio.AsyncServer(
    async_mode="asgi",
    client_manager=socketio.AsyncRedisManager(os.environ["REDIS_URL"]),
    transports=["websocket"],
)


@server.event
async def connect(sid: str, environ: dict[str, Any]) -> None:
    """Join the room before the connection is confirmed."""
    await server.enter_room(sid, parse_qs(environ["QUERY_STRING"])["room"][0])


app = socketio.ASGIApp(server)
