"""A chat message, whole: said on a socket, committed, announced, and back on the sockets of everyone in it."""

from __future__ import annotations

from statistics import median

from bench.load import Load, Reply
from bench.machine import Spent
from bench.results import Figures
from bench.servers.server import Server
from bench.works.work import Rounds, Scale, figures_of

SENDERS = 64


def chat(server: Server, scale: Scale, *, conversations: int) -> Rounds:
    """64 senders who each say the next thing when the last one came back; one alone; and half of the most."""
    with Load() as load:
        audience, words = server.chat(conversations, SENDERS)
        load.open(audience)
        server.opened()
        most: list[float] = []
        load.command("say", words=words, senders=SENDERS, seconds=1)
        for _ in range(scale.repeats):
            with Spent(server.pids) as spent:
                reply = load.command("say", words=words, senders=SENDERS, seconds=scale.seconds)
            most.append(reply["sent"] / reply["seconds"])
            yield "64 at once", message_figures(reply, spent.seconds)
        for name, pace in (("alone", {"senders": 1}), ("half of the most", {"rate": median(most) / 2})):
            for _ in range(scale.repeats):
                with Spent(server.pids) as spent:
                    reply = load.command("say", words=words, seconds=scale.seconds, **{"senders": SENDERS} | pace)
                yield name, message_figures(reply, spent.seconds)


def message_figures(reply: Reply, spent: dict[str, float]) -> Figures:
    """What a round of messages says: rates and costs are of messages, latencies of every delivery of them."""
    sent = max(1, reply["sent"])
    return figures_of(reply, spent, sent) | {"deliveries": reply["delivered"] / sent}
