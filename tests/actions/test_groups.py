"""Groups: who may change what, what is announced, and that a refusal changes nothing."""

import asyncio
from uuid import UUID

import pytest

from app.actions import conversations, groups, invites, messages
from app.actions.group_change import MEMBERS_AT_MOST
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.log import read
from app.models import Conversation, Membership, QuietLine, User
from app.models.base import rows
from bus import events as e
from tests.actions.announced import announced


async def roles(team: Conversation) -> dict[int, str]:
    return {member.user_id: member.role for member in await Membership.filter(conversation=team)}


async def lines(team: Conversation) -> list[str]:
    return [line.facts.text for line in await QuietLine.between(team.id, 0, 2**62)]


async def count(team: Conversation) -> int:
    return (await Conversation.get(id=team.id)).members


async def test_who_starts_a_group_owns_it(alice: User, bob: User, carol: User, team: Conversation) -> None:
    assert await roles(team) == {alice.id: "owner", bob.id: "member", carol.id: "member"}
    assert await count(team) == 3


async def test_who_is_added_is_told_and_has_nothing_unread(
    alice: User, bob: User, mallory: User, team: Conversation
) -> None:
    await messages.send(bob.id, team.id, "before")
    added = await groups.add(alice, team.id, [mallory.username, bob.username])
    assert [person.username for person in added] == [mallory.username]
    assert await lines(team) == ["Alice added Mallory"]
    assert await announced(f"user.{mallory.id}") == [
        e.ConversationJoined(user_id=mallory.id, conversation_id=str(team.id))
    ]
    [_, joined] = await announced(f"conversation.{team.id}")
    assert isinstance(joined, e.MemberJoined)
    assert joined.user_ids == (mallory.id,)
    opened = await Conversation.opened_by(mallory.id, team.id)
    assert opened
    assert (opened.facts.unread, opened.facts.members) == (0, 4)
    assert [(line.seq, line.kind) for line in opened.lines] == [(2, "member_joined")]
    assert await groups.add(alice, team.id, [mallory.username]) == []
    assert await read.head(f"conversation.{team.id}") == 2, "again changes nothing"


async def test_only_owner_and_admins_change_a_group_and_a_refusal_changes_nothing(
    alice: User, bob: User, carol: User, mallory: User, team: Conversation
) -> None:
    for actor, problem in ((bob, Forbidden), (mallory, NotFound)):
        for refused in (
            groups.add(actor, team.id, [alice.username]),
            groups.rename(actor, team.id, "Mine"),
            groups.change_picture(actor, team.id, None),
            groups.set_role(actor, team.id, carol.username, "admin"),
            groups.remove(actor, team.id, carol.username),
            invites.invite(actor, team.id),
            invites.listed(actor, team.id),
        ):
            with pytest.raises(problem):
                await refused
    assert await read.head(f"conversation.{team.id}") == 0
    assert await count(team) == 3
    await groups.set_role(alice, team.id, bob.username, "admin")
    await groups.rename(bob, team.id, "Ours")
    await groups.remove(bob, team.id, carol.username)
    with pytest.raises(Forbidden):
        await groups.remove(bob, team.id, alice.username)
    with pytest.raises(Forbidden):
        await groups.set_role(bob, team.id, bob.username, "owner")
    assert await lines(team) == ["Alice made Bob an admin", "Bob named the group Ours", "Bob removed Carol"]


async def test_who_is_out_can_write_and_read_nothing(alice: User, bob: User, carol: User, team: Conversation) -> None:
    await groups.remove(alice, team.id, bob.username)
    with pytest.raises(NotFound):
        await messages.send(bob.id, team.id, "still here")
    assert await Conversation.opened_by(bob.id, team.id) is None
    left = e.ConversationLeft(user_id=bob.id, conversation_id=str(team.id))
    assert (await announced(f"user.{bob.id}"))[-1] == left
    await messages.send(carol.id, team.id, "I am")
    assert await roles(team) == {alice.id: "owner", carol.id: "member"}


