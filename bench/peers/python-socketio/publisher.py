"""publisher.py REDIS_URL PORT: takes lines "ROOM JSON" and emits them from outside, by a write-only manager."""

import asyncio
import json
import sys

import socketio


async def main(url: str, port: int) -> None:
    """Serve for ever."""
    manager = socketio.AsyncRedisManager(url, write_only=True)

    async def publish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for line in reader:
            room, _, text = line.decode().partition(" ")
            await manager.emit("message", json.loads(text), room=room)

    server = await asyncio.start_server(publish, "127.0.0.1", port)
    await server.serve_forever()


asyncio.run(main(sys.argv[1], int(sys.argv[2])))
