"""Which works there are, and which servers do them."""

from __future__ import annotations

from functools import partial

from bench.servers.floor import Floor
from bench.servers.natter import Natter
from bench.servers.server import Server
from bench.works.fan_out import ONE_AT_A_TIME, PACES, fan_out
from bench.works.work import Work

SERVERS: dict[str, type[Server]] = {server.name: server for server in (Natter, Floor)}
PUSHERS = ("natter", "floor")

DELIVERY = ("server_us", "broker_us", "per_second", "p50_us", "p99_us", "max_us", "busy", "load")

WORKS = {
    "fan-out-100": Work(
        "One conversation, 100 listeners", partial(fan_out, listeners=100, paces=ONE_AT_A_TIME), PUSHERS, DELIVERY
    ),
    "fan-out-1000": Work(
        "One conversation, 1,000 listeners", partial(fan_out, listeners=1000, paces=PACES), PUSHERS, DELIVERY
    ),
    "fan-out-5000": Work(
        "One conversation, 5,000 listeners", partial(fan_out, listeners=5000, paces=ONE_AT_A_TIME), PUSHERS, DELIVERY
    ),
}
