"""Which works there are, and which servers do them."""

from __future__ import annotations

from functools import partial

from bench.servers.floor import Floor
from bench.servers.natter import Natter
from bench.servers.server import Server
from bench.works.chat import chat
from bench.works.fan_out import ONE_AT_A_TIME, PACES, fan_out
from bench.works.notifications import notifications
from bench.works.sockets import handshakes, idle
from bench.works.typing import typing
from bench.works.work import Work

SERVERS: dict[str, type[Server]] = {server.name: server for server in (Natter, Floor)}
PUSHERS = ("natter", "floor")

DELIVERY = ("server_us", "broker_us", "per_second", "p50_us", "p99_us", "max_us", "busy", "load")

MESSAGE = ("server_us", "broker_us", "database_us", *DELIVERY[2:])

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
    "notifications": Work("5,000 users, each with a topic", notifications, ("natter",), DELIVERY),
    "chat-64": Work(
        "Chat messages, 64 senders in 64 conversations", partial(chat, conversations=64), ("natter",), MESSAGE
    ),
    "chat-1": Work(
        "Chat messages, 64 senders in one conversation", partial(chat, conversations=1), ("natter",), MESSAGE
    ),
    "typing": Work("Typing signals from 1,000 sockets", typing, ("natter",), MESSAGE),
    "idle": Work("5,000 idle sockets", idle, ("natter",), ("socket_bytes", "busy")),
    "handshakes": Work("Handshakes", handshakes, ("natter",), ("per_second", "server_us", "database_us", "p99_us")),
}
