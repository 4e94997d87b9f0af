"""The real PostgreSQL and nats-server from PyPI, for bin/run and for the tests."""

from unit.ports import free_port
from unit.servers.nats import Nats
from unit.servers.postgres import Postgres
from unit.servers.server import CannotStart, Server

__all__ = ["CannotStart", "Nats", "Postgres", "Server", "free_port"]
