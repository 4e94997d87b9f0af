"""What Natter must reach, and whether it does: each target is a measured number against a limit."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.results import Results

Figure = Callable[[str, str, str, str], float]
"""``figure(work, server, stage, name)``. Raises KeyError for what was not measured."""

ONE, EIGHT, MANY = "one at a time", "8 in flight", "64 in flight"
EACH_ALONE = "each alone"
CALM, STORM = "50,000/s offered", "400,000/s offered"
MOST, AT_ONCE, HALF = "as many as it takes", "64 at once", "half of the most"
FASTER_THAN = ("socketio", "ws", "centrifuge", "centrifugo")
BOUNDED = ("slow-readers", "loud-publisher", "many-topics", "big-conversation")
GROWS_MB = 64


@dataclass(frozen=True)
class Target:
    """``measured`` gives the number; it must be at least ``least``, or at most ``most``."""

    what: str
    measured: Callable[[Figure], float]
    least: float | None = None
    most: float | None = None

    def met(self, number: float) -> bool:
        """Whether this number is good enough."""
        return number >= self.least if self.least is not None else number <= (self.most or 0.0)

    @property
    def limit(self) -> str:
        """The limit in words."""
        return f"≥ {number_text(self.least)}" if self.least is not None else f"≤ {number_text(self.most or 0.0)}"


def judged(results: Results) -> Iterator[tuple[Target, float | None]]:
    """Each target with its number; None where something of it was not measured."""

    def figure(work: str, server: str, stage: str, name: str) -> float:
        return results[work, server, stage].figures[name]

    for target in TARGETS:
        try:
            yield target, target.measured(figure)
        except KeyError:
            yield target, None


def number_text(number: float) -> str:
    """A number as one reads it."""
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:.3g}"


def own(work: str, stage: str, name: str) -> Callable[[Figure], float]:
    """Natter's own figure."""
    return lambda figure: figure(work, "natter", stage, name)


def share_of(server: str, work: str, stage: str, name: str = "server_us") -> Callable[[Figure], float]:
    """Natter's figure divided by somebody else's."""
    return lambda figure: figure(work, "natter", stage, name) / figure(work, server, stage, name)


def times(server: str, work: str, stage: str, name: str = "server_us") -> Callable[[Figure], float]:
    """Somebody else's figure divided by Natter's."""
    return lambda figure: figure(work, server, stage, name) / figure(work, "natter", stage, name)


def cost_of_more(server: str, stage: str) -> Callable[[Figure], float]:
    """What a delivery costs when all workers deliver, of what it costs when one of them does."""
    return lambda figure: (
        figure("workers", server, stage, "server_us") / figure("workers", server, f"{stage}, {EACH_ALONE}", "server_us")
    )


def bystander(figure: Figure) -> float:
    """How much more of a core a worker uses while another one delivers what nobody listens to here."""
    busy, rest = (figure("workers", "natter-2", "a bystander", f"bystander_{when}") for when in ("busy", "at_rest"))
    return busy - rest


def _targets() -> Iterator[Target]:
    work = "fan-out-1000"
    yield Target("1,000 listeners, one at a time: CPU, of the floor's", share_of("floor", work, ONE), most=1.5)
    for server, least in (("channels-pubsub", 30), ("channels", 30), ("python-socketio", 8)):
        yield Target(f"… times less than {server}", times(server, work, ONE), least=least)
    for listeners in ("100", "1000", "5000"):
        for server in FASTER_THAN:
            what = f"{int(listeners):,} listeners, one at a time: times less than {server}"
            yield Target(what, times(server, f"fan-out-{listeners}", ONE), least=1)
    for stage in (EIGHT, MANY):
        yield Target(f"1,000 listeners, {stage}: CPU, of the floor's", share_of("floor", work, stage), most=0.3)
    yield Target(f"1,000 listeners, {MANY}: deliveries a second", own(work, MANY, "per_second"), least=3_000_000)
    for stage in (CALM, STORM):
        yield Target(f"1,000 listeners, {stage}: share delivered at that rate", own(work, stage, "share"), least=0.99)
    yield Target(f"1,000 listeners, {CALM}: p99, of the floor's", share_of("floor", work, CALM, "p99_us"), most=1.25)
    yield Target(f"1,000 listeners, {STORM}: p99, µs", own(work, STORM, "p99_us"), most=30_000)
    yield Target("notifications a second", own("notifications", MOST, "per_second"), least=50_000)
    yield Target("notifications: CPU each, µs", own("notifications", MOST, "server_us"), most=20)
    factors = {"socketio": 1, "centrifuge": 1, "centrifugo": 1, "channels-pubsub": 25, "channels": 25}
    for server, least in factors.items():
        yield Target(f"… times less than {server}", times(server, "notifications", MOST), least=least)
    for server in ("channels-pubsub", "channels"):
        what = f"chat messages a second, 64 conversations, of {server}"
        yield Target(what, share_of(server, "chat-64", AT_ONCE, "per_second"), least=10)
    yield Target("chat messages, 64 conversations: CPU each, µs", own("chat-64", AT_ONCE, "server_us"), most=150)
    yield Target("chat messages a second, one conversation", own("chat-1", AT_ONCE, "per_second"), least=5000)
    for work in ("chat-64", "chat-1"):
        yield Target(f"{work} at half of the most: p99, µs", own(work, HALF, "p99_us"), most=50_000)
    yield Target("an idle socket, bytes", own("idle", "", "socket_bytes"), most=6 * 1024)
    yield Target("handshakes a second", own("handshakes", "", "per_second"), least=4000)
    yield Target(
        "typing signals a second, of a plain handler's", share_of("sanic", "typing", MOST, "per_second"), least=3
    )
    for server in ("natter-2", "natter-4"):
        for stage in (ONE, EIGHT):
            yield Target(f"{server}, {stage}: CPU, of one worker's", cost_of_more(server, stage), most=1.1)
    yield Target("share of a core that a worker spends on what nobody there hears", bystander, most=0.01)
    for page in ("feed", "chat", "notifications"):
        yield Target(f"{page}: pages a second, of Django's", share_of("channels", "pages", page, "per_second"), least=5)
        yield Target(f"{page}: queries", own("pages", f"{page}: queries", "queries"), most=6)
    yield Target("cold feed page: KB in all, gzipped", own("cold-page", "", "kilobytes"), most=150)
    yield Target("cold feed page: first contentful paint, ms", own("cold-page", "", "paint_ms"), most=1500)
    for work in BOUNDED:
        yield Target(f"{work}: p99 of the others, µs", own(work, "", "p99_us"), most=150_000)
        yield Target(f"{work}: memory grows by, MB", own(work, "", "grown_mb"), most=GROWS_MB)


TARGETS = tuple(_targets())
