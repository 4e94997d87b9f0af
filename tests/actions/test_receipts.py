"""Who has read a message and when; and those who do not show it."""

from app.actions import conversations, messages, positions
from app.actions.keeping import mark_unread
from app.actions.receipts import hide_receipts
from app.models import Conversation, Membership, Receipt, User
from bus import signals as s
from tests.actions.conftest import someone


async def group(alice: User, *others: User) -> Conversation:
    return (await conversations.start(alice, [other.username for other in others], "Team"))[0]


async def readers(chat: Conversation, seq: int, author: User) -> list[tuple[str, bool]]:
    return [
        (reader.user.username, reader.read_at is not None) for reader in await Receipt.readers(chat.id, seq, author.id)
    ]


async def test_readers_are_named_with_the_moment_they_read_it(alice: User, bob: User, said: list[s.Signal]) -> None:
    carol, dave = await someone("carol"), await someone("dave")
    chat = await group(alice, bob, carol, dave)
    first = await messages.send(alice.id, chat.id, "one")
    assert await readers(chat, first.seq, alice) == []
    await positions.read(bob, chat.id, first.seq)
    second = await messages.send(alice.id, chat.id, "two")
    await positions.read(bob, chat.id, second.seq)
    answer = await messages.send(carol.id, chat.id, "three")
    assert await readers(chat, first.seq, alice) == [(carol.username, True), (bob.username, True)]
    assert await readers(chat, answer.seq, carol) == []
    noted = await Receipt.filter(user=bob).order_by("seq")
    [_, told] = await Receipt.readers(chat.id, first.seq, alice.id)
    assert told.read_at is not None
    assert told.read_at[:19] == noted[0].at.isoformat()[:19]
    await Receipt.filter(user=bob).delete()
    assert (bob.username, False) in await readers(chat, first.seq, alice)


async def test_who_hides_it_is_seen_no_further_and_hears_of_others_all_the_same(
    alice: User, bob: User, said: list[s.Signal]
) -> None:
    carol = await someone("carol")
    chat = await group(alice, bob, carol)
    first = await messages.send(alice.id, chat.id, "one")
    await positions.read(bob, chat.id, first.seq)
    await hide_receipts(bob, True)
    second = await messages.send(alice.id, chat.id, "two")
    said.clear()
    await positions.read(bob, chat.id, second.seq)
    assert [type(one) for one in said] == [s.Delivered, s.ConversationRead]
    assert await readers(chat, first.seq, alice) == [(bob.username, True)]
    assert await readers(chat, second.seq, alice) == []
    [position] = [one for one in await Membership.positions(chat.id, alice.id, 9) if one.user_id == bob.id]
    assert (position.read_seq, position.delivered_seq) == (first.seq, second.seq)
    await messages.send(bob.id, chat.id, "an answer says it anyway")
    assert await readers(chat, second.seq, alice) == [(bob.username, True)]


async def test_reading_again_leaves_the_first_moment(alice: User, bob: User, chat: Conversation) -> None:
    sent = await messages.send(alice.id, chat.id, "one")
    await positions.read(bob, chat.id, sent.seq)
    before = await Receipt.readers(chat.id, sent.seq, alice.id)
    await mark_unread(bob.id, chat.id, sent.seq)
    await positions.read(bob, chat.id, sent.seq)
    assert await Receipt.readers(chat.id, sent.seq, alice.id) == before
