"""Files that nobody but their owner may read."""

from __future__ import annotations

import os
import secrets
import shutil
from pathlib import Path
from typing import IO


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read (mode 0600), whole or not at all."""
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def fresh_folder(path: Path) -> Path:
    """That folder, empty, for its owner's eyes only."""
    shutil.rmtree(path, ignore_errors=True)
    path.mkdir(mode=0o700)
    return path


def password_in(path: Path) -> str:
    """The password in that file, made on first use."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24))
    return path.read_text()


def private_log(path: Path) -> IO[bytes]:
    """A log file, opened to be written at its end: what people wrote may be in it."""
    return open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
