"""Groups: who is in, what they may do, what the group is called and looks like. Each change is a quiet line."""

from uuid import UUID

from app.actions.blocks import Blocked
from app.actions.conversations import people_named
from app.actions.group_change import MEMBERS_AT_MOST, GroupChange, below, changing
from app.actions.pictures import Picture
from app.errors import Conflict, Forbidden, Invalid
from app.models import Block, GroupPicture, MemberFacts, User, UserFacts
from app.models.base import row, rows
from app.models.membership import RANKS
from app.text import one_line, refused
from bus import events as e

TITLE_LENGTH = 120


async def add(actor: User, conversation_id: UUID, usernames: list[str]) -> list[UserFacts]:
    """These people are in from now on; gives those who were not. Who comes sees the whole history, all of it read.

    Raises NotFound, Conflict (``not_a_group``, ``group_full``), Forbidden, Invalid (field ``usernames``).
    """
    async with changing(actor, conversation_id) as change:
        people = await people_named(actor, usernames)
        if await Block.between(actor.id, [person.id for person in people]):
            raise Blocked("You cannot add somebody whom you block, or who blocks you.")
        added = await enter(change, people)
        await _forgive(change, added)
        if added:
            await change.say(e.MemberJoined(**change.now(f"{change.name} added {names_of(added)}", added)))
    return added


async def enter(change: GroupChange, people: list[User]) -> list[UserFacts]:
    """Make members of these people and tell them; gives those who were none. Raises Conflict (``group_full``)."""
    entered = await rows(
        "INSERT INTO memberships "
        "(conversation_id, user_id, role, read_seq, read_number, delivered_seq, joined_at) "
        "SELECT $1, id, 'member', $3, $4, $3, clock_timestamp() FROM unnest($2::int[]) AS id ORDER BY id "
        "ON CONFLICT DO NOTHING RETURNING user_id",
        change.conversation_id,
        [person.id for person in people],
        change.head,
        change.newest,
    )
    ids = {line["user_id"] for line in entered}
    await _count(change, len(ids))
    if change.members > MEMBERS_AT_MOST:
        raise Conflict(f"A group has {MEMBERS_AT_MOST:,} members at most.", code="group_full")
    for user_id in sorted(ids):
        change.events.append(e.ConversationJoined(user_id=user_id, conversation_id=str(change.conversation_id)))
    return [person.facts() for person in people if person.id in ids]


async def remove(actor: User, conversation_id: UUID, username: str) -> None:
    """Somebody is out, at once and on every worker; oneself leaves. What they have unread here is told no more.

    Who is removed by somebody else comes back by no link, until they are added again.

    Raises NotFound, Conflict (``not_a_group``, ``hand_over_first``), Forbidden (not below oneself).
    """
    async with changing(actor, conversation_id, "member") as change:
        member = await change.member(username)
        if member.id == actor.id:
            if member.role == "owner" and change.members > 1:
                raise Conflict("Hand the group over to somebody first.", code="hand_over_first")
            words = f"{change.name} left"
        elif below(change.actor, member):
            words = f"{change.name} removed {member.display_name}"
            await _bar(change, member)
        else:
            raise Forbidden(f"You may not remove {member.display_name}.", code="not_allowed")
        await _exit(change, member, words)


# Who comes back follows none of its threads until they take part again.
UNFOLLOW = """
DELETE FROM thread_follows USING messages root
WHERE root.id = thread_follows.thread_id AND root.conversation_id = $1 AND user_id = $2
"""


async def _exit(change: GroupChange, member: MemberFacts, words: str) -> None:
    await rows("DELETE FROM memberships WHERE conversation_id = $1 AND user_id = $2", change.conversation_id, member.id)
    await rows(UNFOLLOW, change.conversation_id, member.id)
    await _count(change, -1)
    await change.say(e.MemberLeft(**change.now(words, [_plain(member)])))
    change.events.append(e.ConversationLeft(user_id=member.id, conversation_id=str(change.conversation_id)))


