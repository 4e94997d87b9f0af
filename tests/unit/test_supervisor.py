"""A unit comes up, heals and goes, whatever dies in it."""

import os
import signal
import stat
import time
from pathlib import Path

import pytest

from tests.unit.running import Unit, until
from unit.ports import says
from unit.process import every_pid


def test_a_unit_comes_up_and_says_where(unit: Unit) -> None:
    unit.starts("--demo")
    assert f"http://127.0.0.1:{unit.port}/" in unit.said
    assert f"nats pub --server nats://127.0.0.1:{unit.nats_port} notify.alice '{{" in unit.said
    assert "alice, bob: password natter-demo" in unit.said
    assert unit.worker


def test_natter_env_tells_how_to_join_while_it_runs(unit: Unit) -> None:
    unit.starts()
    file = unit.data_dir / "natter.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [line.partition("=")[0] for line in file.read_text().splitlines()] == [
        "DATABASE_URL",
        "NATS_URL",
        "PORT",
    ]
    assert f"PORT={unit.port}\n" in file.read_text()
    unit.ends()
    assert not file.exists()


def test_no_secret_is_shown_or_readable_by_others(unit: Unit) -> None:
    unit.starts().ends()
    secrets = list(unit.data_dir.glob("*.password"))
    assert len(secrets) == 2
    for secret in secrets:
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        assert secret.read_text() not in unit.said
    assert stat.S_IMODE((unit.data_dir / "nats.conf").stat().st_mode) == 0o600


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_to_its_pid_alone_ends_everything(unit: Unit, by: signal.Signals) -> None:
    unit.starts()
    assert len(unit.ever) > 5
    assert unit.ends(by) == 0
    assert not unit.left_behind
    assert not unit.worker


def test_under_nohup_a_terminal_that_goes_away_ends_nothing(unit: Unit) -> None:
    unit.starts(nohup=True)
    unit.process.send_signal(signal.SIGHUP)
    victim = unit.worker
    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in every_pid() and len(workers(unit)) == 2, 3)
    assert "Stopping" not in unit.said
    assert unit.ends() == 0


def test_a_worker_that_does_not_listen_is_ended_too(unit: Unit) -> None:
    unit.starts(DEAF="yes")
    began = time.monotonic()
    unit.ends(within=20)
    assert time.monotonic() - began > 5
    assert not unit.left_behind


def test_a_second_signal_hurries(unit: Unit) -> None:
    unit.starts(DEAF="yes")
    unit.process.send_signal(signal.SIGINT)
    until(lambda: "Stopping" in unit.said)
    unit.ends(signal.SIGINT, within=5)
    assert not unit.left_behind


def test_nothing_survives_a_killed_supervisor_and_the_next_start_works(unit: Unit) -> None:
    unit.starts()
    unit.ends(signal.SIGKILL)
    unit.starts()
    until(lambda: unit.worker)


def test_a_killed_supervisor_leaves_no_process(unit: Unit) -> None:
    unit.starts().ends(signal.SIGKILL)
    until(lambda: not unit.left_behind)


def test_a_killed_worker_is_replaced(unit: Unit) -> None:
    unit.starts()
    victim = unit.worker
    os.kill(victim, signal.SIGKILL)
    until(lambda: victim not in every_pid())
    until(lambda: len(workers(unit)) == 2, 3)
    assert "killed by SIGKILL" in unit.said


def test_a_worker_that_fell_silent_is_replaced(unit: Unit) -> None:
    unit.starts(SILENCE="1")
    victim = unit.worker
    os.kill(victim, signal.SIGSTOP)
    until(lambda: victim not in every_pid())
    assert "has been silent" in unit.said
    until(lambda: len(workers(unit)) == 2, 3)


@pytest.mark.parametrize("server", ["postgres", "nats"])
def test_a_killed_server_is_back_on_its_port_within_two_seconds(unit: Unit, server: str) -> None:
    unit.starts()
    before = (unit.data_dir / "natter.env").read_text()
    victim = unit.pid_of(server)
    os.kill(victim, signal.SIGKILL)
    until(lambda: "is back after" in unit.said, 2)
    assert unit.pid_of(server) != victim
    assert (unit.data_dir / "natter.env").read_text() == before
    if server == "nats":
        assert says("127.0.0.1", unit.nats_port).startswith(b"INFO")


def test_the_next_start_finds_data_ports_and_passwords(unit: Unit) -> None:
    unit.starts()
    before = (unit.data_dir / "natter.env").read_text()
    cluster = (unit.data_dir / "postgres/PG_VERSION").stat().st_ino
    unit.ends()
    unit.starts()
    assert (unit.data_dir / "natter.env").read_text() == before
    assert (unit.data_dir / "postgres/PG_VERSION").stat().st_ino == cluster


def test_a_second_unit_joins_the_site_of_the_first(unit: Unit, tmp_path: Path) -> None:
    unit.starts()
    site = dict(line.split("=", 1) for line in (unit.data_dir / "natter.env").read_text().splitlines())
    second = Unit(tmp_path / "second", tmp_path / "second said")
    second.starts(DATABASE_URL=site["DATABASE_URL"], NATS_URL=site["NATS_URL"])
    assert second.worker != unit.worker
    assert not list(second.data_dir.glob("postgres*"))
    assert not (second.data_dir / "nats.pid").exists()
    assert f"NATS is at nats://127.0.0.1:{unit.nats_port}\n" in second.said
    second.ends()
    assert unit.worker


def test_the_folder_of_the_workers_numbers_begins_empty_and_is_private(unit: Unit) -> None:
    left = unit.data_dir / "metrics" / "0.json"
    left.parent.mkdir(parents=True)
    left.write_text("of another day")
    unit.starts()
    assert not left.exists()
    assert stat.S_IMODE(left.parent.stat().st_mode) == 0o700


def workers(unit: Unit) -> set[int]:
    """The pids that answer on the unit's port, found by asking often enough to meet each."""
    return {unit.worker for _ in range(40)} - {0}
