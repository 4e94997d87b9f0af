"""Invitations to a group: made and revoked by its owner and admins, opened by whoever has the link."""

from uuid import UUID

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from app.actions import invites
from app.actions.invites import HOURS, GoneInvite
from app.blueprints.groups import group_again
from app.errors import Problem
from app.models import Invite
from app.render import done, json, page, see_other
from app.request import body, signed_in, wants_json

bp = Blueprint("invites")

INVITES = "/conversations/<conversation_id:uuid>/invites"
LINK = "/invites/<code:str>"


class NewInvite(msgspec.Struct, frozen=True, kw_only=True):
    """For how many hours the link holds."""

    hours: int = HOURS


@bp.post(INVITES, ctx_who="member")
async def make(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Make a link by which people can join the group, for so many `hours`."""
    try:
        made = await invites.invite(signed_in(request), conversation_id, (await body(request, NewInvite)).hours)
    except Problem as problem:
        return await group_again(request, conversation_id, problem)
    return json(made, 201) if wants_json(request) else see_other(request, f"/conversations/{conversation_id}/members")


@bp.get(INVITES, ctx_who="member")
async def index(request: Request, conversation_id: UUID) -> HTTPResponse:
    """The links that still let somebody in, for the group's owner and admins."""
    return json({"items": await invites.listed(signed_in(request), conversation_id), "next": None})


@bp.delete(f"{INVITES}/<invite_id:uuid>", ctx_who="member")
async def revoke(request: Request, conversation_id: UUID, invite_id: UUID) -> HTTPResponse:
    """The link lets nobody in any more; again changes nothing."""
    await invites.revoke(signed_in(request), conversation_id, invite_id)
    return done(request, f"/conversations/{conversation_id}/members")


@bp.get(LINK, ctx_who="member")
async def show(request: Request, code: str) -> HTTPResponse:
    """Where a link leads: the group, before one joins it."""
    found = await Invite.opened(code, signed_in(request).id)
    if found is None:
        raise GoneInvite
    return json(found) if wants_json(request) else await page(request, "group/invite.html", invited=found, code=code)


@bp.post(LINK, ctx_who="member")
async def join(request: Request, code: str) -> HTTPResponse:
    """Join the group by the link; who is in it already stays."""
    conversation_id = await invites.join(signed_in(request), code)
    if wants_json(request):
        return json({"conversation_id": conversation_id})
    return see_other(request, f"/conversations/{conversation_id}/")