async def test_the_owner_hands_over_before_leaving(alice: User, bob: User, team: Conversation) -> None:
    for refused in (
        groups.remove(alice, team.id, alice.username),
        groups.set_role(alice, team.id, alice.username, "member"),
    ):
        with pytest.raises(Conflict, match="Hand the group over"):
            await refused
    await groups.set_role(alice, team.id, bob.username, "owner")
    assert {role: id for id, role in (await roles(team)).items()} | {"member": 0} == {
        "owner": bob.id,
        "admin": alice.id,
        "member": 0,
    }
    await groups.remove(alice, team.id, alice.username)
    assert (await lines(team))[-2:] == ["Alice handed the group over to Bob", "Alice left"]


async def test_two_who_are_made_owner_at_once_are_not_both(
    alice: User, bob: User, carol: User, team: Conversation
) -> None:
    await asyncio.gather(
        *[groups.set_role(alice, team.id, person.username, "owner") for person in (bob, carol)], return_exceptions=True
    )
    assert sorted((await roles(team)).values()) == ["admin", "member", "owner"]


async def test_writing_reading_and_changing_at_once_never_embrace(
    alice: User, bob: User, carol: User, mallory: User, team: Conversation
) -> None:
    """Each of these locks a topic, memberships and people's topics; in another order they would deadlock."""

    async def changes() -> None:
        for _ in range(12):
            await groups.add(alice, team.id, [mallory.username])
            await groups.remove(alice, team.id, mallory.username)

    async def speaks(person: User) -> None:
        for number in range(25):
            try:
                sent = await messages.send(person.id, team.id, f"{number}")
                await conversations.mark_read(person.id, team.id, sent.seq)
            except NotFound:
                assert person is mallory

    await asyncio.gather(changes(), *[speaks(person) for person in (bob, carol, mallory)])
    seqs = await rows(
        "SELECT seq FROM messages WHERE conversation_id = $1 UNION ALL "
        "SELECT seq FROM quiet_lines WHERE conversation_id = $1 ORDER BY 1",
        team.id,
    )
    assert [line["seq"] for line in seqs] == list(range(1, len(seqs) + 1))


async def test_a_conversation_of_two_is_no_group(alice: User, bob: User, mallory: User, chat: Conversation) -> None:
    for actor, code in ((alice, "not_a_group"), (mallory, "not_found")):
        with pytest.raises((Conflict, NotFound)) as refused:
            await groups.rename(actor, chat.id, "A group")
        assert refused.value.code == code
    with pytest.raises(NotFound):
        await groups.rename(alice, UUID(int=7), "Nothing")
    assert await read.head(f"conversation.{UUID(int=7)}") == 0


async def test_a_title_and_a_role_are_what_they_may_be(alice: User, bob: User, team: Conversation) -> None:
    for refused, field in (
        (groups.rename(alice, team.id, " "), "title"),
        (groups.rename(alice, team.id, "x" * 121), "title"),
        (groups.set_role(alice, team.id, bob.username, "king"), "role"),
        (groups.add(alice, team.id, ["nobody_here"]), "usernames"),
        (invites.invite(alice, team.id, 0), "hours"),
    ):
        with pytest.raises(Invalid) as problem:
            await refused
        assert list(problem.value.fields) == [field]


async def test_a_group_is_full_at_some_point(alice: User, mallory: User, team: Conversation) -> None:
    await Conversation.filter(id=team.id).update(members=MEMBERS_AT_MOST)
    with pytest.raises(Conflict, match="10,000 members"):
        await groups.add(alice, team.id, [mallory.username])
    assert mallory.id not in await roles(team)


async def test_a_link_lets_people_in_until_it_is_revoked_or_expires(
    alice: User, bob: User, mallory: User, team: Conversation
) -> None:
    made = await invites.invite(alice, team.id, 1)
    code = made.path.removeprefix("/invites/")
    assert await invites.join(bob, code) == team.id, "who is in stays"
    await invites.join(mallory, code)
    assert await lines(team) == ["Mallory joined by a link"]
    [listed] = await invites.listed(alice, team.id)
    assert (listed.id, listed.used) == (made.id, 1)
    await invites.revoke(alice, team.id, UUID(made.id))
    await groups.remove(alice, team.id, mallory.username)
    another = await invites.invite(alice, team.id, 1)
    await rows("UPDATE invites SET expires_at = now() - interval '1 second' WHERE id = $1", UUID(another.id))
    for gone in (code, another.path.removeprefix("/invites/"), "made-up"):
        with pytest.raises(NotFound):
            await invites.join(mallory, gone)
    assert await invites.listed(alice, team.id) == []
    assert await count(team) == 3
