"""Servers take turns: a machine that gets slower while they are measured gets slower for all of them."""

from __future__ import annotations

from bench.build import Missing
from bench.run import companies, in_turns, reason
from bench.works.work import Rounds


def test_each_plays_a_round_and_who_has_fewer_is_not_waited_for() -> None:
    played: list[tuple[str, str]] = []

    def play(server: str, stages: list[str]) -> Rounds:
        for stage in stages:
            played.append((server, stage))
            yield stage, {"per_second": 1.0}

    rounds, failures = in_turns({"slow": play("slow", ["calm"]), "fast": play("fast", ["calm", "busy", "busy"])})
    assert played == [("slow", "calm"), ("fast", "calm"), ("fast", "busy"), ("fast", "busy")]
    assert not failures
    assert rounds == {
        "slow": [("calm", {"per_second": 1.0})],
        "fast": [("calm", {"per_second": 1.0}), ("busy", {"per_second": 1.0}), ("busy", {"per_second": 1.0})],
    }


def test_one_that_fails_keeps_nobody_elses_rounds_back() -> None:
    def fails() -> Rounds:
        yield "calm", {"per_second": 1.0}
        raise Missing("a compiler")

    def plays() -> Rounds:
        for _ in range(2):
            yield "calm", {"per_second": 2.0}

    rounds, failures = in_turns({"failing": fails(), "fine": plays()})
    assert len(rounds["fine"]) == 2
    assert [reason(failure) for failure in failures.values()] == ["a compiler"]


def test_who_does_not_rest_is_measured_alone() -> None:
    assert companies("fan-out-1000", ["natter", "floor", "channels", "ws", "sanic"]) == [
        ["natter", "floor", "ws"],
        ["channels"],
        ["sanic"],
    ]
    assert companies("workers", ["natter", "natter-2"]) == [["natter"], ["natter-2"]]
    assert companies("fan-out-1000", ["channels"]) == [["channels"]]
    assert companies("fan-out-1000", []) == []
