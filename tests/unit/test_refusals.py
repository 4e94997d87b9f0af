"""When a unit cannot start it says why in one line, does not leave with 0, and leaves nothing behind."""

import os
import socket
import subprocess
from pathlib import Path

from tests.unit.running import ROOT, Unit
from unit.ports import free_port


def test_a_busy_port(unit: Unit) -> None:
    with socket.create_server(("127.0.0.1", unit.port)):
        assert f"port {unit.port} is taken" in unit.starts(ready=False).fails()


def test_a_busy_nats_port(unit: Unit) -> None:
    with socket.create_server(("127.0.0.1", unit.nats_port)):
        line = unit.starts(ready=False).fails()
    assert "NATS_PORT" in line
    assert "NATS_URL" in line


def test_the_port_of_another_unit(unit: Unit, tmp_path: Path) -> None:
    unit.starts()
    second = Unit(tmp_path / "other", tmp_path / "other said")
    second.port = unit.port
    assert f"port {unit.port} is taken" in second.starts(ready=False).fails()


def test_a_second_unit_on_the_same_data(unit: Unit, tmp_path: Path) -> None:
    unit.starts()
    second = Unit(unit.data_dir, tmp_path / "second said")
    assert f"runs already on {unit.data_dir} (pid {unit.process.pid})" in second.starts(ready=False).fails()
    assert unit.worker
    assert (unit.data_dir / "natter.env").exists()


def test_a_nats_server_that_does_not_answer(unit: Unit) -> None:
    url = f"nats://someone:secret@127.0.0.1:{free_port()}"
    line = unit.starts(ready=False, NATS_URL=url).fails()
    assert "NATS_URL" in line
    assert "secret" not in unit.said


def test_a_migration_that_fails(unit: Unit) -> None:
    why = "The database cannot be reached."
    assert unit.starts(ready=False, MIGRATION_FAILS=why).fails() == f"natter: {why}"


def test_workers_that_never_come_up(unit: Unit) -> None:
    assert "before they were ready" in unit.starts(role="hopeless", ready=False).fails()


def test_a_setting_that_is_no_number(unit: Unit) -> None:
    assert "WORKERS" in unit.starts(ready=False, WORKERS="many").fails()


def test_bin_run_itself_refuses_a_busy_port(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", port := free_port())):
        variables = os.environ | {"DATA_DIR": str(tmp_path / "var"), "PORT": str(port)}
        done = subprocess.run([ROOT / "bin/run"], env=variables, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1].startswith(f"natter: port {port} is taken")


def test_bin_natter_needs_a_running_unit(tmp_path: Path) -> None:
    variables = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "NATS_URL")}
    variables["DATA_DIR"] = str(tmp_path)
    done = subprocess.run([ROOT / "bin/natter", "test"], env=variables, capture_output=True, text=True)
    assert done.returncode == 1
    assert "start bin/run first" in done.stderr
