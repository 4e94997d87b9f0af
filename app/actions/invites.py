"""Invitations: links by which people join a group themselves, until they expire or are revoked."""

import secrets
from uuid import UUID

from app.actions.group_change import changing, opening
from app.actions.groups import enter
from app.errors import Conflict, Forbidden, Invalid, NotFound
from app.models import Invite, InviteFacts, Removal, User
from app.models.base import row, rows
from app.models.invite import LIVING
from bus import events as e

HOURS = 7 * 24
HOURS_AT_MOST = 30 * 24
LIVING_AT_MOST = 20


async def invite(actor: User, conversation_id: UUID, hours: int = HOURS) -> InviteFacts:
    """Make a link that holds for so many hours. Raises as a change of the group does, and Invalid (``hours``)."""
    if not 1 <= hours <= HOURS_AT_MOST:
        raise Invalid(fields={"hours": f"From 1 to {HOURS_AT_MOST} hours."})
    async with changing(actor, conversation_id):
        if len(await Invite.living(conversation_id)) >= LIVING_AT_MOST:
            raise Conflict(f"There are {LIVING_AT_MOST} links already. Revoke one first.", code="too_many_invites")
        await rows(
            "INSERT INTO invites (id, conversation_id, made_by_id, code, used, created_at, expires_at) "
            "VALUES (gen_random_uuid(), $1, $2, $3, 0, clock_timestamp(), "
            "clock_timestamp() + make_interval(hours => $4))",
            conversation_id,
            actor.id,
            secrets.token_urlsafe(16),
            hours,
        )
        return (await Invite.living(conversation_id))[0]


async def listed(actor: User, conversation_id: UUID) -> list[InviteFacts]:
    """The links that still let somebody in. Raises as a change of the group does."""
    async with changing(actor, conversation_id):
        return await Invite.living(conversation_id)


async def revoke(actor: User, conversation_id: UUID, invite_id: UUID) -> None:
    """The link lets nobody in any more; again changes nothing. Raises as a change of the group does."""
    async with changing(actor, conversation_id):
        found = await row(
            "UPDATE invites SET revoked_at = coalesce(revoked_at, clock_timestamp()) "
            "WHERE id = $1 AND conversation_id = $2 RETURNING id",
            invite_id,
            conversation_id,
        )
        if found is None:
            raise NotFound


async def join(user: User, code: str) -> UUID:
    """Become a member by a link, and give the group. Who is one already changes nothing.

    Raises NotFound for a link that does not exist, is revoked or expired; Removed; Conflict (``group_full``).
    """
    found = await row(f"SELECT conversation_id FROM invites WHERE code = $1 AND {LIVING}", code)  # noqa: S608
    if found is None:
        raise GoneInvite
    conversation_id: UUID = found["conversation_id"]
    async with opening(user, conversation_id) as change:
        if change.actor:
            return conversation_id
        if await Removal.stands(conversation_id, user.id):
            raise Removed
        # Once more: it may have been revoked while we waited for the lock.
        sql = f"UPDATE invites SET used = used + 1 WHERE code = $1 AND {LIVING} RETURNING id"  # noqa: S608
        if await row(sql, code) is None:
            raise GoneInvite
        entered = await enter(change, [user])
        await change.say(e.MemberJoined(**change.now(f"{change.name} joined by a link", entered)))
    return conversation_id


class GoneInvite(NotFound):
    """A link that lets nobody in: made up, revoked or expired, and nobody is told which."""

    code, message = "invite_gone", "This invitation does not hold any more. Ask for a new one."


class Removed(Forbidden):
    """Somebody showed them out: they do not come back by themselves."""

    code = "removed"
    message = "You were removed from this group. Only its owner or an admin can add you again."
