"""The short form of ``bin/faults``: some rows at a reduced size, and the two controls that the oracle must catch."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults import page
from tests.faults.crowd import Crowd
from tests.faults.rig import Rig
from tests.faults.rows import CONTROLS, ROWS
from tests.faults.stage import SMALL, perform
from tests.faults.streamed_page import StreamedPage
from tests.site import ROOT

SHORT = (
    "nats-killed",
    "nats-stopped",
    "unit-killed",
    "unit-terminated",
    "worker-killed",
    "postgres-killed",
    "fifty-and-away",
    "same-client-id",
    "reconnect-storm",
    "streamed-unit-killed",
    "half-streamed-unit-killed",
)


@pytest.fixture(scope="module")
def rig(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rig]:
    """One site for all rows that want nothing special."""
    with Rig(tmp_path_factory.mktemp("faults"), fsync=False) as rig:
        yield rig


@pytest.mark.parametrize("name", SHORT)
async def test_nothing_is_lost(name: str, rig: Rig, tmp_path: Path) -> None:
    assert not ROWS[name].rig, "this row wants a rig of its own"
    outcome = await perform(name, ROWS[name], SMALL, tmp_path, rig)
    assert outcome.violations == []
    assert [finding for finding in outcome.findings if not finding.kept] == []
    assert outcome.deliveries >= outcome.messages * SMALL.sockets / SMALL.conversations


@pytest.mark.parametrize("name", CONTROLS)
async def test_the_oracle_notices_a_worker_that_is_spoilt(name: str, tmp_path: Path) -> None:
    outcome = await perform(name, CONTROLS[name], SMALL, tmp_path)
    assert any("never delivered" in violation or "never acknowledged" in violation for violation in outcome.violations)


def test_no_switch_of_the_controls_is_in_the_application() -> None:
    sources = [*(ROOT / "app").rglob("*.py"), *(ROOT / "bus").rglob("*.py"), *(ROOT / "unit").rglob("*.py")]
    assert not [source for source in sources if "NATTER_CONTROL" in source.read_text()]


@pytest.mark.parametrize(("share", "streamed"), [(0, []), (0.5, [1, 3, 5]), (1, [0, 1, 2, 3, 4, 5])])
def test_so_many_pages_have_a_stream(share: float, streamed: list[int]) -> None:
    crowd = Crowd([("127.0.0.1", 1)], share)
    pages = [crowd.page(page.Member(1, "token"), "hall", 0) for _ in range(6)]
    assert [one.number for one in pages if isinstance(one, StreamedPage)] == streamed


def test_our_pages_are_as_patient_as_those_in_browsers() -> None:
    script = (ROOT / "static/js/backoff.js").read_text()
    found = re.search(r"first = ([\d_]+), most = ([\d_]+)", script)
    assert found
    assert (int(found[1]) / 1000, int(found[2]) / 1000) == (page.FIRST_PAUSE, page.LONGEST_PAUSE)
