"""python -m peer.publisher PORT: takes lines "ROOM JSON" and sends them to the group of the room, from outside."""

import asyncio
import sys

import django
from channels.layers import get_channel_layer

django.setup()


async def main(port: int) -> None:
    """Serve for ever."""
    layer = get_channel_layer()

    async def publish(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async for line in reader:
            room, _, text = line.decode().rstrip("\n").partition(" ")
            await layer.group_send(room, {"type": "told", "text": text})

    server = await asyncio.start_server(publish, "127.0.0.1", port)
    await server.serve_forever()


asyncio.run(main(int(sys.argv[1])))
