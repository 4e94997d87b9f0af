"""The settings of a unit, read from the environment once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from unit.ports import LOOPBACK
from unit.say import give_up
from unit.setup import ROOT


@dataclass(frozen=True)
class Environment:
    """Where this unit serves, where its data are, and which servers it joins instead of starting its own."""

    host: str = LOOPBACK
    port: int = 8000
    workers: int = 2
    data_dir: Path = ROOT / "var"
    database_url: str = ""
    nats_url: str = ""
    nats_host: str = LOOPBACK
    nats_port: int = 4222

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Take the settings from environment variables; an empty one counts as not set.

        Leaves with one line on nonsense.
        """
        return cls(
            host=variables.get("HOST") or cls.host,
            port=number(variables, "PORT", cls.port, 65535),
            workers=number(variables, "WORKERS", cls.workers, 512),
            data_dir=data_dir(variables),
            database_url=variables.get("DATABASE_URL", ""),
            nats_url=variables.get("NATS_URL", ""),
            nats_host=variables.get("NATS_HOST") or cls.nats_host,
            nats_port=number(variables, "NATS_PORT", cls.nats_port, 65535),
        )


def data_dir(variables: Mapping[str, str]) -> Path:
    """The folder of everything this unit keeps: DATA_DIR, or var/ in the checkout."""
    return Path(variables.get("DATA_DIR") or Environment.data_dir).absolute()


def number(variables: Mapping[str, str], name: str, default: int, most: int) -> int:
    """A setting that is a number from 1 to ``most``."""
    text = variables.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        give_up(f"{name} is {text!r}: set it to a number from 1 to {most}.")
    return int(text)
