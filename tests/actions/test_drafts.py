"""Drafts: kept as typed, told to one's own pages alone, and only when they change."""

import pytest

from app.actions import drafts
from app.errors import Invalid, NotFound
from app.models import Conversation, Membership, User
from bus import signals as s


async def draft_of(user: User, chat: Conversation) -> str:
    return (await Membership.get(user=user, conversation=chat)).draft


async def test_a_draft_is_kept_as_typed_and_told_to_its_author(
    alice: User, bob: User, chat: Conversation, said: list[s.Signal]
) -> None:
    for _ in range(2):
        await drafts.keep(alice.id, chat.id, " Shall we\n")
    assert (await draft_of(alice, chat), await draft_of(bob, chat)) == (" Shall we\n", "")
    assert said == [s.Drafted(user_id=alice.id, conversation_id=str(chat.id), text=" Shall we\n")]
    await drafts.keep(alice.id, chat.id, " \n")
    assert await draft_of(alice, chat) == ""


async def test_what_cannot_be_sent_is_no_draft(alice: User, mallory: User, chat: Conversation) -> None:
    for text in ("x" * 4001, "a\x00", "\udfff"):
        with pytest.raises(Invalid) as refused:
            await drafts.keep(alice.id, chat.id, text)
        assert list(refused.value.fields) == ["text"]
    with pytest.raises(NotFound):
        await drafts.keep(mallory.id, chat.id, "hi")
