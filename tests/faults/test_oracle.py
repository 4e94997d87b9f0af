"""The oracle on made-up evidence: it accepts what is right, and notices each single thing that is not."""

from copy import deepcopy

import pytest

from tests.faults.oracle import Evidence, Record, Row, Sent, violations


@pytest.fixture
def right() -> Evidence:
    """Three messages of which two pages saw what they were owed; the second one came later."""
    ids = ["a", "b", "c"]
    return Evidence(
        sent={client_id: Sent("hall", 1, 0.0) for client_id in ids},
        acknowledged=set(ids),
        records=[
            Record("early", "hall", since=0, frames=[(1, "a"), (2, "b"), (3, "c")]),
            Record("late", "hall", since=1, frames=[(2, "b"), (3, "c")]),
        ],
        rows=[Row("hall", 1, client_id, seq) for seq, client_id in enumerate(ids, 1)],
    )


def test_what_is_right_is_right(right: Evidence) -> None:
    assert violations(right) == []


@pytest.mark.parametrize(
    ("frames", "said"),
    [
        ([(1, "a"), (2, "b")], "never delivered: c"),
        ([(1, "a"), (3, "c")], "3 came after 1"),
        ([(1, "a"), (2, "b"), (2, "b"), (3, "c")], "delivered 2 times: b"),
        ([(2, "b"), (1, "a"), (3, "c")], "1 came after 2"),
        ([(1, "a"), (2, "b"), (3, "c"), (4, "d")], "a phantom at 4"),
        ([(1, "a"), (2, "c"), (3, "b")], "a phantom at 2"),
    ],
)
def test_a_page_that_was_sent_something_else(right: Evidence, frames: list[tuple[int, str | None]], said: str) -> None:
    wrong = deepcopy(right)
    wrong.records[0].frames = frames
    assert any(said in violation for violation in violations(wrong))


def test_rows_that_are_missing_doubled_or_made_up(right: Evidence) -> None:
    missing, doubled, made_up, unanswered = (deepcopy(right) for _ in range(4))
    missing.rows.pop()
    doubled.rows.append(Row("hall", 1, "a", 4))
    made_up.rows.append(Row("hall", 1, "x", 4))
    unanswered.acknowledged.discard("b")
    assert "acknowledged and not stored: c" in violations(missing)
    assert "stored 2 times: a" in violations(doubled)
    assert "stored and never sent: x" in violations(made_up)
    assert "never acknowledged: b" in violations(unanswered)


def test_a_page_that_never_came_to_life_or_was_told_to_start_anew(right: Evidence) -> None:
    dead, anew = deepcopy(right), deepcopy(right)
    dead.records[0].since = None
    anew.records[0].resets = 1
    assert violations(dead) == ["early: was never live"]
    assert violations(anew) == ["early: told 1 times to start anew"]
