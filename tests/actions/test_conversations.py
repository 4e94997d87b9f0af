"""Starting, sending, reading: what the actions store and announce."""

import asyncio
import itertools
from collections.abc import Iterator
from uuid import UUID, uuid4

import msgspec
import pytest

from app.actions import conversations, messages, notifications, positions
from app.actions.messages import ClientIdReused
from app.actions.notifications import Notice, notice_id
from app.actions.signalling import signal_with
from app.errors import Invalid, NotFound
from app.log import read, transaction
from app.models import Conversation, Membership, Message, Notification, User
from bus import events as e
from bus import signals as s
from bus.encoding import decode_event

names = itertools.count()


async def someone(name: str) -> User:
    return await User.create(username=f"{name}{next(names)}", display_name=name.title(), password_hash="-")


@pytest.fixture
async def alice(quiet: str) -> User:
    return await someone("alice")


@pytest.fixture
async def bob(quiet: str) -> User:
    return await someone("bob")


@pytest.fixture
async def mallory(quiet: str) -> User:
    return await someone("mallory")


@pytest.fixture
async def chat(alice: User, bob: User) -> Conversation:
    return (await conversations.start(alice, [bob.username]))[0]


@pytest.fixture
def said() -> Iterator[list[s.Signal]]:
    """The signals of this process."""
    heard: list[s.Signal] = []
    signal_with(heard.append)
    yield heard
    signal_with(lambda signal: None)


async def announced(topic: str) -> list[e.Event | None]:
    return [decode_event(entry.body) for entry in await read.after(topic, 0)]


async def test_starting_tells_everyone_that_they_are_in(alice: User, bob: User, chat: Conversation) -> None:
    assert await Membership.filter(conversation=chat).count() == 2
    for person in (alice, bob):
        joined = e.ConversationJoined(user_id=person.id, conversation_id=str(chat.id))
        assert await announced(f"user.{person.id}") == [joined]
    assert await conversations.start(bob, [alice.username]) == (chat, False)
    assert len(await announced(f"user.{bob.id}")) == 1


async def test_a_message_has_dense_numbers_and_the_seq_of_its_event(alice: User, bob: User, chat: Conversation) -> None:
    await asyncio.gather(*(messages.send(person, chat.id, "hi") for person in (alice, bob) for _ in range(15)))
    stored = await Message.filter(conversation=chat).order_by("number").select_related("author")
    assert [m.number for m in stored] == [m.seq for m in stored] == list(range(1, 31))
    assert [m.sent_at for m in stored] == sorted(m.sent_at for m in stored)
    events = await announced(f"conversation.{chat.id}")
    assert [bytes(event.message) for event in events if isinstance(event, e.MessageSent)] == [
        msgspec.json.encode(message.facts()) for message in stored
    ]


async def test_a_repeat_announces_nothing_and_takes_no_number(alice: User, chat: Conversation) -> None:
    client_id = uuid4()
    first, is_new = await messages.send(alice, chat.id, "once", client_id)
    assert is_new
    again = [await messages.send(alice, chat.id, "once ", client_id) for _ in range(3)]
    assert [(bytes(message.frame()), new) for message, new in again] == [(bytes(first.frame()), False)] * 3
    assert (await messages.send(alice, chat.id, "next"))[0].number == 2
    assert await read.head(f"conversation.{chat.id}") == 2


async def test_the_same_client_id_at_once_in_two_conversations_is_one_message(
    alice: User, bob: User, mallory: User, chat: Conversation
) -> None:
    other, _ = await conversations.start(alice, [mallory.username])
    for _ in range(10):
        client_id = uuid4()
        results = await asyncio.gather(
            *(messages.send(alice, place, "hi", client_id) for place in (chat.id, other.id)), return_exceptions=True
        )
        assert sorted(isinstance(result, ClientIdReused) for result in results) == [False, True]
        assert await Message.filter(author=alice, client_id=client_id).count() == 1
    stored = await Message.filter(author=alice)
    for place in (chat.id, other.id):
        assert await read.head(f"conversation.{place}") == sum(m.conversation_id == place for m in stored)


async def test_an_outsider_leaves_no_trace_and_a_member_does(
    bob: User, mallory: User, chat: Conversation, said: list[s.Signal]
) -> None:
    for place in (chat.id, uuid4()):
        with pytest.raises(NotFound):
            await messages.send(mallory, place, "let me in")
        with pytest.raises(NotFound):
            await positions.read(mallory, place, 1)
        with pytest.raises(NotFound):
            await positions.delivered(mallory, place, 1)
        with pytest.raises(NotFound):
            await conversations.membership_of(mallory.id, place)
        assert await read.head(f"conversation.{place}") == 0
    assert said == []
    await messages.send(bob, chat.id, "hello")
    assert await read.head(f"conversation.{chat.id}") == 1


async def test_text_is_checked_before_anything_is_written(alice: User, chat: Conversation) -> None:
    for text in ("", " \n", "x" * 4001, "a\x00", "\udfff"):
        with pytest.raises(Invalid):
            await messages.send(alice, chat.id, text)
    assert await read.head(f"conversation.{chat.id}") == 0


async def test_positions_are_stored_and_signalled_once_and_never_go_back(
    alice: User, bob: User, chat: Conversation, said: list[s.Signal]
) -> None:
    for _ in range(3):
        await messages.send(alice, chat.id, "hi")
    name, who = str(chat.id), {"user_id": bob.id, "username": bob.username}
    await positions.delivered(bob, chat.id, 99)
    await positions.delivered(bob, chat.id, 2)
    await positions.read(bob, chat.id, 2)
    await positions.read(bob, chat.id, 1)
    assert said == [
        s.Delivered(conversation_id=name, seq=3, **who),
        s.Read(conversation_id=name, seq=2, **who),
        s.ConversationRead(user_id=bob.id, conversation_id=name, number=2),
    ]
    place = await conversations.membership_of(bob.id, chat.id)
    assert (place.delivered_seq, place.read_seq, place.read_number) == (3, 2, 2)


async def test_typing_is_said_and_not_stored(alice: User, chat: Conversation, said: list[s.Signal]) -> None:
    positions.typing(alice.facts(), str(chat.id), True)
    assert said == [s.Typing(conversation_id=str(chat.id), user_id=alice.id, username=alice.username, is_typing=True)]
    assert await read.head(f"conversation.{chat.id}") == 0


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


def test_the_id_of_unread_messages_is_one_for_each_conversation_and_reader() -> None:
    one, other = UUID(int=1), UUID(int=2)
    assert len({conversations.message_notice_id(c, reader) for c in (one, other) for reader in (1, 2)}) == 4
