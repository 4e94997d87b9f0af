"""Three nats-servers that are one: a cluster on loopback, used like a single server."""

from __future__ import annotations

import json
from pathlib import Path

from unit.files import write_private
from unit.ports import LOOPBACK, free_port
from unit.servers import Nats
from unit.servers.nats import CONFIGURATION

NODES = 3
MORE = """\
cluster {{ name: natter, listen: {host}:{port}, routes: [{routes}] }}
"""


class Node(Nats):
    """One of them. ``joins`` comes before the first start; the password of the first node is that of all."""

    def joins(self, name: str, route: int, routes: list[int], password: str) -> None:
        """Take a place in the cluster."""
        self._name, self._route, self._routes, self._password = name, route, routes, password

    def secret(self) -> str:
        return self._password

    def write_configuration(self) -> None:
        text = CONFIGURATION.replace("server_name: natter", f"server_name: {self._name}").format(
            host=self.host,
            port=self.port,
            store=json.dumps(str(self.data_dir / "nats")),
            password=json.dumps(self.secret()),
        )
        routes = ", ".join(f"nats://{LOOPBACK}:{port}" for port in self._routes)
        write_private(self.configuration, text + MORE.format(host=self.host, port=self._route, routes=routes))


class Cluster:
    """``nodes`` may be killed one by one; all else is as of one server."""

    name = "NATS"

    def __init__(self, folder: Path) -> None:
        self.nodes = [Node(folder / f"node-{number}") for number in range(NODES)]
        self.port = self.nodes[0].port
        routes = [free_port() for _ in self.nodes]
        for number, node in enumerate(self.nodes):
            node.joins(f"node-{number}", routes[number], routes, "cluster")

    @property
    def url(self) -> str:
        """The addresses of all of them."""
        return ",".join(node.url for node in self.nodes)

    def start(self) -> None:
        """Start all, and wait until each accepts connections."""
        for node in self.nodes:
            node.prepare()
            node.spawn()
        for node in self.nodes:
            node.start()

    def stop(self) -> None:
        """End all."""
        for node in self.nodes:
            node.stop()

    def is_alive(self) -> bool:
        """Nobody stops them with SIGSTOP, so nobody has to wake them."""
        return False
