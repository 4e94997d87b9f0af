"""The browser that the tests drive."""

from __future__ import annotations

import os
import shutil
import subprocess

from unit.say import say, step

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def find_or_install_chromium() -> None:
    """Make sure that there is a Chromium: with apt where that is allowed, else by telling the person."""
    if any(map(shutil.which, NAMES)):
        return
    privileged = [] if os.geteuid() == 0 else ["sudo", "--non-interactive"]
    if shutil.which("apt-get") and (not privileged or shutil.which("sudo")):
        with step("Installing Chromium"):
            apt(privileged, "update")
            apt(privileged, "install", "--yes", "--no-install-recommends", "chromium")
    if not any(map(shutil.which, NAMES)):
        say("There is no Chromium, so the browser tests will fail: install it (Debian: apt install chromium).")


def apt(privileged: list[str], *arguments: str) -> None:
    """Run apt-get without questions; whether it worked shows in its result."""
    quiet = ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "--quiet=2", *arguments]
    subprocess.run([*privileged, *quiet], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
