"""What is stored of presence: hiding it is announced once and forgets, and the last time seen never goes back."""

import asyncpg

from app.actions import presence
from app.models import Attendance, User
from bus.events import PresenceHidden
from tests.actions.announced import announced


async def stored(user: User) -> Attendance:
    [attendance] = await User.attendances([user.id, 2**31 - 1])
    return attendance


async def test_hiding_is_announced_once_and_forgets_when_one_was_seen(alice: User) -> None:
    await presence.seen({alice.id: 1000.0})
    for hidden in (True, True, False):
        await presence.hide_presence(alice, hidden)
    assert await announced(f"user.{alice.id}") == [
        PresenceHidden(user_id=alice.id, hidden=True),
        PresenceHidden(user_id=alice.id, hidden=False),
    ]
    assert await stored(alice) == (alice.id, alice.username, False, None)


async def test_the_last_time_seen_never_goes_back(alice: User, bob: User) -> None:
    await presence.seen({alice.id: 1000.0, bob.id: 2000.0, 2**31 - 1: 1.0})
    await presence.seen({alice.id: 900.0, bob.id: 3000.5})
    moments = [(await stored(user)).last_seen_at for user in (alice, bob)]
    assert [moment.timestamp() for moment in moments if moment] == [1000.0, 3000.5]


async def test_who_hides_is_not_seen(alice: User, bob: User) -> None:
    await presence.hide_presence(alice, True)
    await presence.seen({alice.id: 1000.0, bob.id: 1000.0})
    assert (await stored(alice)).last_seen_at is None
    assert (await stored(bob)).last_seen_at is not None


async def test_a_row_that_somebody_changes_is_left_for_the_next_time(quiet: str, alice: User, bob: User) -> None:
    somebody = await asyncpg.connect(quiet)
    try:
        async with somebody.transaction():
            await somebody.execute("UPDATE users SET bio = 'busy' WHERE id = $1", alice.id)
            await presence.seen({alice.id: 1000.0, bob.id: 1000.0})
    finally:
        await somebody.close()
    assert (await stored(alice)).last_seen_at is None
    assert (await stored(bob)).last_seen_at is not None
