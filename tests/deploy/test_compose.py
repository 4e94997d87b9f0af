"""docker-compose.yml: the real program reads it, nothing in it is secret, and it fits the files it mounts."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from app.config import Settings
from tests.deploy.cluster import Cluster
from tests.site import ROOT

SHIPPED = (ROOT / "docker-compose.yml").read_text()
EXAMPLE = (ROOT / ".env.example").read_text()
FILL_IN = "copy .env.example to .env and fill it in"


def compose() -> list[str]:
    """The command of Docker Compose: the plugin, else the older program of its own. Skips where there is none."""
    for command in (["docker", "compose"], ["docker-compose"]):
        known = shutil.which(command[0]) and subprocess.run([*command, "version"], capture_output=True).returncode == 0
        if known:
            return command
    pytest.skip("there is no docker compose here (Debian: apt install docker-compose)")


def composed(folder: Path, environment: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What compose says of the shipped file with this .env; no Docker has to run for that."""
    (folder / "env").write_text(environment)
    files = [
        "--project-directory",
        str(ROOT),
        "-f",
        str(ROOT / "docker-compose.yml"),
        "--env-file",
        str(folder / "env"),
    ]
    clean = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(folder)}
    return subprocess.run([*compose(), *files, "config", *arguments], env=clean, capture_output=True, text=True)


def filled(environment: str) -> str:
    """The example as somebody fills it in: each with a secret of its own."""
    return re.sub(r"^(\w+)=$", lambda found: f"{found[0]}secret-{found[1].lower()}", environment, flags=re.MULTILINE)


def test_filled_in_it_is_understood(tmp_path: Path) -> None:
    done = composed(tmp_path, filled(EXAMPLE), "--services")
    assert done.returncode == 0, done.stderr
    assert set(done.stdout.split()) == {"postgres", "nats-1", "nats-2", "nats-3", "natter-1", "natter-2", "nginx"}


def test_not_filled_in_it_fails_and_says_what_to_do(tmp_path: Path) -> None:
    done = composed(tmp_path, EXAMPLE, "--quiet")
    assert done.returncode != 0
    assert FILL_IN in done.stderr
    assert "Traceback" not in done.stderr


def variables() -> set[str]:
    return set(re.findall(r"^(\w+)=", EXAMPLE, re.MULTILINE))


def test_no_secret_has_a_default_and_every_one_is_demanded() -> None:
    used = re.findall(r"\$\{(\w+)([^}]*)\}", SHIPPED)
    assert {name for name, _ in used} == variables()
    assert {name for name, rest in used if rest == f":?{FILL_IN}"} == variables()
    assert {rest for _, rest in used} == {"", f":?{FILL_IN}"}
    assert re.findall(r"^\w*(?:PASSWORD|TOKEN)=.+$", EXAMPLE, re.MULTILINE) == []


def test_the_units_get_settings_that_there_are() -> None:
    section = SHIPPED.partition("x-natter:")[2].partition("depends_on:")[0]
    given = set(re.findall(r"^    ([A-Z_]+):", section, re.MULTILINE))
    assert given <= {name.upper() for name in Settings.__struct_fields__}
    assert {"NATS_REPLICAS", "TRUSTED_PROXIES", "METRICS_TOKEN", "PUBLIC_ORIGIN"} <= given


def test_the_nodes_get_what_their_configuration_wants(tmp_path: Path) -> None:
    section = SHIPPED.partition("x-nats:")[2].partition("healthcheck:")[0]
    wanted = set(re.findall(r"\$(NATS_\w+)", (ROOT / "deploy/nats.conf").read_text()))
    assert set(re.findall(r"^    (NATS_\w+):", section, re.MULTILINE)) == wanted
    # The nodes of the tests are started with the same.
    assert set(Cluster(tmp_path).environment) == wanted


def test_nginx_knows_every_unit() -> None:
    units = set(re.findall(r"^  (natter-\d+):$", SHIPPED, re.MULTILINE))
    blocks = re.findall(r"upstream \w+ \{(.*?)\}", (ROOT / "deploy/nginx.conf").read_text(), re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        assert set(re.findall(r"server (natter-\d+):8000 max_fails=\d+ fail_timeout=\d+s;", block)) == units