async def _bar(change: GroupChange, member: MemberFacts) -> None:
    await rows(
        "INSERT INTO removals (conversation_id, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        change.conversation_id,
        member.id,
    )


async def _forgive(change: GroupChange, people: list[UserFacts]) -> None:
    await rows(
        "DELETE FROM removals WHERE conversation_id = $1 AND user_id = ANY($2::int[])",
        change.conversation_id,
        [person.id for person in people],
    )


async def set_role(actor: User, conversation_id: UUID, username: str, role: str) -> None:
    """Make a member an admin or an ordinary member, or hand the group over (owner). The same again changes nothing.

    Raises NotFound, Conflict (``not_a_group``, ``hand_over_first``), Forbidden, Invalid (field ``role``).
    """
    if role not in RANKS:
        raise Invalid(fields={"role": "A role is owner, admin or member."})
    async with changing(actor, conversation_id, "owner") as change:
        member = await change.member(username)
        if member.role == role:
            return
        if member.id == actor.id:
            raise Conflict("Hand the group over to somebody first.", code="hand_over_first")
        if role == "owner":
            await _give_role(change, actor.id, "admin")
        await _give_role(change, member.id, role)
        words = _role_words(change.name, member.display_name, role)
        await change.say(e.MemberRoleChanged(**change.now(words, [_plain(member)], role)))


async def _give_role(change: GroupChange, user_id: int, role: str) -> None:
    await rows(
        "UPDATE memberships SET role = $3 WHERE conversation_id = $1 AND user_id = $2",
        change.conversation_id,
        user_id,
        role,
    )


def _role_words(actor: str, member: str, role: str) -> str:
    if role == "owner":
        return f"{actor} handed the group over to {member}"
    return f"{actor} made {member} an admin" if role == "admin" else f"{member} is no admin any more"


async def rename(actor: User, conversation_id: UUID, title: str) -> str:
    """Give the group another title. Raises NotFound, Conflict (``not_a_group``), Forbidden, Invalid (``title``)."""
    title = one_line(title, "title", TITLE_LENGTH)
    if not title:
        raise refused("empty", "title", "Give the group a title.")
    async with changing(actor, conversation_id) as change:
        if change.title != title:
            change.title = title
            await rows("UPDATE conversations SET title = $2 WHERE id = $1", conversation_id, title)
            await change.say(e.GroupRenamed(**change.now(f"{change.name} named the group {title}")))
    return title


async def change_picture(actor: User, conversation_id: UUID, picture: Picture | None) -> None:
    """Give the group a picture, or (None) take it away. Raises NotFound, Conflict (``not_a_group``), Forbidden."""
    async with changing(actor, conversation_id) as change:
        etag = picture.etag if picture else ""
        if change.picture == etag:
            return
        change.picture = etag
        await store_picture(conversation_id, picture)
        words = f"{change.name} changed the picture" if picture else f"{change.name} took the picture away"
        await change.say(e.GroupPictureChanged(**change.now(words)))


async def store_picture(conversation_id: UUID, picture: Picture | None) -> None:
    """Keep a group's picture, in the caller's transaction."""
    await rows("UPDATE conversations SET picture = $2 WHERE id = $1", conversation_id, picture.etag if picture else "")
    if picture:
        await GroupPicture.update_or_create(defaults={"image": picture.image}, conversation_id=conversation_id)
    else:
        await GroupPicture.filter(conversation_id=conversation_id).delete()


def names_of(people: list[UserFacts]) -> str:
    """``Bob``, ``Bob and Carol``, ``Bob, Carol and 3 others``."""
    names = [person.display_name for person in people]
    if len(names) > 3:
        names = [*names[:2], f"{len(names) - 2} others"]
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def _plain(member: MemberFacts) -> UserFacts:
    return UserFacts(**{name: getattr(member, name) for name in UserFacts.__struct_fields__})


async def _count(change: GroupChange, by: int) -> None:
    found = await row(
        "UPDATE conversations SET members = members + $2 WHERE id = $1 RETURNING members", change.conversation_id, by
    )
    assert found is not None
    change.members = found["members"]
