"""A real bin/run with the real application, and the people who come in by its address."""

from __future__ import annotations

from pathlib import Path

from tests.site import Person, Site
from tests.unit import running
from unit.ports import LOOPBACK


class Unit(running.Unit):
    """Starts as a person starts it; everything it needs is its own, unless ``join`` names another unit."""

    visitor, signs_in, close = Site.visitor, Site.signs_in, Site.close

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(folder / name, folder / f"{name}.log")
        self.url = f"http://{LOOPBACK}:{self.port}"
        self.people: list[Person] = []

    def command(self, role: str) -> list[object]:
        return [running.ROOT / "bin" / "run"]

    @property
    def announced(self) -> dict[str, str]:
        """What its natter.env says to whoever wants to join."""
        lines = (self.data_dir / "natter.env").read_text().splitlines()
        return dict(line.split("=", 1) for line in lines)

    def joins(self, other: Unit, **variables: str) -> Unit:
        """Start as one more unit of ``other``'s site."""
        urls = {name: other.announced[name] for name in ("DATABASE_URL", "NATS_URL")}
        self.starts(**urls, **variables)
        return self
