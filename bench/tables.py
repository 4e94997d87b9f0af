"""Which works there are, and which servers do them."""

from __future__ import annotations

from functools import partial

from bench.servers.centrifuge import Centrifuge
from bench.servers.centrifugo import Centrifugo
from bench.servers.channels import Channels, ChannelsPubSub
from bench.servers.floor import Floor
from bench.servers.natter import FourWorkers, Natter, TwoWorkers
from bench.servers.sanic import PlainSanic
from bench.servers.server import Server
from bench.servers.socketio import PythonSocketIo, SocketIo
from bench.servers.ws import Ws
from bench.works.bounded import big_conversation, loud_publisher, many_topics, slow_readers
from bench.works.chat import chat
from bench.works.cold import cold_page
from bench.works.fan_out import ONE_AT_A_TIME, PACES, fan_out
from bench.works.notifications import notifications
from bench.works.pages import pages
from bench.works.scale import workers
from bench.works.sockets import handshakes, idle
from bench.works.typing import typing
from bench.works.work import Work

KINDS: tuple[type[Server], ...] = (
    *(Natter, Floor, PlainSanic, Ws, SocketIo),
    *(Centrifuge, Centrifugo, PythonSocketIo, ChannelsPubSub, Channels),
)
EVERYBODY = tuple(server.name for server in KINDS)
PEERS = tuple(name for name in EVERYBODY if name != "floor")
WORKERS: tuple[type[Server], ...] = (TwoWorkers, FourWorkers)
SERVERS = {server.name: server for server in (*KINDS, *WORKERS)}
STORING = ("natter", "channels-pubsub", "channels")
QUICK_SERVERS = ("natter", "floor", "channels", "ws")
QUICK_WORKS = ("fan-out-1000", "notifications", "chat-64", "idle", "handshakes")

DELIVERY = ("server_us", "broker_us", "per_second", "p50_us", "p99_us", "max_us", "share", "busy", "load", "ceiling")
MESSAGE = ("server_us", "broker_us", "database_us", *DELIVERY[2:])
PAGES = ("per_second", "server_us", "database_us", "p50_us", "p99_us", "bytes", "queries")
BOUNDED = ("per_second", "p50_us", "p99_us", "max_us", "grown_mb", "stays_mb", "busy", "lost")

WORKS = {
    "fan-out-100": Work(
        "One conversation, 100 listeners", partial(fan_out, listeners=100, paces=ONE_AT_A_TIME), EVERYBODY, DELIVERY
    ),
    "fan-out-1000": Work(
        "One conversation, 1,000 listeners", partial(fan_out, listeners=1000, paces=PACES), EVERYBODY, DELIVERY
    ),
    "fan-out-5000": Work(
        "One conversation, 5,000 listeners", partial(fan_out, listeners=5000, paces=ONE_AT_A_TIME), EVERYBODY, DELIVERY
    ),
    "notifications": Work("5,000 users, each with a topic of their own", notifications, PEERS, DELIVERY),
    # Not in turns: what follows from a message some seconds later has to count with who stored it.
    "chat-64": Work(
        *("Chat messages, 64 senders in 64 conversations", partial(chat, conversations=64), STORING, MESSAGE),
        in_turns=False,
    ),
    "chat-1": Work(
        *("Chat messages, 64 senders in one", partial(chat, conversations=1), STORING, MESSAGE), in_turns=False
    ),
    "typing": Work(
        "Typing signals from 1,000 sockets", typing, ("natter", "sanic", "ws", "channels-pubsub", "channels"), MESSAGE
    ),
    "idle": Work("5,000 idle sockets", idle, PEERS, ("socket_bytes", "busy")),
    "handshakes": Work("Handshakes", handshakes, PEERS, ("per_second", "server_us", "database_us", "p99_us")),
    "pages": Work("Pages, warm", pages, ("natter", "channels"), PAGES),
    "workers": Work(
        "More workers, 1,000 listeners on each",
        workers,
        ("natter", "natter-2", "natter-4"),
        ("server_us", "per_second", "p99_us", "bystander_busy", "bystander_at_rest"),
        in_turns=False,
    ),
    "cold-page": Work(
        "The feed, cold, in Chromium", cold_page, ("natter",), ("kilobytes", "requests", "paint_ms", "loaded_ms")
    ),
    "slow-readers": Work("5,000 slow readers", slow_readers, ("natter",), (*BOUNDED, "cut_off")),
    "loud-publisher": Work("A publisher of 1 MB/s", loud_publisher, ("natter",), (*BOUNDED, "loud_bytes")),
    "many-topics": Work("10,000 topics", many_topics, ("natter",), (*BOUNDED, "socket_bytes")),
    "big-conversation": Work("10,000 in one conversation", big_conversation, ("natter",), (*BOUNDED, "socket_bytes")),
}
