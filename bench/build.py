"""Building the two C programs, with whatever ``cc`` the machine has."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from unit.environment import data_dir
from unit.setup import ROOT

FLAGS = ("-std=c11", "-D_DEFAULT_SOURCE", "-O2", "-Wall", "-Wextra")


class Missing(Exception):
    """Something that cannot be had on this machine; the text says what, for the table."""


def work_folder() -> Path:
    """Where the bench keeps what it builds and finds: ``bench`` in DATA_DIR."""
    folder = data_dir(os.environ) / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def c_program(name: str) -> Path:
    """The program of ``bench/<name>/``, built if its sources are newer. Raises Missing without a C compiler."""
    sources = sorted((ROOT / "bench" / name).glob("*.[ch]"))
    program = work_folder() / name
    if program.exists() and program.stat().st_mtime > max(source.stat().st_mtime for source in sources):
        return program
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Missing("a C compiler (Debian: apt install gcc libc6-dev)")
    files = [source for source in sources if source.suffix == ".c"]
    subprocess.run([compiler, *FLAGS, "-o", program, *files], check=True)
    return program
