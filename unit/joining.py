"""One unit per data folder, and how other programs find it: the lock unit.pid and the file natter.env."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import IO

from unit.environment import data_dir
from unit.files import write_private
from unit.say import give_up


def own(folder: Path) -> IO[str]:
    """Take the folder for this process, until the file that is given back is closed.

    Leaves with one line when it is taken.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "unit.pid").open("a+")
    except OSError as error:
        give_up(f"the data folder cannot be used ({error}): set DATA_DIR to one that you can write.")
    if not lock(file):
        file.seek(0)
        pid = file.read().strip() or "?"
        give_up(f"a Natter runs already on {folder} (pid {pid}): stop that one, or set another DATA_DIR.")
    file.truncate(0)
    file.write(f"{os.getpid()}\n")
    file.flush()
    return file


def announce(folder: Path, database_url: str, nats_url: str, port: int) -> None:
    """Write natter.env: what another program puts into its environment to join this site.

    It holds the passwords.
    """
    write_private(folder / "natter.env", f"DATABASE_URL={database_url}\nNATS_URL={nats_url}\nPORT={port}\n")


def withdraw(folder: Path) -> None:
    """Take natter.env away: nothing runs here any more."""
    (folder / "natter.env").unlink(missing_ok=True)


def join_running_unit() -> None:
    """Put the addresses of the unit that runs on DATA_DIR into our environment, where they are not set.

    Leaves with one line when they are needed and no unit runs.
    """
    if os.environ.get("DATABASE_URL") and os.environ.get("NATS_URL"):
        return
    folder = data_dir(os.environ)
    if not is_running(folder):
        give_up(f"no Natter runs on {folder}: start bin/run first, or set DATABASE_URL and NATS_URL.")
    for line in (folder / "natter.env").read_text().splitlines():
        name, _, value = line.partition("=")
        if not os.environ.get(name):
            os.environ[name] = value


def is_running(folder: Path) -> bool:
    """Whether a unit serves from that folder; a natter.env that a killed one left behind does not count."""
    if not (folder / "natter.env").exists():
        return False
    with (folder / "unit.pid").open() as file:
        return not lock(file)


def lock(file: IO[str]) -> bool:
    """Take the lock of the file for as long as it is open; False when another process has it."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
