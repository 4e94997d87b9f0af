"""What stands on the terminal when everything is up: where to go and what to try."""

from __future__ import annotations

from urllib.parse import urlsplit

from unit.environment import Environment
from unit.ports import connectable

EXAMPLE = """'{"message":"Deploy finished","notification_type":"System","data":{"action_url":"/"}}'"""
DEFAULT_NATS = ("nats://127.0.0.1:4222", "nats://localhost:4222")


def welcome(environment: Environment, nats_url: str, accounts: str, seconds: float) -> str:
    """Several lines for the person who started us; ``accounts`` is what the demo said, if it ran.

    No secret is in them.
    """
    nats = public(nats_url)
    server = "" if nats in DEFAULT_NATS else f"--server {nats} "
    host = connectable(environment.host)
    host = f"[{host}]" if ":" in host else host
    lines = [
        "",
        f"Natter is up at http://{host}:{environment.port}/ ({seconds:.1f} s)",
        f"NATS is at {nats}",
        accounts or "For people to log in as: bin/run --demo",
        "To notify one of them:",
        f"  nats pub {server}notify.alice {EXAMPLE}",
        "Ctrl-C stops everything.",
        "",
    ]
    return "\n".join(lines)


def public(nats_url: str) -> str:
    """The addresses of a NATS_URL without user and password."""
    return ",".join(without_login(url) for url in nats_url.split(","))


def without_login(url: str) -> str:
    """One URL without what stands before the @."""
    parts = urlsplit(url if "://" in url else f"nats://{url}")
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
