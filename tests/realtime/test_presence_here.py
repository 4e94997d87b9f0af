"""What a worker tells of those who are at it, on a clock of its own: what changed, and everyone again."""

from app.realtime.presence_here import GRACE_SECONDS, Here
from bus.lease import Lease

ONLINE = Lease(state="online", seconds=20, seen=1000)
LEFT = Lease(state="online", seconds=GRACE_SECONDS, seen=1000)


class TestWhatIsTold:
    def here(self) -> Here:
        here = Here(seconds=20)
        here.arrive(1, "tab", hidden=False, now=1000)
        return here

    def told(self, here: Here, now: float, everyone: bool = False) -> dict[int, Lease | None]:
        told = here.tell(now, everyone)
        here.confirm(told, now)
        return told

    def test_who_arrives_is_told_once_and_with_everyone_again(self) -> None:
        here = self.here()
        online = Lease(state="online", seconds=20, seen=1000)
        assert self.told(here, 1000) == {1: online}
        assert self.told(here, 1001) == {}
        assert self.told(here, 1007, everyone=True) == {1: Lease(state="online", seconds=20, seen=1007)}

    def test_a_second_tab_changes_nothing(self) -> None:
        here = self.here()
        here.arrive(1, "other", hidden=False, now=1000)
        here.leave(1, "other", 1001)
        told = self.told(here, 1001)[1]
        assert told is not None
        assert (told.state, told.seconds) == ("online", 20)

    def test_away_is_when_all_tabs_are_and_was_seen_until_then(self) -> None:
        here = self.here()
        here.arrive(1, "other", hidden=False, now=1000)
        here.active(1, "tab", False, 1010)
        assert (self.told(here, 1010)[1] or LEFT).state == "online"
        here.active(1, "other", False, 1020)
        assert self.told(here, 1025) == {1: Lease(state="away", seconds=20, seen=1020)}
        assert self.told(here, 1090, everyone=True) == {1: Lease(state="away", seconds=20, seen=1020)}
        here.active(1, "tab", True, 1100)
        assert self.told(here, 1100) == {1: Lease(state="online", seconds=20, seen=1100)}

    def test_the_last_tab_leaves_a_grace_in_the_state_they_were_in(self) -> None:
        here = self.here()
        here.active(1, "tab", False, 1010)
        here.leave(1, "tab", 1050)
        assert self.told(here, 1051) == {1: Lease(state="away", seconds=GRACE_SECONDS - 1, seen=1010)}
        assert self.told(here, 1052, everyone=True) == {}, "forgotten"

    def test_what_could_not_be_told_is_told_again_and_the_grace_has_run_on(self) -> None:
        here = self.here()
        here.leave(1, "tab", 1050)
        here.retry(here.tell(1050, everyone=False))
        assert self.told(here, 1100) == {1: Lease(state="online", seconds=0, seen=1050)}

    def test_what_changes_while_it_is_told_is_told_too(self) -> None:
        here = self.here()
        told = here.tell(1000, everyone=False)
        here.leave(1, "tab", 1001)
        here.confirm(told, 1001)
        assert (self.told(here, 1001)[1] or ONLINE).seconds == GRACE_SECONDS

    def test_who_comes_back_within_the_grace_is_simply_there(self) -> None:
        here = self.here()
        here.leave(1, "tab", 1001)
        here.arrive(1, "again", hidden=False, now=1002)
        assert (self.told(here, 1002)[1] or LEFT).seconds == 20

    def test_who_hides_is_taken_back_and_not_told_again(self) -> None:
        here = self.here()
        self.told(here, 1000)
        here.hide(1, True)
        assert self.told(here, 1001) == {1: None}
        here.active(1, "tab", False, 1002)
        assert self.told(here, 1002) == {1: None}
        assert self.told(here, 1003, everyone=True) == {}
        assert here.unwritten() == {}
        here.hide(1, False)
        assert (self.told(here, 1004)[1] or ONLINE).state == "away"

    def test_when_they_were_seen_is_given_once_to_be_written(self) -> None:
        here = self.here()
        here.arrive(2, "tab", hidden=True, now=1000)
        self.told(here, 1005, everyone=True)
        assert here.unwritten() == {1: 1005}
        assert here.unwritten() == {}
        here.active(1, "tab", False, 1010)
        given = here.unwritten()
        here.rewrite(given)
        here.leave(1, "tab", 1020)
        assert here.unwritten() == {1: 1010}

    def test_a_page_that_never_came_may_go(self) -> None:
        here = self.here()
        here.leave(1, "never", 1000)
        here.leave(9, "never", 1000)
        here.active(9, "never", True, 1000)
        here.hide(9, True)
        assert set(self.told(here, 1000)) == {1}
