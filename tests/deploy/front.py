"""The shipped nginx in front of units on this machine: deploy/nginx.conf, with only addresses and folders changed."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest

from tests.site import DEADLINE, ROOT, Person, Site
from tests.unit.running import until
from unit.ports import free_port, is_free
from unit.process import Process, end, spawn

CONFIGURATION = ROOT / "deploy/nginx.conf"
EVERYWHERE = "0.0.0.0"


def nginx() -> str:
    """Where nginx is; installed with apt where that is allowed. Skips the test where there is none."""
    if not shutil.which("nginx", path=path()) and os.geteuid() == 0 and shutil.which("apt-get"):
        quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2"]
        for arguments in (["update"], ["install", "--yes", "--no-install-recommends", "nginx-light"]):
            subprocess.run([*quiet, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    found = shutil.which("nginx", path=path())
    if not found:
        pytest.skip("there is no nginx, and no apt to install it with (Debian: apt install nginx-light)")
    return found


def path() -> str:
    """Debian keeps nginx where only root looks for programs."""
    return os.environ.get("PATH", os.defpath) + ":/usr/sbin"


class Front:
    """People come in here as they do at a Site."""

    visitor, signs_in, close = Site.visitor, Site.signs_in, Site.close

    def __init__(self, folder: Path, first: int, second: int, host: str = "127.0.0.1") -> None:
        self.folder, self.host, self.port = folder, host, free_port()
        self.url = f"http://{host}:{self.port}"
        self.upstreams = (first, second)
        self.people: list[Person] = []
        self.process: Process

    def start(self) -> None:
        self.folder.mkdir()
        own = self.folder / "nginx.conf"
        own.write_text(self.configuration())
        user = "user root; " if os.geteuid() == 0 else ""
        basics = f"{user}daemon off; pid {self.folder}/nginx.pid;"
        with (self.folder / "log").open("wb") as log:
            command = [nginx(), "-p", self.folder, "-c", own, "-g", basics]
            self.process = spawn(command, dies_by=signal.SIGTERM, log=log)
        until(lambda: self.process.poll() is not None or not is_free(EVERYWHERE, self.port))
        assert self.process.poll() is None, (self.folder / "log").read_text()

    def configuration(self) -> str:
        text = CONFIGURATION.read_text()
        temporary = "".join(f"{name}_temp_path {self.folder};" for name in ("client_body", "proxy"))
        changes = {
            "http {": "http { " + temporary,
            "listen 8080;": f"listen {self.port};",
            "natter-1:8000": f"127.0.0.1:{self.upstreams[0]}",
            "natter-2:8000": f"127.0.0.1:{self.upstreams[1]}",
            "worker_rlimit_nofile 65536;": "",
            "worker_connections 16384;": "worker_connections 512;",
            "/dev/stdout": f"{self.folder}/access.log",
            "/dev/stderr": f"{self.folder}/error.log",
        }
        for shipped, ours in changes.items():
            assert shipped in text, f"the test knows no {shipped!r} in deploy/nginx.conf any more"
            text = text.replace(shipped, ours)
        return text

    def stop(self) -> None:
        end(self.process, signal.SIGTERM, 5)

    async def answers(self, said: bytes) -> bytes:
        """Everything it says to these bytes until it hangs up, or says no more for a while."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(said)
        heard = b""
        try:
            async with asyncio.timeout(DEADLINE):
                while chunk := await reader.read(65536):
                    heard += chunk
        finally:
            writer.transport.abort()
        return heard
