"""What the owner and the admins of a group do about others: delete their messages, and show them out for good."""

from uuid import UUID

import pytest

from app.actions import edits, groups, invites, messages
from app.actions.edits import NotYours
from app.actions.invites import Removed
from app.errors import Forbidden, NotFound
from app.models import Conversation, Invite, Membership, Message, MessageFacts, MessageVersion, User
from tests.actions.announced import announced


async def says(author: User, team: Conversation) -> UUID:
    return (await messages.send(author.id, team.id, "Something rude")).id


async def left_of(team: Conversation, message_id: UUID) -> MessageFacts:
    said = await Message.said(team.id, message_id)
    assert said is not None
    return said.facts


async def test_who_is_above_deletes_what_others_wrote_and_it_says_so(
    alice: User, bob: User, carol: User, team: Conversation
) -> None:
    await groups.set_role(alice, team.id, bob.username, "admin")
    for above, author in ((alice, bob), (alice, carol), (bob, carol)):
        said = await says(author, team)
        await edits.edit(author.id, team.id, said, "Something ruder")
        for _ in range(2):
            await edits.delete(above.id, team.id, said)
        left = await left_of(team, said)
        assert (left.message, left.html, left.is_deleted, left.is_removed) == ("", "", True, True)
        assert await MessageVersion.of(said) == []
        *before, last = await announced(f"conversation.{team.id}")
        assert last is not None
        assert before[-2:] == [None, None], "its words are gone from the log"
        assert last.name == "message_deleted"
    own = await says(bob, team)
    await edits.delete(bob.id, team.id, own)
    assert not (await left_of(team, own)).is_removed


async def test_nobody_deletes_what_somebody_above_or_beside_them_wrote(
    alice: User, bob: User, carol: User, mallory: User, team: Conversation
) -> None:
    hers, his, carols = [await says(author, team) for author in (alice, bob, carol)]
    for actor, said, problem in (
        (bob, hers, NotYours), (bob, carols, NotYours), (mallory, carols, NotFound),
    ):  # fmt: skip
        with pytest.raises(problem):
            await edits.delete(actor.id, team.id, said)
    for name in (bob, carol):
        await groups.set_role(alice, team.id, name.username, "admin")
    for said in (hers, his):
        with pytest.raises(Forbidden) as refused:
            await edits.delete(carol.id, team.id, said)
        assert refused.value.code == "not_allowed"
    with pytest.raises(NotYours):
        await edits.edit(alice.id, team.id, his, "Something nice")
    assert not any([(await left_of(team, said)).is_deleted for said in (hers, his, carols)])


async def test_what_somebody_wrote_who_has_left_is_deleted_by_any_admin(
    alice: User, bob: User, carol: User, team: Conversation
) -> None:
    for person in (bob, carol):
        await groups.set_role(alice, team.id, person.username, "admin")
    said = await says(carol, team)
    await groups.remove(carol, team.id, carol.username)
    await edits.delete(bob.id, team.id, said)
    assert (await left_of(team, said)).is_removed


async def test_who_was_shown_out_comes_back_by_no_link_until_somebody_adds_them(
    alice: User, bob: User, carol: User, mallory: User, team: Conversation
) -> None:
    link = (await invites.invite(alice, team.id)).path.rpartition("/")[2]
    await groups.remove(alice, team.id, bob.username)
    await groups.remove(carol, team.id, carol.username)
    newer = (await invites.invite(alice, team.id)).path.rpartition("/")[2]
    for code in (link, newer):
        with pytest.raises(Removed):
            await invites.join(bob, code)
    shown = await Invite.opened(link, bob.id)
    assert shown is not None
    assert shown.is_removed
    for person in (carol, mallory):
        assert await invites.join(person, link) == team.id, "who left by themselves comes back"
    assert await Membership.filter(conversation=team).count() == 3
    await groups.add(alice, team.id, [bob.username])
    await groups.remove(bob, team.id, bob.username)
    assert await invites.join(bob, link) == team.id, "somebody has added them meanwhile"
