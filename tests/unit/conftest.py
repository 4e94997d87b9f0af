"""Every test of this folder may start a unit of its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.unit.running import Unit


@pytest.fixture
def unit(tmp_path: Path) -> Iterator[Unit]:
    unit = Unit(tmp_path / "var", tmp_path / "said")
    yield unit
    if unit.process and unit.process.poll() is None:
        unit.ends()
