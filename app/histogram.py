"""A histogram of times: plain counts, cheap enough for every request and every event."""

from bisect import bisect_left

BOUNDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The upper bounds of the buckets, in seconds; one more bucket takes what is longer."""


class Histogram:
    """``counts`` is how many fell into each bucket, ``total`` all seconds together."""

    __slots__ = ("counts", "total")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def observe(self, seconds: float, times: int = 1) -> None:
        """Count one more, or several that took as long."""
        self.counts[bisect_left(BOUNDS, seconds)] += times
        self.total += seconds * times
