"""Positions: stored once, signalled once, never going back."""

from app.actions import conversations, messages, positions
from app.log import read
from app.models import Conversation, User
from bus import signals as s


async def test_positions_are_stored_and_signalled_once_and_never_go_back(
    alice: User, bob: User, chat: Conversation, said: list[s.Signal]
) -> None:
    for _ in range(3):
        await messages.send(alice.id, chat.id, "hi")
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
