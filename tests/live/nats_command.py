"""The real ``nats`` command, built once by Go into the person's cache: in one version, so that a failure is ours."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

VERSION = "v0.5.1"
SOURCE = f"github.com/nats-io/natscli/nats@{VERSION}"
BUILD_SECONDS = 300


def folder_of_nats() -> Path:
    """Where ``nats`` is. Skips the test where there is no Go to build it with."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    folder = cache / "natter" / f"natscli-{VERSION}"
    if not (folder / "nats").exists():
        if not shutil.which("go"):
            pytest.skip(f"there is no Go to build the nats command with (go install {SOURCE})")
        go = {**os.environ, "GOBIN": str(folder)}
        subprocess.run(["go", "install", SOURCE], env=go, check=True, timeout=BUILD_SECONDS)
    return folder
