"""Three nodes of NATS on this machine with deploy/nats.conf as it is: only addresses and folders are of the test."""

from __future__ import annotations

import json
import os
import signal
import time
import urllib.error
import urllib.request
from pathlib import Path

import nats
from nats.aio.client import Client

from tests.site import ROOT, until
from unit.ports import LOOPBACK, free_port
from unit.process import Process, end, kill, spawn
from unit.servers.nats import program

NODES = 3
# To each of the others: three for the accounts, one for the system.
ROUTES = 4
START_SECONDS = 30
PASSWORDS = {"natter": "app3", "operator": "op3", "system": "sys3"}
ROUTE_PASSWORD = "route3"
CONFIGURATION = ROOT / "deploy/nats.conf"


class Cluster:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.ports = [free_port() for _ in range(NODES)]
        self.health_ports = [free_port() for _ in range(NODES)]
        self.route_ports = [free_port() for _ in range(NODES)]
        self.processes: list[Process] = []

    @property
    def environment(self) -> dict[str, str]:
        """What the configuration wants to know."""
        passwords = {
            "NATS_PASSWORD": PASSWORDS["natter"],
            "NATS_OPERATOR_PASSWORD": PASSWORDS["operator"],
            "NATS_SYSTEM_PASSWORD": PASSWORDS["system"],
            "NATS_ROUTE_PASSWORD": ROUTE_PASSWORD,
        }
        routes = [f"nats-route://route:{ROUTE_PASSWORD}@{LOOPBACK}:{port}" for port in self.route_ports]
        return passwords | {f"NATS_ROUTE_{number}": route for number, route in enumerate(routes, 1)}

    def start(self) -> None:
        for number in range(NODES):
            with (self.folder / f"nats-{number + 1}.log").open("wb") as log:
                command = [program(), "--config", CONFIGURATION, *self.options(number)]
                self.processes.append(spawn(command, env={"PATH": os.defpath} | self.environment, log=log))
        deadline = time.monotonic() + START_SECONDS
        while not all(self.is_well(number) and self.has_all_routes(number) for number in range(NODES)):
            assert time.monotonic() < deadline, (self.folder / "nats-1.log").read_text()
            time.sleep(0.05)

    def options(self, number: int) -> list[str]:
        return [
            *("--name", f"nats-{number + 1}", "--store_dir", str(self.folder / f"data-{number + 1}")),
            *("--addr", LOOPBACK, "--port", str(self.ports[number]), "--http_port", str(self.health_ports[number])),
            *("--cluster", f"nats://{LOOPBACK}:{self.route_ports[number]}"),
        ]

    def is_well(self, number: int) -> bool:
        """As the health check of docker-compose.yml asks."""
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{self.health_ports[number]}/healthz", timeout=1) as answer:
                return bool(answer.status == 200)
        except (OSError, urllib.error.URLError):
            return False

    def has_all_routes(self, number: int) -> bool:
        """A node is well before that, and until then even what is published to it for its own clients may be lost."""
        with urllib.request.urlopen(f"http://{LOOPBACK}:{self.health_ports[number]}/routez", timeout=1) as answer:
            return bool(json.load(answer)["num_routes"] == (NODES - 1) * ROUTES)

    def loses(self, number: int) -> None:
        kill(self.processes[number])

    def stop(self) -> None:
        for process in self.processes:
            end(process, signal.SIGTERM, 5)

    def url(self, user: str = "", password: str = "") -> str:
        """All nodes, as NATS_URL has them."""
        login = f"{user}:{password or PASSWORDS[user]}@" if user else ""
        return ",".join(f"nats://{login}{LOOPBACK}:{port}" for port in self.ports)

    async def connects(self, user: str = "", password: str = "", **options: object) -> Someone:
        someone = Someone()

        async def note(error: Exception) -> None:
            someone.refusals.append(str(error).lower())

        # All at the same node, the first that is there: another hears a little later who listens here.
        given = {"error_cb": note, "allow_reconnect": False, "dont_randomize": True} | options
        someone.client = await nats.connect(self.url(user, password).split(","), **given)
        return someone


class Someone:
    """Whoever is connected to the cluster, and what they were refused."""

    client: Client

    def __init__(self) -> None:
        self.refusals: list[str] = []

    async def is_refused(self, what: str, subject: str) -> None:
        """Wait for the complaint of NATS about this, and nothing else."""
        await self.client.flush()

        async def complaint() -> list[str]:
            return self.refusals

        [refusal] = await until(complaint)
        assert f'permissions violation for {what} to "{subject.lower()}"' in refusal
