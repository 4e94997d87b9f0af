"""Settings: one frozen structure, read from the environment once. The README's table is checked against it."""

import os
import re
import sys
from collections.abc import Mapping
from typing import Any, get_type_hints

import msgspec

MAY_BE_ZERO = frozenset({"worker", "trusted_proxies", "unread_seconds"})


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Every setting, with its default. The environment variable has the field's name in capitals."""

    database_url: str = ""
    nats_url: str = ""
    nats_replicas: int = 1
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    worker: int = 0
    unit_board: str = ""
    unit_metrics: str = ""
    data_dir: str = "var"
    public_origin: str = ""
    metrics_token: str = ""
    subject_prefix: str = ""
    trusted_proxies: int = 0
    database_connections: int = 10
    frame_bytes: int = 64 * 1024
    request_bytes: int = 8 * 1024 * 1024
    avatar_bytes: int = 5 * 1024 * 1024
    text_length: int = 4000
    edit_seconds: float = 86400.0
    commands_per_second: float = 50.0
    command_burst: int = 200
    bad_commands: int = 20
    bad_commands_seconds: float = 10.0
    sockets_per_user: int = 50
    sockets_per_address: int = 200
    socket_buffer_bytes: int = 256 * 1024
    outgoing_bytes: int = 128 * 1024 * 1024
    ping_seconds: float = 20.0
    pong_seconds: float = 20.0
    presence_seconds: float = 20.0
    backlog_events: int = 2000
    login_tries: int = 10
    login_tries_per_address: int = 30
    login_seconds: float = 300.0
    registers_per_address: int = 10
    session_days: float = 30.0
    unread_seconds: float = 5.0
    log_days: float = 7.0
    page_size: int = 30

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> "Settings":
        """Read the environment. Raises SystemExit with one clear line on a value of the wrong kind."""
        given: dict[str, Any] = {}
        for name, kind in get_type_hints(cls).items():
            text = environment.get(name.upper(), "")
            if text:
                try:
                    given[name] = kind(text)
                except ValueError:
                    raise SystemExit(f"{name.upper()}={text!r} is not a {kind.__name__}") from None
        return cls(**given).checked()

    def checked(self) -> "Settings":
        """These settings. Raises SystemExit with one clear line when one of them makes no sense."""
        for name, kind in get_type_hints(type(self)).items():
            value = getattr(self, name)
            least = 0 if name in MAY_BE_ZERO else 1 if kind is int else sys.float_info.min
            if kind in (int, float) and not least <= value < 2**53:
                raise SystemExit(f"{name.upper()}={value} makes no sense: it must be a number above 0.")
        if self.public_origin and not re.fullmatch(r"https?://[^/\s]+/?", self.public_origin):
            raise SystemExit(f"PUBLIC_ORIGIN={self.public_origin!r} must be like https://natter.example")
        return self
