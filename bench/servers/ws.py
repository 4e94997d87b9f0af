"""Node's ``ws`` with Redis: the shortest program that does the work."""

from __future__ import annotations

from bench.install import node_of, redis_server
from bench.servers.peer import RedisPeer


class Ws(RedisPeer):
    """``bench/peers/ws/server.cjs``."""

    name = peer = "ws"
    title = "Node `ws` + Redis"
    opening = {"ready": "ready"}  # noqa: RUF012

    @classmethod
    def build(cls) -> None:
        """Install it. Raises Missing."""
        node_of(cls.peer)
        redis_server()

    def start(self) -> None:
        """Redis, and the program."""
        redis = self.start_redis()
        node, modules = node_of(self.peer)
        self.wait_for_port(self.run([node, self.home / "server.cjs", self.port, redis], {"NODE_PATH": str(modules)}))
