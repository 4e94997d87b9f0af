"""The shipped unit file: systemd understands it, it is locked up, and it leaves the ending to our supervisor."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.site import ROOT
from unit.setup import PYTHON
from unit.supervisor import NATS_GRACE, POSTGRES_GRACE, WORKERS_GRACE

SHIPPED = ROOT / "deploy/natter.service"
MOST_EXPOSED = 2.0


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    """The unit file as it would be for this checkout."""
    if not shutil.which("systemd-analyze"):
        pytest.skip("there is no systemd-analyze here (Debian: apt install systemd)")
    own = tmp_path / "natter.service"
    text = SHIPPED.read_text()
    assert "/opt/natter/.venv/bin/python" in text
    own.write_text(text.replace("/opt/natter/.venv/bin/python", str(PYTHON)).replace("/opt/natter", str(ROOT)))
    return own


def settings() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name, value in re.findall(r"^(\w+)=(.*)$", SHIPPED.read_text(), re.MULTILINE):
        found.setdefault(name, []).append(value)
    return found


def test_systemd_understands_it(installed: Path) -> None:
    checked = subprocess.run(["systemd-analyze", "verify", installed], capture_output=True, text=True)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_it_is_locked_up(installed: Path) -> None:
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--no-pager", installed], capture_output=True, text=True
    )
    if "unrecognized option" in rated.stderr:
        pytest.skip("this systemd-analyze cannot rate a file")
    exposure = re.search(r"Overall exposure level for natter\.service: ([\d.]+)", rated.stdout)
    assert exposure, rated.stdout + rated.stderr
    assert float(exposure[1]) <= MOST_EXPOSED


def test_the_supervisor_ends_its_children_itself_and_has_the_time_to() -> None:
    given = settings()
    assert given["KillMode"] == ["mixed"]
    [patience] = map(float, given["TimeoutStopSec"])
    # Whoever does not listen is killed a second later.
    assert patience >= WORKERS_GRACE + NATS_GRACE + POSTGRES_GRACE + 3
    assert given["Restart"] == ["on-failure"]


def test_it_starts_what_the_image_starts() -> None:
    [started] = settings()["ExecStart"]
    image = re.search(r"^CMD \[(.*)\]$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert image
    assert started.split()[1:] == [word.strip(' "') for word in image[1].split(",")][1:]
    assert "DATA_DIR=%S/" + settings()["StateDirectory"][0] in settings()["Environment"]
