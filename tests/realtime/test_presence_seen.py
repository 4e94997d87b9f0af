"""What others see of a person, on a clock of its own: merging, grace, and how often anything may change."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from app.config import Settings
from app.realtime.presence_followed import TICK_SECONDS
from app.realtime.presence_here import GRACE_SECONDS
from app.realtime.presence_seen import CHANGE_SECONDS, Seen
from bus.lease import Lease

ONLINE = Lease(state="online", seconds=20, seen=1000)
AWAY = Lease(state="away", seconds=20, seen=900)
LEFT = Lease(state="online", seconds=GRACE_SECONDS, seen=1000)


def seen_at(*heard: tuple[str, Lease | None], now: float = 0.0) -> Seen:
    """Somebody of whom this was heard, and who has been looked at."""
    seen = Seen()
    for place, lease in heard:
        seen.heard(place, lease, now)
    seen.look(now)
    return seen


class TestWhatOthersSee:
    def test_nothing_is_known_before_the_first_look(self) -> None:
        assert Seen().state == "unknown"

    def test_nobody_anywhere_is_offline_with_the_last_time_they_were_seen(self) -> None:
        seen = Seen(last_seen=500.0)
        assert seen.look(0)
        assert (seen.state, seen.shown_last_seen) == ("offline", 500.0)

    def test_online_anywhere_is_online(self) -> None:
        seen = seen_at(("a", AWAY), ("b", ONLINE))
        assert (seen.state, seen.shown_last_seen) == ("online", None)

    def test_away_everywhere_is_away_since_the_last_of_them(self) -> None:
        seen = seen_at(("a", AWAY), ("b", Lease(state="away", seconds=20, seen=950)))
        assert (seen.state, seen.shown_last_seen) == ("away", 950)

    def test_a_lease_lapses_when_it_is_not_renewed(self) -> None:
        seen = seen_at(("a", ONLINE))
        assert seen.due(0) == 20
        assert not seen.look(19.9)
        assert seen.look(20)
        assert (seen.state, seen.shown_last_seen) == ("offline", 1000)

    def test_a_lease_that_is_renewed_goes_on(self) -> None:
        seen = seen_at(("a", ONLINE))
        seen.heard("a", ONLINE, 15)
        assert not seen.look(34)
        assert seen.due(34) == 35

    def test_a_lease_of_somebody_who_hides_is_never_due(self) -> None:
        """It was under way when they hid; due for ever it would keep its worker from everything else."""
        seen = seen_at(("a", ONLINE))
        seen.hide(True)
        seen.heard("a", ONLINE, 1)
        seen.look(30)
        assert (seen.state, seen.due(30)) == ("unknown", None)
        seen.hide(False)
        assert seen.look(30 + CHANGE_SECONDS)
        assert seen.state == "offline"

    @given(st.lists(st.tuples(st.sampled_from(["heard", "left", "hide", "show", "doubt"]), st.integers(0, 12))))
    def test_what_was_just_looked_at_is_not_due(self, steps: list[tuple[str, int]]) -> None:
        seen, now = Seen(), 0.0
        for step, pause in steps:
            now += pause
            if step in ("heard", "left"):
                seen.heard("a", ONLINE if step == "heard" else LEFT, now)
            elif step in ("hide", "show"):
                seen.hide(step == "hide")
            seen.look(now, trusted=step != "doubt")
            due = seen.due(now, trusted=step != "doubt")
            assert due is None or due > now

    def test_what_was_put_before_it_was_heard_changes_nothing(self) -> None:
        """A bucket without a leader takes nothing, and afterwards gives what it took before."""
        seen = seen_at(("a", ONLINE))
        seen.heard("a", AWAY, 19)
        seen.found("a", Lease(state="online", seconds=0, seen=900), 0, 21)
        assert seen.look(21)
        assert (seen.state, seen.due(21)) == ("away", 39)

    def test_what_was_put_after_it_was_heard_is_true(self) -> None:
        """The worker was cut off, and did not hear it."""
        seen = seen_at(("a", ONLINE))
        seen.found("a", Lease(state="away", seconds=5, seen=1010), 10, 15)
        assert seen.look(15)
        assert (seen.state, seen.due(15)) == ("away", 20)

    def test_who_is_elsewhere_stays_when_a_worker_dies(self) -> None:
        seen = seen_at(("dead", ONLINE))
        seen.heard("alive", ONLINE, 10)
        assert not seen.look(25)
        assert seen.state == "online"

    def test_a_reload_does_not_flicker(self) -> None:
        seen = seen_at(("a", ONLINE))
        seen.heard("a", LEFT, 10)
        assert not seen.look(10)
        seen.heard("b", ONLINE, 14.9)
        assert not any(seen.look(now) for now in (14.9, 15, 16, 34))

    def test_who_does_not_come_back_is_offline_after_the_grace(self) -> None:
        seen = seen_at(("a", ONLINE))
        seen.heard("a", LEFT, 10)
        assert seen.due(10) == 15
        assert seen.look(15)
        assert seen.state == "offline"

    def test_a_lease_that_had_lapsed_tells_only_when_they_were_seen(self) -> None:
        seen = seen_at(("a", Lease(state="online", seconds=0, seen=700)))
        assert (seen.state, seen.shown_last_seen) == ("offline", 700)

    def test_a_place_that_is_taken_back_is_gone_at_once(self) -> None:
        seen = seen_at(("a", ONLINE))
        seen.heard("a", None, 10)
        assert seen.look(10)
        assert seen.state == "offline"

    def test_hiding_takes_everything_back_at_once_and_what_is_heard_then_is_not_shown(self) -> None:
        seen = seen_at(("a", ONLINE))
        seen.heard("a", AWAY, 1)
        seen.look(1)
        seen.hide(True)
        assert seen.look(1.5)
        seen.heard("a", ONLINE, 2)
        assert not seen.look(2)
        assert (seen.state, seen.shown_last_seen, seen.last_seen) == ("unknown", None, None)
        seen.hide(False)
        seen.look(30)
        assert (seen.state, seen.shown_last_seen) == ("offline", None)

    def test_without_a_bus_everyone_is_unknown_and_nobody_lapses(self) -> None:
        seen = seen_at(("a", ONLINE))
        assert seen.look(3, trusted=False)
        assert seen.state == "unknown"
        assert seen.due(3, trusted=False) is None
        assert not seen.look(100, trusted=False)
        seen.extend(110)
        assert seen.look(100)
        assert seen.state == "online"
        assert seen.look(110)
        assert seen.state == "offline"

    def test_whom_only_a_killed_worker_had_are_offline_within_thirty_seconds(self) -> None:
        """It had said so just before, and what is shown of them had just changed."""
        seen, killed = seen_at(("a", AWAY)), 10.0
        seen.heard("a", Lease(state="online", seconds=Settings().presence_seconds, seen=1000), killed)
        assert seen.look(killed)
        now = killed
        while seen.state != "offline":
            due = seen.due(now)
            assert due is not None
            now = due + TICK_SECONDS
            seen.look(now)
        assert now - killed <= 30

    def test_who_may_not_have_spoken_yet_is_unknown_and_not_offline(self) -> None:
        seen = Seen()
        assert not seen.look(0, complete=False)
        seen.heard("a", AWAY, 1)
        assert seen.look(1, complete=False)
        assert seen.state == "away"
        assert Seen().look(2, complete=True)

    def test_flapping_once_a_second_shows_one_change_in_five(self) -> None:
        seen = seen_at(("a", ONLINE))
        changes = []
        for second in range(1, 61):
            seen.heard("a", AWAY if second % 2 else ONLINE, second)
            if seen.look(second):
                changes.append(second)
        assert changes[0] == 1
        assert all(later - earlier >= 5 for earlier, later in pairwise(changes))
        # Then it settles, and what is shown is what is true.
        seen.look(changes[-1] + CHANGE_SECONDS)
        assert seen.state == "online"

    @given(
        st.lists(
            st.tuples(
                st.floats(0, 3),
                st.sampled_from(("a", "b", "c")),
                st.sampled_from((ONLINE, AWAY, LEFT, None)),
                st.booleans(),
            )
        )
    )
    def test_changes_are_rare_and_time_alone_reaches_the_truth(
        self, steps: list[tuple[float, str, Lease | None, bool]]
    ) -> None:
        seen, now, changes = seen_at(), 0.0, []
        for pause, place, lease, trusted in steps:
            due = seen.due(now)
            if due is not None and now <= due <= now + pause and seen.look(due):
                changes.append((due, seen.state))
            now += pause
            seen.heard(place, lease, now)
            if seen.look(now, trusted=trusted):
                changes.append((now, seen.state))
        shown = [moment for moment, state in changes if state != "unknown"]
        assert all(later - earlier >= CHANGE_SECONDS - 1e-6 for earlier, later in pairwise(shown))
        # Left alone, everything lapses, and each time to look is named beforehand.
        for _ in range(len(steps) + 5):
            due = seen.due(now)
            if due is None:
                break
            now = max(now, due)
            seen.look(now)
        assert seen.state == "offline"
        assert now <= sum(step[0] for step in steps) + ONLINE.seconds + CHANGE_SECONDS

    @given(st.lists(st.tuples(st.sampled_from(("a", "b")), st.sampled_from((ONLINE, AWAY, LEFT, None)))))
    def test_the_order_of_places_does_not_matter(self, said: list[tuple[str, Lease | None]]) -> None:
        by_place = sorted(said, key=lambda one: one[0])
        assert seen_at(*said).state == seen_at(*by_place).state
