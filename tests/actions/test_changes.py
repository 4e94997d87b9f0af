"""Who is told how things stand, and hears of a change before the answer is there: the change is the last word."""

from typing import Any
from uuid import UUID

import pytest

from app.actions import groups
from app.models import Conversation, Message, User
from app.models.base import rows
from app.models.kept import kept_by
from app.realtime import activity
from app.realtime.changes import Changes
from bus import events as e
from tests.actions.announced import announced
from tests.realtime.listener import Listener


def told(page: Listener, kind: str) -> list[dict[str, Any]]:
    return [frame for frame in page.frames if frame["type"] == kind]


async def test_a_group_that_is_renamed_meanwhile_keeps_its_new_name(
    alice: User, bob: User, team: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, page = Changes(), Listener(bob.id)
    standings = Message.standings

    async def meanwhile(user_id: int, ids: list[str]) -> Any:
        read = await standings(user_id, ids)
        await groups.rename(alice, team.id, "Newer")
        for event in await announced(f"conversation.{team.id}"):
            assert event
            changes.hear(event)
        return read

    await groups.rename(alice, team.id, "Older")
    monkeypatch.setattr(Message, "standings", meanwhile)
    await activity.tell(changes, page, [str(team.id)])  # type: ignore[arg-type]
    assert told(page, "conversation_read"), "all else is told"
    assert told(page, "conversation_changed") == []
    monkeypatch.undo()
    await activity.tell(changes, page, [str(team.id)])  # type: ignore[arg-type]
    assert [frame["title"] for frame in told(page, "conversation_changed")] == ["Newer"]


async def test_a_conversation_that_is_unpinned_meanwhile_is_not_told_to_be_pinned(
    bob: User, team: Conversation, monkeypatch: pytest.MonkeyPatch
) -> None:
    changes, page = Changes(), Listener(bob.id)

    def unpinned(user_id: int) -> e.Event:
        name = str(team.id)
        return e.ConversationKept(
            user_id=user_id, conversation_id=name, is_pinned=False, archived_number=None, muted_until=None
        )

    async def meanwhile(user_id: int, ids: list[UUID]) -> Any:
        read = await kept_by(user_id, ids)
        changes.hear(unpinned(heard))
        return read

    await rows("UPDATE memberships SET pinned_at = now() WHERE user_id = $1", bob.id)
    monkeypatch.setattr(activity, "kept_by", meanwhile)
    heard = bob.id
    await activity.tell_kept(changes, page, [team.id])  # type: ignore[arg-type]
    assert page.frames == []
    heard = bob.id + 1
    await activity.tell_kept(changes, page, [team.id])  # type: ignore[arg-type]
    assert [frame["is_pinned"] for frame in told(page, "conversation_kept")] == [True], "that was somebody else"


async def test_nothing_is_noted_for_who_was_told() -> None:
    changes = Changes()
    followed = e.ThreadFollowed(
        user_id=1, conversation_id="c", thread_id="t", is_followed=True, last_number=1, read_number=1
    )
    with changes.noted() as outer:
        with changes.noted() as inner:
            pass
        changes.hear(followed)
        assert (len(outer), len(inner)) == (1, 0)
    changes.hear(followed)
    assert len(outer) == 1
