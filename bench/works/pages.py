"""Pages as a browser asks for them, warm: the feed, a chat with 50 messages, the notifications."""

from __future__ import annotations

from bench.load import Load
from bench.machine import Spent
from bench.servers.server import Server
from bench.works.work import Rounds, Scale

READERS = 8
# A backend of PostgreSQL that falls silent tells what it has done after at most ten seconds.
TOLD_SECONDS = 11


def pages(server: Server, scale: Scale) -> Rounds:
    """Every page in turn, eight readers at a time; then how many transactions of the database one page takes."""
    paths, headers = server.pages()
    with Load() as load:

        def ask(path: str, seconds: float, readers: int = READERS) -> dict[str, float]:
            return load.command("get", port=server.port, path=path, headers=headers, readers=readers, seconds=seconds)

        for name, path in paths.items():
            ask(path, 1)
            for _ in range(scale.repeats):
                with Spent(server.pids) as spent:
                    reply = ask(path, scale.seconds)
                yield (
                    name,
                    {
                        "per_second": reply["pages"] / reply["seconds"],
                        "server_us": spent.seconds["server"] * 1e6 / reply["pages"],
                        "database_us": spent.seconds.get("database", 0.0) * 1e6 / reply["pages"],
                        "p50_us": reply["p50_us"],
                        "p99_us": reply["p99_us"],
                        "bytes": reply["bytes"] / reply["pages"],
                        "load": reply["load_cpu"] / reply["seconds"],
                    },
                )
        if scale.quick:
            return
        load.command("rest", seconds=TOLD_SECONDS)
        before = server.transactions()
        load.command("rest", seconds=TOLD_SECONDS)
        at_rest = server.transactions() - before
        for name, path in paths.items():
            before = server.transactions()
            asked = ask(path, 2, readers=1)["pages"]
            load.command("rest", seconds=TOLD_SECONDS)
            yield f"{name}: queries", {"queries": max(0.0, server.transactions() - before - at_rest) / asked}
