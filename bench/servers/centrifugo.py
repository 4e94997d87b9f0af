"""Centrifugo itself, as its module has it."""

from __future__ import annotations

import json

from bench.install import go_program
from bench.servers.centrifuge import Centrifuge
from unit.files import write_private
from unit.ports import LOOPBACK

PACKAGE = "github.com/centrifugal/centrifugo/v6"


class Centrifugo(Centrifuge):
    """``bench/peers/centrifugo`` pins it: the memory engine, its own NATS broker, and clients like Centrifuge's."""

    name = peer = "centrifugo"
    title = "Centrifugo"

    @classmethod
    def build(cls) -> None:
        """Build it. Raises Missing."""
        go_program(cls.peer, PACKAGE)

    def command(self) -> list[object]:
        """The program, with its configuration in the folder."""
        file = self.folder / "config.json"
        write_private(file, json.dumps(self.configuration()))
        return [go_program(self.peer, PACKAGE), "--config", file]

    def configuration(self) -> dict[str, object]:
        """Where it listens, who may subscribe, the broker, and no word to its makers. All else is as shipped."""
        # Raw: what stands on the subject is the payload, not Centrifugo's own envelope, so anybody can publish.
        raw = {"enabled": True, "prefix": "room."}
        return {
            "http_server": {"address": LOOPBACK, "port": self.port},
            "client": {"allow_anonymous_connect_without_token": True},
            "channel": {
                "without_namespace": {"allow_subscribe_for_client": True, "allow_subscribe_for_anonymous": True}
            },
            "broker": {"enabled": True, "type": "nats", "nats": {"url": self.nats.url, "raw_mode": raw}},
            "usage_stats": {"disabled": True},
        }
