"""What each worker starts and stops, in order: database, bus, hub, relay, jobs. ``python -m app.worker`` is one."""

import asyncio
import gc
import logging
import os
import secrets
import socket
import sys
from typing import Any

import asyncpg
import nats.errors
from sanic import Sanic

from app.actions import presence as stored_presence
from app.actions.epoch import new_epoch
from app.actions.signalling import signal_with
from app.board import Board
from app.config import Settings
from app.database import DATABASE_ERRORS, close_database, open_database
from app.health import Health
from app.jobs.housekeeping import tidy
from app.jobs.intake import Intake
from app.jobs.runner import Runner
from app.log.append import Appended
from app.log.consequences import tell_unread_after
from app.log.transaction import ring_with
from app.meter import Meter
from app.models import Site
from app.pulse import Pulse
from app.readings import Readings
from app.realtime import mailbox
from app.realtime.census import Census
from app.realtime.door import Door, Lobby
from app.realtime.effects import effects_on
from app.realtime.epoch import follow_epoch
from app.realtime.hub import Hub
from app.realtime.live import Live
from app.realtime.outgoing import Outgoing
from app.realtime.pace import Paces
from app.realtime.presence import Presence
from app.realtime.relay import Relay
from bus.canary import Canary
from bus.connection import Bus, without_password
from bus.encoding import encode, encode_ring
from bus.signals import Signal
from bus.subjects import Subjects

logger = logging.getLogger(__name__)

BEAT_SECONDS = 0.5
TICK_SECONDS = 0.5
FAREWELL_SECONDS = 3.0
COMMANDS_SECONDS = 5.0
YOUNG_OBJECTS = 10_000
TIDY_SECONDS = 60.0


