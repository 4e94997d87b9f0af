"""Socket.IO, in Node and in Python, each with Redis as its documentation has it."""

from __future__ import annotations

from bench.install import node_of, python_of, redis_server
from bench.servers.peer import LibraryPeer


class SocketIo(LibraryPeer):
    """``bench/peers/socketio``: Node, ``@socket.io/redis-adapter``, events by ``@socket.io/redis-emitter``."""

    name = peer = "socketio"
    title = "Node Socket.IO + Redis adapter"
    path = "/socket.io/?EIO=4&transport=websocket&room={room}"
    words = (">40",)
    opening = {"ready": '40{"sid"', "ping": "2", "pong": "3"}  # noqa: RUF012

    @classmethod
    def build(cls) -> None:
        """Install it. Raises Missing."""
        node_of(cls.peer)
        redis_server()

    def start(self) -> None:
        """Redis, the server and the publisher."""
        redis = self.start_redis()
        node, modules = node_of(self.peer)
        environment = {"NODE_PATH": str(modules)}
        self.wait_for_port(self.run([node, self.home / "server.cjs", self.port, redis], environment))
        self.start_publisher([node, self.home / "publisher.cjs", redis], environment)


class PythonSocketIo(SocketIo):
    """``bench/peers/python-socketio``: uvicorn, AsyncRedisManager, events by a write-only manager."""

    name = peer = "python-socketio"
    title = "python-socketio + Redis, uvicorn"
    rests = False

    @classmethod
    def build(cls) -> None:
        """Install it. Raises Missing."""
        python_of(cls.peer)
        redis_server()

    def start(self) -> None:
        """Redis, the server and the publisher."""
        redis = self.start_redis()
        python = python_of(self.peer)
        flags = ["--app-dir", self.home, "--port", self.port, "--no-access-log", "--log-level", "warning"]
        self.wait_for_port(self.run([python, "-m", "uvicorn", "server:app", *flags], {"REDIS_URL": redis}))
        self.start_publisher([python, self.home / "publisher.py", redis])
