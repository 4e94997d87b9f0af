"""The compiled programs of the bench, in a folder of this test run."""

from __future__ import annotations

import pytest

from bench.build import Missing, c_program


@pytest.fixture
def programs(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    monkeypatch.setenv("DATA_DIR", str(tmp_path_factory.getbasetemp() / "bench"))
    try:
        c_program("load")
    except Missing as missing:
        pytest.skip(str(missing))
