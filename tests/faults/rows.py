"""The table: every fault there is, under the name by which bin/faults knows it."""

from __future__ import annotations

from dataclasses import replace

from tests.faults import commands, intake, jobs, outages, peers, storms
from tests.faults.cluster import Cluster
from tests.faults.stage import Row

ROWS: dict[str, Row] = {
    "nats-killed": Row("nats-server: kill -9", outages.nats_killed),
    "nats-stopped": Row("nats-server: SIGSTOP", outages.nats_stopped),
    "nats-black-hole": Row("the way to NATS: black hole without RST", outages.nats_in_a_black_hole, {"proxied": True}),
    "unit-killed": Row("one unit: kill -9", outages.unit_killed),
    "unit-terminated": Row("one unit: SIGTERM", outages.unit_terminated),
    "all-units-killed": Row("all units: kill -9", outages.all_units_killed),
    "worker-killed": Row("a unit's worker: kill -9", outages.worker_killed),
    "postgres-killed": Row("PostgreSQL: kill -9, back after 3 s", outages.postgres_killed),
    "three-at-once": Row("NATS, a unit and PostgreSQL at once", outages.three_at_once),
    "stream-wiped": Row("NATS data folder wiped", intake.stream_wiped, rate=0.1),
    "stream-full": Row("intake stream full", intake.stream_full, rate=0.1),
    "node-lost": Row("one NATS node of three: kill -9", intake.node_lost, {"nats": Cluster, "nats_replicas": "3"}),
    "operators": Row("operators publish while workers are killed", intake.while_workers_restart, rate=0.1),
    "die-in-jobs": Row(
        "workers die in jobs, before and after the commit", jobs.die_in_jobs, {"natter_control": "die-in-jobs"}, rate=0
    ),
    "deaf-and-slow-peers": Row(
        "peers that never read, and 50 that read 1 KB/s", peers.deaf_and_slow, peers.SETTINGS, text=peers.LONG_TEXT
    ),
    "half-open-peers": Row("half-open peers, some with full buffers", peers.half_open, peers.SETTINGS),
    "fifty-and-away": Row("50 commands and an immediate close", commands.fifty_and_away, rate=0),
    "in-mid-command": Row("disconnected in mid-command 1,000 times", commands.in_mid_command, rate=0.1),
    "same-client-id": Row("one client_id 50 times in parallel, over all workers", commands.same_client_id, rate=0.1),
    "reconnect-storm": Row("all sockets cut at once", storms.reconnect_storm),
    "joins-raced": Row("joining raced with publishing, 10,000 times", storms.joins_raced_with_messages, sockets=0.2),
    "shaken-bus": Row(
        "the bus drops, holds back and repeats 5 % each", storms.shaken_bus, {"natter_control": "shaken-bus"}
    ),
    "comes-and-goes": Row("connect and disconnect 20,000 times", storms.comes_and_goes, rate=0, sockets=0.1),
    "idle": Row("1,000 idle sockets for 10 minutes", storms.idle, rate=0),
}


def streamed(row: Row, share: float = 1.0) -> Row:
    """The same fault where ``share`` of the pages have an event stream in place of a socket."""
    return replace(row, title=row.title + (", half" if share < 1 else ",") + " over event streams", streamed=share)


OVER_STREAMS = (
    "nats-killed",
    "unit-killed",
    "unit-terminated",
    "postgres-killed",
    "three-at-once",
    "reconnect-storm",
    "shaken-bus",
)
ROWS |= {f"streamed-{name}": streamed(ROWS[name]) for name in OVER_STREAMS}
ROWS["half-streamed-unit-killed"] = streamed(ROWS["unit-killed"], 0.5)

# Each of these spoils the workers in one way. The oracle must find violations, or it proves nothing.
CONTROLS: dict[str, Row] = {
    "publish-only": Row(
        "control: publish after the commit, no log, no cursor",
        outages.nats_killed,
        {"natter_control": "publish-only"},
        settles=8,
    ),
    "await-send": Row(
        "control: await every send in the bus callback",
        peers.never_read,
        {"natter_control": "await-send", "socket_buffer_bytes": "65536"},
        text=peers.LONG_TEXT,
        settles=8,
    ),
}
CONTROLS["streamed-publish-only"] = streamed(CONTROLS["publish-only"])
