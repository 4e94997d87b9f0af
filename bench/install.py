"""Installing what the peers need, each from its own lock files into a folder of its own below DATA_DIR."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

from bench.build import Missing, work_folder
from bench.versions import PEERS
from unit.chromium import apt
from unit.say import step
from unit.setup import PIP


def python_of(peer: str) -> Path:
    """The Python of a peer's own environment, with its requirements.lock installed. Raises Missing."""
    python = installed_in(peer) / "bin" / "python"
    lock = PEERS / peer / "requirements.lock"
    if not is_installed(peer, lock):
        with step(f"Installing {peer}"):
            run([sys.executable, "-m", "venv", "--clear", installed_in(peer)], peer)
            flags = ["--require-hashes", "--only-binary", ":all:", "--requirement", lock]
            run([python, *PIP[1:], *flags], peer)
        mark_installed(peer, lock)
    return python


def node_of(peer: str) -> tuple[str, Path]:
    """Node, and the peer's node_modules with its package-lock.json installed. Raises Missing."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise Missing("node and npm")
    folder = installed_in(peer)
    lock = PEERS / peer / "package-lock.json"
    if not is_installed(peer, lock):
        with step(f"Installing {peer}"):
            for name in ("package.json", "package-lock.json", ".npmrc"):
                shutil.copy(PEERS / peer / name, folder)
            run(["npm", "ci", "--ignore-scripts", "--loglevel=error", "--prefix", folder], peer)
        mark_installed(peer, lock)
    return node, folder / "node_modules"


def go_program(peer: str, package: str = ".") -> Path:
    """The program that Go builds of a peer's folder, or of a package that its go.mod pins. Raises Missing."""
    go = shutil.which("go")
    if go is None:
        raise Missing("go")
    program, lock = installed_in(peer) / peer, PEERS / peer / "go.sum"
    sources = [lock, PEERS / peer / "go.mod", *sorted((PEERS / peer).glob("*.go"))]
    if not program.exists() or program.stat().st_mtime < max(source.stat().st_mtime for source in sources):
        with step(f"Building {peer}"):
            run([go, "build", "-mod=readonly", "-o", program, package], peer, cwd=PEERS / peer)
    return program


def redis_server() -> str:
    """Redis, from Debian if it is not here and we may install it. Raises Missing."""
    if shutil.which("redis-server") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        with step("Installing Redis"):
            apt([], "update")
            # Without this Debian would start a Redis of its own, which nobody asked for.
            os.environ["RUNLEVEL"] = "1"
            apt([], "install", "--yes", "--no-install-recommends", "redis-server")
    found = shutil.which("redis-server")
    if found is None:
        raise Missing("redis-server (Debian: apt install redis-server)")
    return found


def installed_in(peer: str) -> Path:
    """The folder that a peer is installed in."""
    folder = work_folder() / "peers" / peer
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def is_installed(peer: str, lock: Path) -> bool:
    """Whether the folder was filled from this very lock file, with this very Python."""
    stamp = installed_in(peer) / ".installed"
    return stamp.exists() and stamp.read_text() == _stamp(lock)


def mark_installed(peer: str, lock: Path) -> None:
    """Leave the stamp that ``is_installed`` looks for."""
    (installed_in(peer) / ".installed").write_text(_stamp(lock))


def run(command: list[object], peer: str, cwd: Path | None = None) -> None:
    """Run a command quietly. Raises Missing with the last line it said when it fails."""
    done = subprocess.run(list(map(str, command)), cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise Missing(f"{peer} cannot be built: {said[-1][:200] if said else done.returncode}")


def _stamp(lock: Path) -> str:
    """What tells whether an installation is still good: the lock's digest, and the Python we run with."""
    return f"{hashlib.sha256(lock.read_bytes()).hexdigest()} {Path(sys.executable).resolve()}"
