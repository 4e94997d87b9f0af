"""A new epoch: the log is another one now, so every open page fetches itself anew."""

import asyncio
import logging

from app.database import DATABASE_ERRORS
from app.models import Site
from app.realtime import frames
from app.realtime.connection import Connection
from app.realtime.live import Live
from app.realtime.websocket import frame

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.5


async def follow_epoch(live: Live) -> None:
    """Look at the site's epoch for ever, and take up a new one. Runs as a task of the worker."""
    while True:
        try:
            epoch = await Site.current("epoch")
            if epoch and epoch != live.epoch:
                await take_up(live, epoch)
        except DATABASE_ERRORS as error:
            logger.warning("epoch: the database does not answer: %s", type(error).__name__)
        await asyncio.sleep(LOOK_SECONDS)


async def take_up(live: Live, epoch: str) -> None:
    """Believe no cursor from before, the relay's own positions included. Raises the database's errors.

    After the log was read, everything changes in one turn of the loop: no page can come in between.
    """
    begin_anew = await live.relay.read_anew()
    begin_anew()
    live.epoch = epoch
    logger.warning("epoch: renewed, %d pages fetch themselves anew", len(live.hub.connections))
    everybody = tuple(live.hub.connections)
    # To all first: the end of one connection is the end of all on its stream.
    for connection in everybody:
        if isinstance(connection, Connection):
            connection.send(frame(frames.build("reset")))
    for connection in everybody:
        connection.close(1000, "reset")
