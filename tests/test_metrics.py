"""The numbers of several workers together: a dead one is still counted, and nothing of it is still there."""

import time
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.board import SLOT_BYTES, Board
from app.config import Settings
from app.histogram import BOUNDS, Histogram
from app.meter import Meter
from app.metrics import Snapshot, Timed


class Worker:
    """A worker of a unit of two, as far as its numbers go."""

    def __init__(self, folder: Path, place: int) -> None:
        board = folder / "board"
        if not board.exists():
            board.write_bytes(bytes(2 * SLOT_BYTES))
        (folder / "metrics").mkdir(exist_ok=True)
        self.board = Board(str(board), 2, place)
        settings = Settings(workers=2, worker=place, unit_metrics=str(folder / "metrics"))
        self.meter = Meter(settings, self.board)
        self.sockets, self.frames, self.late = 0.0, 0.0, 0.0
        self.took = Histogram()
        self.meter.read = self.read

    def read(self) -> Snapshot:
        gauges = {"natter_sockets": {"": self.sockets}, "natter_loop_late_seconds": {"": self.late}}
        counters = {"natter_frames_total": {"": self.frames}, "natter_command_errors_total": {"too_long": self.frames}}
        times = {"natter_request_seconds": {"/posts": Timed(list(self.took.counts), self.took.total)}}
        return Snapshot(time.monotonic(), gauges, counters, times)

    def keeps(self) -> None:
        self.board.write(ready=True)
        self.meter.keep()

    async def tells(self, name: str, **labels: str) -> float | None:
        text = (await self.meter.of_unit()).decode()
        samples = (sample for family in text_string_to_metric_families(text) for sample in family.samples)
        return next((sample.value for sample in samples if (sample.name, sample.labels) == (name, labels)), None)


@pytest.fixture
def one(tmp_path: Path) -> Worker:
    return Worker(tmp_path, 0)


@pytest.fixture
def two(tmp_path: Path) -> Worker:
    return Worker(tmp_path, 1)


async def test_any_worker_tells_the_numbers_of_all(one: Worker, two: Worker) -> None:
    one.sockets, one.frames, one.late = 3, 10, 0.5
    two.sockets, two.frames, two.late = 4, 20, 0.1
    for seconds in (0.002, 0.002, 99):
        two.took.observe(seconds)
    one.keeps()
    two.keeps()
    for worker in (one, two):
        assert await worker.tells("natter_sockets") == 7
        assert await worker.tells("natter_loop_late_seconds") == 0.5
        assert await worker.tells("natter_frames_total") == 30
        assert await worker.tells("natter_command_errors_total", code="too_long") == 30
        assert await worker.tells("natter_request_seconds_bucket", route="/posts", le="0.001") == 0
        assert await worker.tells("natter_request_seconds_bucket", route="/posts", le="0.0025") == 2
        assert await worker.tells("natter_request_seconds_bucket", route="/posts", le="+Inf") == 3
        assert await worker.tells("natter_request_seconds_sum", route="/posts") == pytest.approx(99.004)


async def test_a_dead_worker_stays_counted_and_leaves_no_gauge(one: Worker, two: Worker, tmp_path: Path) -> None:
    two.sockets, two.frames = 4, 20
    one.keeps()
    two.keeps()
    # The supervisor empties the slot of a worker that died.
    with (tmp_path / "board").open("r+b") as board:
        board.seek(SLOT_BYTES)
        board.write(bytes(SLOT_BYTES))
    assert await one.tells("natter_sockets") == 0
    assert await one.tells("natter_frames_total") == 20


async def test_who_takes_the_place_of_a_dead_worker_counts_on(one: Worker, two: Worker, tmp_path: Path) -> None:
    two.sockets, two.frames = 4, 20
    two.took.observe(0.3)
    two.keeps()
    heir = Worker(tmp_path, 1)
    heir.board.write(ready=False)
    assert await one.tells("natter_sockets") == 0, "before it has kept anything"
    assert await one.tells("natter_frames_total") == 20
    heir.frames, heir.sockets = 5, 1
    heir.took.observe(0.3)
    heir.keeps()
    for worker in (one, heir):
        assert await worker.tells("natter_frames_total") == 25
        assert await worker.tells("natter_sockets") == 1
        assert await worker.tells("natter_request_seconds_count", route="/posts") == 2


async def test_what_another_version_or_a_broken_disk_wrote_is_left_out(
    one: Worker, two: Worker, tmp_path: Path
) -> None:
    one.frames, two.frames = 1, 2
    two.took.counts = [1] * (len(BOUNDS) + 5)
    one.took.observe(1)
    two.keeps()
    assert await one.tells("natter_frames_total") == 3
    assert await one.tells("natter_request_seconds_count", route="/posts") == 1
    (tmp_path / "metrics/1.json").write_bytes(b'{"half')
    assert await one.tells("natter_frames_total") == 1


def test_counting_costs_less_than_two_microseconds() -> None:
    histogram, rounds = Histogram(), 50_000
    best = min(timed(lambda: [histogram.observe(0.003) for _ in range(rounds)]) for _ in range(5))
    assert best / rounds < 2e-6


def timed(work: object) -> float:
    began = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - began
