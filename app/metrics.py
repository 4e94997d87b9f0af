"""The table of metrics, a worker's numbers at one moment, and the numbers of all workers as Prometheus reads them."""

from collections.abc import Callable, Iterable, Iterator

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from app.histogram import BOUNDS

Values = dict[str, float]
"""By the value of the metric's label; ``""`` for one without label."""


class Gauge(msgspec.Struct, frozen=True):
    """What is now. ``over`` makes one number of those of all living workers; ``max`` where each sees the same."""

    meaning: str
    label: str = ""
    over: Callable[[Iterable[float]], float] = sum


class Counter(msgspec.Struct, frozen=True):
    """What has happened since the unit started, also to workers that are gone. Its name ends in ``_total``."""

    meaning: str
    label: str = ""


class Times(msgspec.Struct, frozen=True):
    """How long something took, as a histogram since the unit started."""

    meaning: str
    label: str = ""


METRICS: dict[str, Gauge | Counter | Times] = {
    "natter_ready": Gauge("1 while this part of being ready is well, in the eyes of every worker", "part", min),
    "natter_workers_ready": Gauge("workers of the unit that can serve", over=max),
    "natter_workers_started_total": Counter("workers started, the first ones too"),
    "natter_loop_late_seconds": Gauge("how late the event loop comes to what is due; the latest worker", over=max),
    "natter_tasks": Gauge("asyncio tasks"),
    "natter_sockets": Gauge("open sockets"),
    "natter_topics": Gauge("topics that are listened to, counted once for each worker"),
    "natter_buffered_bytes": Gauge("bytes that wait for browsers to take them"),
    "natter_frames_total": Counter("frames handed out to those who listen"),
    "natter_deliveries_total": Counter("frames handed to a socket: one frame to ten listeners is ten"),
    "natter_bytes_out_total": Counter("bytes written to sockets"),
    "natter_sockets_slow": Gauge("sockets and streams whose browser has not taken all there is"),
    "natter_sockets_cut_off_total": Counter("sockets cut off because their browser took too little"),
    "natter_sockets_crowded_out_total": Counter("those of them for which only all together took too little"),
    "natter_healings_total": Counter(
        "rings set right: holes filled from the log (lost), what came too soon (early) or again (repeated)", "ring"
    ),
    "natter_command_errors_total": Counter("commands on sockets that were refused", "code"),
    "natter_fan_out_seconds": Times("from a frame's coming until every socket here has it"),
    "natter_canary_age_seconds": Gauge("since a message to oneself came back over NATS; the worst worker", over=max),
    "natter_presence_present": Gauge("people who have a page open, counted once for each worker"),
    "natter_presence_followed": Gauge("people whose presence pages show, counted once for each worker"),
    "natter_presence_unknown": Gauge("1 while a worker can say of nobody who is there, as NATS is silent", over=max),
    "natter_presence_puts_total": Counter("times that somebody was said to be there, or there no more"),
    "natter_presence_changes_total": Counter("times that what pages show of somebody changed, for each worker"),
    "natter_log_rows_total": Counter("events appended to the log"),
    "natter_jobs_waiting": Gauge("jobs of the site that are still to be done, also those not yet due", over=max),
    "natter_jobs_overdue": Gauge("jobs of the site that should have been done 10 s ago", over=max),
    "natter_dead_letters": Gauge("jobs of the site that failed for good", over=max),
    "natter_intake_waiting": Gauge("publications in NATS that are not stored yet", over=max),
    "natter_intake_age_seconds": Gauge("for how long at least the oldest of them has waited", over=max),
    "natter_database_connections": Gauge("connections to PostgreSQL", "state"),
    "natter_requests_total": Counter("requests answered", "status"),
    "natter_request_seconds": Times("from a request's head until its answer is ready", "route"),
}


class Timed(msgspec.Struct):
    """The counts of a histogram's buckets, and all seconds together."""

    counts: list[int]
    total: float


class Snapshot(msgspec.Struct):
    """One worker's numbers. ``at`` is of the monotonic clock, which all processes of a machine share."""

    at: float = 0.0
    gauges: dict[str, Values] = {}
    counters: dict[str, Values] = {}
    times: dict[str, dict[str, Timed]] = {}

    def add(self, other: "Snapshot") -> None:
        """Count what ``other`` counted, too. Its gauges are left out: they are its own."""
        for name, values in other.counters.items():
            ours = self.counters.setdefault(name, {})
            for label, value in values.items():
                ours[label] = ours.get(label, 0) + value
        for name, labelled in other.times.items():
            for label, theirs in labelled.items():
                timed = self.times.setdefault(name, {}).setdefault(label, Timed([0] * len(theirs.counts), 0.0))
                # They differ in length where another version of the program wrote them.
                if len(timed.counts) == len(theirs.counts):
                    timed.counts = [a + b for a, b in zip(timed.counts, theirs.counts, strict=True)]
                    timed.total += theirs.total


CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""Which every Prometheus reads."""


def as_text(counted: Snapshot, living: list[Snapshot]) -> bytes:
    """``counted`` has the counters and histograms of all workers ever, ``living`` the gauges of those there are."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(list(_families(counted, living))))
    return generate_latest(registry)


class _Families(Collector):
    def __init__(self, families: list[Metric]) -> None:
        self._families = families

    def collect(self) -> list[Metric]:
        return self._families

    def describe(self) -> list[Metric]:
        return []


def _families(counted: Snapshot, living: list[Snapshot]) -> Iterator[Metric]:
    for name, metric in METRICS.items():
        labels = [metric.label] if metric.label else []
        if isinstance(metric, Times):
            yield _histogram(name, metric, labels, counted.times.get(name, {}))
            continue
        if isinstance(metric, Counter):
            family: Metric = CounterMetricFamily(name, metric.meaning, labels=labels)
            values = counted.counters.get(name, {})
        else:
            family = GaugeMetricFamily(name, metric.meaning, labels=labels)
            values = _over_workers(metric, [snapshot.gauges.get(name, {}) for snapshot in living])
        for label, value in values.items():
            family.add_metric([label] if metric.label else [], value)  # type: ignore[attr-defined]
        yield family


def _over_workers(metric: Gauge, of_workers: list[Values]) -> Values:
    labels = dict.fromkeys(label for values in of_workers for label in values)
    return {label: metric.over(values[label] for values in of_workers if label in values) for label in labels}


def _histogram(name: str, metric: Times, labels: list[str], of_labels: dict[str, Timed]) -> HistogramMetricFamily:
    family = HistogramMetricFamily(name, metric.meaning, labels=labels)
    for label, timed in of_labels.items():
        below, buckets = 0, []
        for bound, count in zip([*map(str, BOUNDS), "+Inf"], timed.counts, strict=False):
            below += count
            buckets.append((bound, float(below)))
        family.add_metric([label] if labels else [], buckets, timed.total)
    return family