def _spare_the_collector() -> None:
    """Never again look through what was imported: a full collection stopped the worker for 40 to 120 ms.

    What is young is looked through after so many objects, or when the worker tidies up.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG_OBJECTS, 10, 10)


class Worker:
    """The parts of one worker process. ``start`` and ``stop`` are Sanic's listeners."""

    def __init__(self, app: Sanic[Any, Any], settings: Settings) -> None:
        self.settings = settings
        self.name = app.ctx.worker_name = secrets.token_hex(6)
        self.subjects = Subjects(settings.subject_prefix)
        self.board = app.ctx.board = Board(settings.unit_board, settings.workers, settings.worker)
        self.meter = app.ctx.meter = Meter(settings, self.board)
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False

    async def start(self, app: Sanic[Any, Any]) -> None:
        """Open everything; the first request is served after this."""
        await open_database(self.settings)
        self.pulse = app.ctx.pulse = Pulse(self.settings)
        await self.pulse.start()
        epoch = await Site.once("epoch", new_epoch())
        app.ctx.site_secret = bytes.fromhex(await Site.once("secret", secrets.token_hex(32)))
        self.bus, self.hub = Bus(), Hub()
        await self.bus.connect(self.settings.nats_url, f"natter {self.name}", self._bus_closed)
        self.canary = Canary(self.bus, self.subjects, self.name)
        self.relay = Relay(self.hub, self.bus, self.subjects, self.canary)
        self.census = Census(self.bus, self.subjects, self.name)
        self.presence = Presence(
            self.hub,
            self.bus,
            self.subjects,
            self.canary,
            worker=self.name,
            replicas=self.settings.nats_replicas,
            seconds=self.settings.presence_seconds,
            write_seen=stored_presence.seen,
            clock=self.pulse.now,
        )
        outgoing = Outgoing(self.settings.socket_buffer_bytes, self.settings.outgoing_bytes)
        self.live = app.ctx.live = Live(
            self.settings, self.hub, self.relay, self.census, self.presence, epoch, Paces(self.settings), outgoing
        )
        self.lobby = app.ctx.lobby = Lobby(self.pulse)
        self.relay.effects = effects_on(self.live)
        self.runner, self.intake = Runner(), Intake(self.bus, self.subjects, self.settings.nats_replicas)
        self.health = app.ctx.health = Health(
            self.board, self.pulse, self.canary, self.bus, self.subjects, lambda: self.hub.draining
        )
        self.meter.read = Readings(self.meter, self.live, self.canary, self.health)
        tell_unread_after(self.settings.unread_seconds)
        ring_with(self._ring)
        signal_with(self._signal)
        await self.canary.start()
        await self.census.start()
        await self.presence.start()
        await self.bus.listen(self.subjects.jobs, self._jobs_rang)
        self.runner.start()
        self.intake.start()
        looks = (self.health.look_at_jobs, self.health.look_at_intake, self.meter.keep_up)
        for work in (self.relay.keep_up, self._follow_epoch, self._tick, self._beat, self._tidy, *looks):
            self._tasks.append(asyncio.create_task(work(), name=work.__name__))
        _spare_the_collector()
        logger.info("worker %s is on %s", self.name, without_password(self.settings.nats_url))

    async def let_go(self, app: Sanic[Any, Any]) -> None:
        """Take no more sockets, send those there are elsewhere, and finish what they asked for."""
        self.board.write(ready=False)
        # Each answer is the last one over its connection; one that was kept would hold the end up for its whole grace.
        app.config.KEEP_ALIVE = False
        self.hub.drain()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + FAREWELL_SECONDS
        while self.hub.connections and loop.time() < deadline:  # noqa: ASYNC110 - once, at the end of the process
            await asyncio.sleep(0.05)
        try:
            await asyncio.wait_for(mailbox.finished(), COMMANDS_SECONDS)
        except TimeoutError:
            logger.warning("worker: some commands were not finished; their browsers send them again")

    async def stop(self, app: Sanic[Any, Any]) -> None:
        """Close everything, in reverse."""
        self._stopping = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.intake.stop()
        await self.runner.stop()
        await self.presence.stop()
        self.census.stop()
        self.canary.stop()
        await self.bus.close()
        self.pulse.stop()
        await close_database()

    def _bus_closed(self) -> None:
        # nats-py gives up only when it can never come back: whoever supervises us starts a fresh worker.
        if not self._stopping:
            os._exit(70)

    def _ring(self, appended: list[Appended], jobs_due: bool) -> None:
        self.meter.rows_logged += len(appended)
        for entry in appended:
            subject = self.subjects.event(entry.topic, entry.name)
            self.bus.publish(subject, encode_ring(entry.seq, entry.body))
        if jobs_due:
            self.runner.ring()

    def _signal(self, signal: Signal) -> None:
        self.bus.publish(self.subjects.signal(signal.topic, signal.name), encode(signal))

    def _jobs_rang(self, subject: bytes, payload: bytes) -> None:
        self.runner.ring()

    async def _follow_epoch(self) -> None:
        await follow_epoch(self.live)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self.hub.tick()
            self.lobby.tick()

    async def _beat(self) -> None:
        while True:
            self.board.write(ready=self.health.serves)
            await asyncio.sleep(BEAT_SECONDS)

    async def _tidy(self) -> None:
        while True:
            await asyncio.sleep(TIDY_SECONDS * (0.5 + secrets.randbelow(100) / 100))
            # An idle worker makes few objects, and would keep what five minutes of asking NATS in vain leave behind.
            gc.collect(0)
            try:
                while await tidy(self.settings):  # noqa: ASYNC110 - a pause between batches
                    await asyncio.sleep(0.1)
            except DATABASE_ERRORS as error:
                logger.warning("housekeeping: the database does not answer: %s", type(error).__name__)


def listening_socket(host: str, port: int) -> socket.socket:
    """The worker's own socket on the unit's port (SO_REUSEPORT): it vanishes with the worker, so no port hangs."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    listening.bind((host, port))
    listening.setblocking(False)
    return listening


def main() -> None:
    """Serve until SIGTERM; exit with one line when something needed cannot be reached."""
    from app.main import create_app  # here, because the application is made of this module too

    settings = Settings.from_environment()
    app = create_app(settings)
    app.prepare(
        sock=listening_socket(settings.host, settings.port),
        protocol=Door,
        single_process=True,
        access_log=False,
        backlog=1024,
    )
    try:
        Sanic.serve_single(primary=app)
    except (OSError, nats.errors.Error, asyncpg.PostgresError) as error:
        sys.exit(f"The worker cannot start ({type(error).__name__}: {error}).")


if __name__ == "__main__":
    main()
