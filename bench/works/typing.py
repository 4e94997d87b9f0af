"""Typing signals: many sockets that each say that they type, heard by the other one in their conversation."""

from __future__ import annotations

from bench.load import Load
from bench.machine import Spent
from bench.servers.server import Server
from bench.works.chat import message_figures
from bench.works.work import Rounds, Scale

SOCKETS = 1000
WORDS = '{"type":"typing","is_typing":true}'
HEARD = '"type":"typing"'


def typing(server: Server, scale: Scale) -> Rounds:
    """Everybody says the next one when the other has heard the last; and at a rate."""
    with Load() as load:
        audience = server.pairs(SOCKETS)
        audience.opening |= {"mark": HEARD, "stamped": "0"}
        load.open(audience)
        most = 0.0
        for name, pace in (("as many as it takes", {"window": 1}), ("5,000/s", {"rate": 5000})):
            if pace.get("rate", 0) > most > 0:
                continue
            load.command("say", words=WORDS, partners=1, seconds=1, **pace)
            for _ in range(scale.repeats):
                with Spent(server.pids) as spent:
                    reply = load.command("say", words=WORDS, partners=1, seconds=scale.seconds, **pace)
                most = max(most, reply["sent"] / reply["seconds"])
                yield name, message_figures(reply, spent.seconds)
