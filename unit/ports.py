"""Which TCP ports are free, which are answered, and holding one."""

from __future__ import annotations

import errno
import random
import socket
from urllib.parse import urlsplit

LOOPBACK = "127.0.0.1"
# Below the range from which Linux takes the ports of outgoing connections, so nobody takes ours by chance.
CHOICE = range(20_000, 32_000)


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens now."""
    while not is_free(LOOPBACK, port := random.choice(CHOICE)):  # noqa: S311  (no secret)
        pass
    return port


def is_free(host: str, port: int) -> bool:
    """Whether nobody else is bound there. Raises OSError when we may not or cannot bind there at all."""
    family, address = resolve(host, port)
    with socket.socket(family) as probe:
        # Connections of an earlier run that only linger must not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            return False
    return True


def hold(host: str, port: int) -> socket.socket:
    """Bind without listening: our workers can still share the port (SO_REUSEPORT), no other program gets it.

    Nobody is ever connected to this socket: while no worker listens, connecting is refused at once.
    """
    family, address = resolve(host, port)
    holder = socket.socket(family)
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    try:
        holder.bind(address)
    except OSError:
        # Lingering connections of another program stop us here, though not the workers; then it stays unheld.
        holder.close()
    return holder


def says(host: str, port: int, seconds: float = 0.5) -> bytes:
    """The first bytes that the server there sends of itself (NATS: its INFO); empty when there is none."""
    try:
        with socket.create_connection((host, port), seconds) as connection:
            return connection.recv(4096)
    except OSError:
        return b""


def resolve(host: str, port: int) -> tuple[socket.AddressFamily, tuple[str, int]]:
    """Family and address to bind for a host, IPv4 or IPv6. Raises OSError for an unknown host."""
    family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
    return family, (str(address[0]), port)


def says_of_url(urls: str, seconds: float = 3) -> bytes:
    """What the first server that answers says, of a comma-separated list of NATS URLs."""
    for url in urls.split(","):
        parts = urlsplit(url if "://" in url else f"nats://{url}")
        if words := says(parts.hostname or LOOPBACK, parts.port or 4222, seconds):
            return words
    return b""


def connectable(host: str) -> str:
    """Where to connect to a server that listens on ``host``: for "all addresses", the loopback address."""
    return {"0.0.0.0": LOOPBACK, "::": "::1", "": LOOPBACK}.get(host, host)  # noqa: S104  (we only compare)
