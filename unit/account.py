"""The ordinary user that PostgreSQL runs as when we are root, since it refuses to be root."""

from __future__ import annotations

import ctypes
import os
import pwd
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

CANDIDATES = ("postgres", "nobody")

# From linux/prctl.h, linux/securebits.h and linux/capability.h.
PR_SET_SECUREBITS = 28
SECBIT_NO_SETUID_FIXUP = 1 << 2
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
CAPABILITY_VERSION = 0x20080522
CAP_DAC_OVERRIDE = 1


@dataclass(frozen=True)
class Account:
    """A user to become.

    ``reads_anything`` keeps root's way through closed folders, for a checkout below /root.
    """

    uid: int
    gid: int
    reads_anything: bool = False

    def take_on(self) -> None:
        """Become that user, for good; called in a child between fork and exec.

        Raises OSError when not allowed.
        """
        libc = ctypes.CDLL(None, use_errno=True)
        if self.reads_anything:
            # Keeps capabilities over setuid, and makes access(2), by which initdb finds its way, heed them.
            check(libc.prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP, 0, 0, 0))
        os.setgroups([])
        os.setgid(self.gid)
        os.setuid(self.uid)
        if self.reads_anything:
            keep_capability(libc, CAP_DAC_OVERRIDE)


def account_for(folder: Path, needs: Sequence[Path]) -> Account | None:
    """The account that owns (or shall own) ``folder`` and can reach ``needs``; None when we are not root."""
    if os.geteuid() != 0:
        return None
    uid, gid = owner_of(folder)
    for account in (Account(uid, gid), Account(uid, gid, reads_anything=True)):
        if can_reach(account, [folder.parent, *needs]):
            return account
    raise OSError(f"PostgreSQL cannot run as root, and other users cannot reach {folder.parent}")


def owner_of(folder: Path) -> tuple[int, int]:
    """Who owns the folder; where there is none yet, the first of the candidates that this system has."""
    if folder.exists() and folder.stat().st_uid != 0:
        return folder.stat().st_uid, folder.stat().st_gid
    for name in CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise OSError(f"PostgreSQL cannot run as root and there is no user {' or '.join(CANDIDATES)}")


def can_reach(account: Account, paths: Sequence[Path]) -> bool:
    """Whether that user can read and enter or execute all of the paths, found by trying as that user."""
    child = os.fork()
    if child == 0:
        try:
            account.take_on()
            os._exit(0 if all(os.access(path, os.R_OK | os.X_OK) for path in paths) else 1)
        finally:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def keep_capability(libc: ctypes.CDLL, capability: int) -> None:
    """Of root's capabilities keep only this one, and hand it on through exec; see capabilities(7)."""
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION, 0)
    bit = 1 << capability
    effective_permitted_inheritable = (ctypes.c_uint32 * 6)(bit, bit, bit, 0, 0, 0)
    check(libc.capset(header, effective_permitted_inheritable))
    check(libc.prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability, 0, 0))


def check(result: int) -> None:
    """Raise OSError for a C call that failed."""
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
