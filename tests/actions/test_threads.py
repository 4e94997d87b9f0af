"""Threads: they hang on a message, count for themselves, and are followed by who takes part."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from app.actions import conversations, edits, groups, keeping, messages, reactions, threads
from app.actions.messages import ClientIdReused, Sent
from app.errors import Invalid, NotFound
from app.jobs.notices import notify_mentions_in_message
from app.jobs.replies import notify_reply
from app.jobs.unread import notify_thread, notify_unread, read_answered
from app.jobs.withdrawals import remove_message, withdraw_unread
from app.log import read, transaction
from app.log.consequences import tell_unread_after, unread_seconds
from app.models import Conversation, Message, MessageFacts, Notification, ThreadFollow, User
from app.models.message import Said
from app.models.thread import OpenedThread, opened_thread
from app.realtime import frames
from app.realtime.websocket import payloads
from bus import events as e
from bus import signals as s
from bus.encoding import decode_event
from tests.actions.announced import announced


@pytest.fixture
async def root(alice: User, chat: Conversation) -> UUID:
    """The message on which the thread hangs."""
    return (await messages.send(alice.id, chat.id, "Bread?")).id


async def thread_of(user: User, chat: Conversation, root: UUID) -> OpenedThread:
    found = await opened_thread(user.id, chat.id, root, limit=50)
    assert found is not None
    return found


def texts(said: list[Said]) -> list[str]:
    return [one.facts.message for one in said]


async def last(chat: Conversation, kind: type[e.Event]) -> e.Event:
    found = [event for event in await announced(f"conversation.{chat.id}") if isinstance(event, kind)]
    return found[-1]


async def unread_of(user: User) -> dict[str, int]:
    return {one.id: one.unread for one in await ThreadFollow.listed(user.id, None, 30)}


async def told(user: User) -> list[tuple[str, bool]]:
    return [(one.message, one.read) for one in await Notification.filter(recipient=user).order_by("sent_at")]


async def test_what_is_said_in_a_thread_counts_there_and_not_in_the_conversation(
    alice: User, bob: User, chat: Conversation, root: UUID
) -> None:
    await conversations.mark_read(bob.id, chat.id, 1)
    one = await messages.send(bob.id, chat.id, "Rye.", thread=root)
    two = await messages.send(alice.id, chat.id, "Or wheat.", thread=root)
    after = await messages.send(alice.id, chat.id, "Tea, too?")
    assert [(sent.seq, sent.number) for sent in (one, two, after)] == [(2, 1), (3, 2), (4, 2)]
    thread = await thread_of(bob, chat, root)
    assert texts(thread.messages) == ["Rye.", "Or wheat."]
    assert thread.messages[0].facts.thread == str(root)
    assert bytes(thread.messages[0].frame()) == bytes(one.frame)
    page = await Message.page(chat.id, limit=50)
    assert texts(page) == ["Bread?", "Tea, too?"]
    sums = page[0].facts.replies
    assert sums is not None
    assert (sums.count, sums.usernames) == (2, (alice.username, bob.username))
    assert sums.last_at == thread.messages[-1].facts.sent_at
    [listed] = await Conversation.listed(bob.id, None, 30)
    assert (listed.last_number, listed.unread, listed.preview) == (2, 1, "Tea, too?")
    event = await last(chat, e.ThreadMessageSent)
    assert isinstance(event, e.ThreadMessageSent)
    assert event.followers == tuple(sorted([alice.id, bob.id]))


async def test_only_a_message_of_the_conversation_holds_a_thread_and_one_in_a_thread_does_not(
    alice: User, bob: User, mallory: User, chat: Conversation, root: UUID
) -> None:
    elsewhere, _ = await conversations.start(alice, [mallory.username])
    secret = await messages.send(alice.id, elsewhere.id, "between us")
    nested = await messages.send(bob.id, chat.id, "Rye.", thread=root)
    gone = await messages.send(alice.id, chat.id, "never mind")
    await edits.delete(alice.id, chat.id, gone.id)
    sent = await asyncio.gather(
        *[messages.send(bob.id, chat.id, "me too", thread=one) for one in (secret.id, nested.id, gone.id, uuid4())],
        messages.send(mallory.id, chat.id, "me too", thread=root),
        messages.send(bob.id, chat.id, "yes", thread=root),
        return_exceptions=True,
    )
    assert [type(answer) for answer in sent] == [Invalid, Invalid, Invalid, Invalid, NotFound, Sent]
    assert {name for answer in sent[:4] for name in answer.fields} == {"thread"}  # type: ignore[union-attr]
    assert await opened_thread(bob.id, chat.id, nested.id, limit=50) is None
    assert await opened_thread(bob.id, elsewhere.id, root, limit=50) is None


async def test_many_at_once_are_numbered_each_in_its_place(
    alice: User, bob: User, chat: Conversation, root: UUID
) -> None:
    other = (await messages.send(bob.id, chat.id, "Jam?")).id
    places = [root, None, other, root, None, other, root]
    sent = await asyncio.gather(
        *[messages.send(bob.id, chat.id, f"{number}", thread=place) for number, place in enumerate(places)]
    )
    assert sorted(one.seq for one in sent) == list(range(3, 10))
    for place, first in ((root, 0), (other, 0), (None, 2)):
        numbers = sorted(one.number for one, where in zip(sent, places, strict=True) if where == place)
        assert numbers == [first + 1 + count for count in range(len(numbers))]
    events = await announced(f"conversation.{chat.id}")
    assert [msgspec.json.decode(event.message)["message"] for event in events[2:]] == [  # type: ignore[union-attr]
        said for _, said in sorted((one.seq, f"{number}") for number, one in enumerate(sent))
    ]


async def test_a_deleted_root_keeps_its_thread(alice: User, bob: User, chat: Conversation, root: UUID) -> None:
    await messages.send(bob.id, chat.id, "Rye.", thread=root)
    await edits.delete(alice.id, chat.id, root)
    await messages.send(bob.id, chat.id, "Still rye.", thread=root)
    thread = await thread_of(bob, chat, root)
    assert (thread.root.facts.is_deleted, texts(thread.messages)) == (True, ["Rye.", "Still rye."])


async def test_in_a_thread_messages_are_edited_deleted_reacted_to_and_quoted(
    alice: User, bob: User, chat: Conversation, root: UUID
) -> None:
    said = await messages.send(bob.id, chat.id, "Rey.", thread=root)
    for quoted in (root, said.id):
        await messages.send(alice.id, chat.id, "Yes", reply_to=quoted, thread=root)
    await edits.edit(bob.id, chat.id, said.id, "Rye.")
    await reactions.react(alice, chat.id, said.id, "👍")
    thread = await thread_of(bob, chat, root)
    assert texts(thread.messages) == ["Rye.", "Yes", "Yes"]
    assert [one.facts.reply_to and one.facts.reply_to.preview for one in thread.messages] == [None, "Bread?", "Rye."]
    assert thread.messages[0].facts.reactions[0].emoji == "👍"
    edited = await last(chat, e.MessageEdited)
    assert isinstance(edited, e.MessageEdited)
    facts = msgspec.json.decode(edited.message, type=MessageFacts)
    assert (facts.thread, edited.is_newest) == (str(root), False), "the list of conversations shows nothing of it"
    aside = (await messages.send(alice.id, chat.id, "Jam?")).id
    for reply_to, thread_id in ((said.id, None), (aside, root)):
        with pytest.raises(Invalid):
            await messages.send(bob.id, chat.id, "Hm", reply_to=reply_to, thread=thread_id)


async def test_who_has_missed_a_deleted_message_still_counts_it(bob: User, chat: Conversation, root: UUID) -> None:
    sent = await messages.send(bob.id, chat.id, "@alice: *rye*.", thread=root)
    await edits.edit(bob.id, chat.id, sent.id, "Spelt.")
    left = await edits.delete(bob.id, chat.id, sent.id)
    entry, edited, deleted = await read.after(f"conversation.{chat.id}", sent.seq - 1)
    assert payloads_of(entry) == [left.frame()]
    assert left.facts.number == 1
    assert not any(word in one.body for one in (entry, edited, deleted) for word in ("rye", "Spelt", "@"))


def payloads_of(entry: read.Entry) -> list[msgspec.Raw]:
    """What the page of a chat gets of it."""
    return [msgspec.Raw(one) for one in payloads(frames.piece_of(decode_event(entry.body), entry.seq, "chat").data)]


async def test_a_repeat_is_of_the_same_thread(alice: User, bob: User, chat: Conversation, root: UUID) -> None:
    client_id = uuid4()
    first = await messages.send(bob.id, chat.id, "Rye.", client_id, thread=root)
    again = await messages.send(bob.id, chat.id, "Rye.", client_id, thread=root)
    assert again == first._replace(is_new=False)
    with pytest.raises(ClientIdReused):
        await messages.send(bob.id, chat.id, "Rye.", client_id)


async def test_who_takes_part_follows_and_what_others_say_is_unread_until_read(
    alice: User, bob: User, chat: Conversation, root: UUID, said: list[s.Signal]
) -> None:
    first = await messages.send(bob.id, chat.id, "Rye.", thread=root)
    assert await unread_of(alice) == {str(root): 1}, "she wrote what it hangs on"
    assert await unread_of(bob) == {str(root): 0}
    await messages.send(bob.id, chat.id, "Or wheat.", thread=root)
    await threads.read(alice.id, chat.id, root, first.seq)
    assert await unread_of(alice) == {str(root): 1}
    assert said == [s.ThreadRead(user_id=alice.id, conversation_id=str(chat.id), thread_id=str(root), number=1)]
    await threads.read(alice.id, chat.id, root, 10**9)
    assert await unread_of(alice) == {str(root): 0}
    await threads.read(alice.id, chat.id, root, first.seq)
    assert await unread_of(alice) == {str(root): 0}, "never back"
    assert (await conversations.membership_of(bob.id, chat.id)).read_number == 0, "bob has not read the conversation"


async def test_following_is_what_one_says_last(
    alice: User, bob: User, mallory: User, chat: Conversation, root: UUID
) -> None:
    for _ in range(2):
        await threads.follow(alice.id, chat.id, root, is_followed=False)
    for text in ("Rye.", "Or wheat."):
        await messages.send(bob.id, chat.id, text, thread=root)
    await messages.send(alice.id, chat.id, "Hm.", thread=root)
    assert await unread_of(alice) == {}, "also when she writes in it"
    await threads.follow(alice.id, chat.id, root)
    assert await unread_of(alice) == {str(root): 0}, "who begins to follow has read what is there"
    followed = [event for event in await announced(f"user.{alice.id}") if isinstance(event, e.ThreadFollowed)]
    assert [(one.is_followed, one.last_number, one.read_number) for one in followed] == [(False, 0, 0), (True, 3, 3)]
    for doing in (
        threads.follow(mallory.id, chat.id, root),
        threads.read(mallory.id, chat.id, root, 1),
        threads.follow(alice.id, chat.id, uuid4()),
    ):
        with pytest.raises(NotFound):
            await doing


async def test_followers_are_told_once_a_thread_until_they_read_or_answer(
    alice: User, bob: User, chat: Conversation, root: UUID, told_at_once: None
) -> None:
    for number in (1, 2):
        await messages.send(bob.id, chat.id, f"Rye {number}.", thread=root)
        await does(notify_thread, await last(chat, e.ThreadMessageSent))
    assert await told(alice) == [("2 new replies in a thread", False)]
    assert await told(bob) == []
    await threads.read(alice.id, chat.id, root, 10**9)
    assert await told(alice) == [("2 new replies in a thread", True)]
    await messages.send(bob.id, chat.id, "Rye 3.", thread=root)
    await does(notify_thread, await last(chat, e.ThreadMessageSent))
    assert await told(alice) == [("Bob replied in a thread", False)]
    await messages.send(alice.id, chat.id, "Fine.", thread=root)
    event = await last(chat, e.ThreadMessageSent)
    assert isinstance(event, e.ThreadMessageSent)
    assert event.answers
    await does(read_answered, event)
    assert await told(alice) == [("Bob replied in a thread", True)]


async def test_a_deleted_message_was_the_only_one_unread(
    alice: User, bob: User, chat: Conversation, root: UUID, told_at_once: None
) -> None:
    sent = await messages.send(bob.id, chat.id, "Rye.", thread=root)
    await does(notify_thread, await last(chat, e.ThreadMessageSent))
    await edits.delete(bob.id, chat.id, sent.id)
    await does(remove_message, await last(chat, e.MessageDeleted))
    assert await told(alice) == []


async def does(work: Callable[..., Awaitable[Any]], event: e.Event) -> None:
    """Run a job."""
    async with transaction() as events:
        await work(events, event)


@pytest.fixture
def told_at_once() -> Iterator[None]:
    before = unread_seconds()
    tell_unread_after(0)
    yield
    tell_unread_after(before)


class TestInAGroup:
    @pytest.fixture
    async def group(self, alice: User, bob: User, mallory: User) -> Conversation:
        return (await conversations.start(alice, [bob.username, mallory.username], "Team"))[0]

    async def test_who_is_mentioned_follows_and_everyone_does_not(
        self, alice: User, bob: User, mallory: User, group: Conversation
    ) -> None:
        root = await messages.send(alice.id, group.id, "Bread?")
        await messages.send(alice.id, group.id, "Rye.", thread=root.id)
        await messages.send(alice.id, group.id, f"@{bob.username}?", thread=root.id)
        await does(notify_mentions_in_message, await last(group, e.ThreadMessageSent))
        assert await unread_of(bob) == {str(root.id): 1}, "from where he is mentioned"
        [followed] = [event for event in await announced(f"user.{bob.id}") if isinstance(event, e.ThreadFollowed)]
        assert (followed.last_number, followed.read_number) == (2, 1)
        [entry] = await Notification.filter(recipient=bob)
        assert entry.data["action_url"] == f"/conversations/{group.id}/threads/{root.id}/"
        await messages.send(alice.id, group.id, "@all?", thread=root.id)
        await does(notify_mentions_in_message, await last(group, e.ThreadMessageSent))
        assert await unread_of(mallory) == {}
        assert await Notification.filter(recipient=mallory, kind="Mention").count() == 1

    async def test_who_is_replied_to_hears_of_it_unless_they_have_read_it_or_muted_the_group(
        self, alice: User, bob: User, mallory: User, group: Conversation, told_at_once: None
    ) -> None:
        root = await messages.send(alice.id, group.id, "Bread?")
        await messages.send(bob.id, group.id, "Rye.", reply_to=root.id)
        event = await last(group, e.MessageSent)
        assert isinstance(event, e.MessageSent)
        assert event.replied_to == alice.id
        await keeping.keep(alice.id, group.id, mute="on")
        await does(notify_reply, event)
        assert await told(alice) == []
        await keeping.keep(alice.id, group.id, mute="off")
        await does(notify_reply, event)
        assert await told(alice) == [("Bob replied to you in Team", False)]
        own = await messages.send(alice.id, group.id, "Fine.", reply_to=root.id)
        event = await last(group, e.MessageSent)
        assert isinstance(event, e.MessageSent)
        assert event.replied_to is None, "one does not tell oneself"
        await messages.send(mallory.id, group.id, "Yes", reply_to=own.id)
        await conversations.mark_read(alice.id, group.id, 10**9)
        await does(notify_reply, await last(group, e.MessageSent))
        assert len(await told(alice)) == 1, "she has read it already"

    async def test_a_muted_group_is_silent_and_who_is_out_follows_nothing(
        self, alice: User, bob: User, group: Conversation, told_at_once: None
    ) -> None:
        root = await messages.send(bob.id, group.id, "Bread?")
        await messages.send(alice.id, group.id, "Rye.", thread=root.id)
        event = await last(group, e.ThreadMessageSent)
        await keeping.keep(bob.id, group.id, mute="on")
        await does(notify_thread, event)
        assert await told(bob) == []
        await keeping.keep(bob.id, group.id, mute="off")
        await does(notify_thread, event)
        assert await told(bob) == [("Alice replied in a thread in Team", False)]
        await groups.remove(alice, group.id, bob.username)
        assert await unread_of(bob) == {}
        await messages.send(alice.id, group.id, "Wheat.", thread=root.id)
        event = await last(group, e.ThreadMessageSent)
        assert isinstance(event, e.ThreadMessageSent)
        assert event.followers == (alice.id,)
        await does(withdraw_unread, await last(group, e.MemberLeft))
        assert (await told(bob), await ThreadFollow.filter(user=bob).count()) == ([], 0)

    async def test_who_comes_back_has_read_what_was_said_meanwhile(
        self, alice: User, bob: User, group: Conversation
    ) -> None:
        root = await messages.send(bob.id, group.id, "Bread?")
        await groups.remove(bob, group.id, bob.username)
        await messages.send(alice.id, group.id, "Rye.", thread=root.id)
        await groups.add(alice, group.id, [bob.username])
        await asyncio.gather(*[messages.send(alice.id, group.id, text, thread=root.id) for text in ("Or", "wheat.")])
        assert await unread_of(bob) == {str(root.id): 2}

    async def test_a_thread_leaves_nothing_unread_in_the_conversation(
        self, alice: User, bob: User, group: Conversation, told_at_once: None
    ) -> None:
        root = await messages.send(alice.id, group.id, "Bread?")
        await conversations.mark_read(bob.id, group.id, root.seq)
        for text in ("Rye.", "Wheat."):
            await messages.send(alice.id, group.id, text, thread=root.id)
        await does(notify_unread, await last(group, e.MessageSent))
        assert await told(bob) == []
        await conversations.mark_read(bob.id, group.id, 10**9)
        assert (await conversations.membership_of(bob.id, group.id)).read_seq == root.seq
