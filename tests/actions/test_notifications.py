"""Telling and reading: stored, announced, and counted exactly."""

import asyncio
from uuid import uuid4

import msgspec
import pytest

from app.actions import notifications
from app.actions.notifications import Notice, notice_id
from app.errors import NotFound
from app.log import transaction
from app.models import Notification, User
from bus import events as e
from tests.actions.announced import announced


def notice(recipient: User, target: str, *, renew: bool = False, message: str = "hi") -> Notice:
    return Notice(
        id=notice_id("System", None, target, recipient.id),
        recipient_id=recipient.id,
        kind="System",
        message=message,
        renew=renew,
    )


async def tells(*notices: Notice) -> int:
    async with transaction() as events:
        return await notifications.tell(events, list(notices))


async def test_each_announcement_has_the_exact_count(alice: User, bob: User) -> None:
    """However many tell, read and withdraw at once: the counts in the log are those of its order."""
    topic = f"user.{alice.id}"

    async def one(number: int) -> None:
        told = notice(alice, f"target {number % 15}", renew=number % 2 == 0)
        await tells(told, notice(bob, str(number)))
        if number % 3 == 0:
            await notifications.mark_read(alice, [told.id])
        if number % 5 == 0:
            async with transaction() as events:
                await notifications.withdraw(events, alice.id, told.id)
        if number % 17 == 0:
            await notifications.mark_read(alice, "all")

    results = await asyncio.gather(*(one(number) for number in range(60)), return_exceptions=True)
    assert all(result is None or isinstance(result, NotFound) for result in results), results
    unread: set[str] = set()
    for event in await announced(topic):
        if isinstance(event, e.Notified):
            unread.add(msgspec.json.decode(event.notification)["id"])
        elif isinstance(event, e.NotificationsRead | e.NotificationsRemoved):
            unread -= unread.copy() if event.ids == "all" else set(event.ids)
        else:
            raise AssertionError(event)
        assert event.unread == len(unread)
    await alice.refresh_from_db()
    await bob.refresh_from_db()
    assert alice.unread_notifications == len(unread) == await Notification.filter(recipient=alice, read=False).count()
    assert bob.unread_notifications == 60


async def test_what_is_known_is_told_again_only_when_it_is_to_be_renewed(alice: User) -> None:
    assert await tells(notice(alice, "t", message="one")) == 1
    assert await tells(notice(alice, "t", message="two")) == 0
    assert (await Notification.get(recipient=alice)).message == "one"
    assert await tells(notice(alice, "t", message="three", renew=True)) == 1
    assert (await Notification.get(recipient=alice)).message == "three"
    await alice.refresh_from_db()
    assert alice.unread_notifications == 1
    assert await tells() == 0


async def test_only_ones_own_can_be_read_and_reading_twice_is_announced_once(alice: User, mallory: User) -> None:
    told = notice(alice, "t")
    await tells(told)
    for who, ids in ((mallory, [told.id]), (alice, [uuid4()])):
        with pytest.raises(NotFound):
            await notifications.mark_read(who, ids)
    with pytest.raises(NotFound):
        await notifications.mark_unread(mallory, told.id)
    for _ in range(2):
        await notifications.mark_read(alice, [told.id])
    for _ in range(2):
        await notifications.mark_unread(alice, told.id)
    kinds = [type(event) for event in await announced(f"user.{alice.id}")]
    assert kinds == [e.Notified, e.NotificationsRead, e.Notified]


async def test_what_was_read_is_not_withdrawn(alice: User) -> None:
    told = notice(alice, "t")
    await tells(told)
    await notifications.mark_read(alice, [told.id])
    async with transaction() as events:
        await notifications.withdraw(events, alice.id, told.id)
    assert await Notification.filter(id=told.id).exists()
