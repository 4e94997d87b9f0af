"""What others see of one person's presence: pure logic, which is given the clock. Nothing here waits, asks or sends.

Leases are counted on a clock that never jumps (monotonic); when somebody was last seen is Unix time, for it is shown.
"""

from typing import NamedTuple

from bus.lease import Lease

CHANGE_SECONDS = 5.0
"""What is shown of a person changes at most once in so long, however they flap."""


class Place(NamedTuple):
    """One worker's word on a person, good ``until`` then, and when it was ``given``."""

    state: str
    until: float
    given: float


class Seen:
    """What the pages of one worker show of one person, merged over all places: tabs, devices, workers, hosts.

    ``state`` is ``online``, ``away``, ``offline`` or ``unknown``, and changes in ``look`` only.
    """

    __slots__ = ("_changed", "_learned", "_places", "hidden", "last_seen", "state")

    def __init__(self, hidden: bool = False, last_seen: float | None = None) -> None:
        self.state = "unknown"
        self.hidden, self.last_seen = hidden, last_seen
        self._places: dict[str, Place] = {}
        self._changed = float("-inf")
        self._learned = False

    def heard(self, place: str, lease: Lease | None, now: float) -> None:
        """A place says that the person is there, or (None) is there no more."""
        self._places.pop(place, None)
        if lease:
            self._place(place, lease, now, now)

    def found(self, place: str, lease: Lease, given: float, now: float) -> None:
        """A place has said so before. It may since have been heard to say more than the bucket could take."""
        known = self._places.get(place)
        if known is None or known.given < given:
            self._place(place, lease, given, now)

    def was_seen(self, moment: float | None) -> None:
        """They did something then (Unix time), which may be long known."""
        if moment is not None and not self.hidden:
            self.last_seen = max(moment, self.last_seen or moment)

    def hide(self, hidden: bool) -> None:
        """They hide their presence, or show it again. What was known of it before is forgotten."""
        if hidden and not self.hidden:
            self._places.clear()
            self.last_seen = None
        self.hidden = hidden

    def extend(self, until: float) -> None:
        """Nobody could say anything for a while: what was said before holds until then at least."""
        self._places = {name: place._replace(until=max(place.until, until)) for name, place in self._places.items()}

    def look(self, now: float, *, trusted: bool = True, complete: bool = True) -> bool:
        """Take in what is true now; whether that changes what is shown.

        ``trusted``: what is said arrives. ``complete``: whoever is somewhere has had the time to say so.
        """
        state = self._true_state(now, trusted, complete)
        if state == self.state or (state != "unknown" and now < self._changed + CHANGE_SECONDS):
            return False
        if self._learned:
            self._changed = now
        # Learning how things stand is not a change.
        self._learned = self._learned or state != "unknown"
        self.state = state
        return True

    def due(self, now: float, *, trusted: bool = True, complete: bool = True) -> float | None:
        """When to look again although nothing is heard; None when time alone changes nothing."""
        if self._true_state(now, trusted, complete) != self.state:
            return self._changed + CHANGE_SECONDS
        if self.hidden or not trusted:
            # Places are not looked at now, not even whether they have ended: they would be due for ever.
            return None
        return min((place.until for place in self._places.values()), default=None)

    @property
    def shown_last_seen(self) -> float | None:
        """When they were last seen, of somebody who is not there."""
        return self.last_seen if self.state in ("away", "offline") else None

    def _place(self, name: str, lease: Lease, given: float, now: float) -> None:
        self._places[name] = Place(lease.state, now + lease.seconds, given)
        self.was_seen(lease.seen)

    def _true_state(self, now: float, trusted: bool, complete: bool) -> str:
        if self.hidden or not trusted:
            return "unknown"
        for name in [name for name, place in self._places.items() if place.until <= now]:
            del self._places[name]
        states = {place.state for place in self._places.values()}
        nobody = "offline" if complete else "unknown"
        return "online" if "online" in states else "away" if states else nobody
