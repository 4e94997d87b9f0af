"""Which versions were measured: what the lock files pin, and the programs of this machine that run it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from unit.setup import ROOT

PEERS = ROOT / "bench" / "peers"
TOOLS = {
    "Node": ["node", "--version"],
    "Go": ["go", "version"],
    "Redis": ["redis-server", "--version"],
    "the C compiler": ["cc", "-dumpfullversion"],
}
VERSION = re.compile(r"\d+(?:\.\d+)+")


def lines() -> Iterator[str]:
    """A line for Natter, for each peer, and for the tools; what a machine does not have is left out."""
    yield "- Natter: " + _said([*locked_python(ROOT), *locked_python(ROOT, "requirements-local")])
    for peer in sorted(PEERS.iterdir()):
        pinned = [*locked_python(peer), *locked_node(peer), *locked_go(peer)]
        if pinned:
            yield f"- {peer.name}: " + _said(pinned)
    tools = [(name, version) for name, command in TOOLS.items() if (version := _version(command))]
    yield "- run and built with: " + _said(tools)


def locked_python(folder: Path, name: str = "requirements") -> Iterator[tuple[str, str]]:
    """What ``<name>.in`` asks for, each with the version in ``<name>.lock``."""
    asked, lock = folder / f"{name}.in", folder / f"{name}.lock"
    if not asked.exists():
        return
    pinned = dict(re.findall(r"^([\w.-]+)==([\w.]+)", lock.read_text(), re.MULTILINE))
    for package in re.findall(r"^[\w.-]+", asked.read_text(), re.MULTILINE):
        # A line that begins with "-c" names a file, no package.
        if package in pinned:
            yield package, pinned[package]


def locked_node(folder: Path) -> Iterator[tuple[str, str]]:
    """What ``package.json`` asks for, each with the version in ``package-lock.json``."""
    asked = folder / "package.json"
    if not asked.exists():
        return
    installed = json.loads((folder / "package-lock.json").read_text())["packages"]
    for package in json.loads(asked.read_text())["dependencies"]:
        yield package, installed[f"node_modules/{package}"]["version"]


def locked_go(folder: Path) -> Iterator[tuple[str, str]]:
    """What ``go.mod`` asks for itself: a program as its tool, or modules that are not indirect."""
    file = folder / "go.mod"
    if not file.exists():
        return
    text = file.read_text()
    tools = re.findall(r"^tool (\S+)", text, re.MULTILINE)
    for module, version, indirect in re.findall(r"^\s+(\S+) v(\S+)( // indirect)?$", text, re.MULTILINE):
        if not indirect or module in tools:
            yield module.removeprefix("github.com/"), version


def _version(command: list[str]) -> str:
    if shutil.which(command[0]) is None:
        return ""
    found = VERSION.search(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    return found[0] if found else ""


def _said(pairs: list[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {version}" for name, version in pairs)
