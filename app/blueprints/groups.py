"""Groups: who is in, what they may do there, and what the group is called and looks like."""

from typing import Any
from uuid import UUID

import msgspec
from sanic import Blueprint, HTTPResponse, Request
from sanic.response import raw

from app.actions import groups
from app.actions.pictures import Picture, prepared
from app.errors import Conflict, Invalid, NotFound, Problem
from app.models import Conversation, GroupPicture, Invite, MemberFacts, Membership
from app.models.conversation import Opened
from app.models.membership import RANKS
from app.render import done, form_again, json, page, see_other
from app.request import body, has_form, settings_of, signed_in, wants_json
from app.text import fitting

bp = Blueprint("groups", url_prefix="/conversations")

GROUP = "/<conversation_id:uuid>"
MEMBER = f"{GROUP}/members/<username:str>"
TEMPLATE = "group/show.html"
MEMBERS = 50


class Title(msgspec.Struct, frozen=True, kw_only=True):
    """What the group is to be called."""

    title: str


class NewMembers(msgspec.Struct, frozen=True, kw_only=True):
    """Whom to add. A form may name several in one field, with commas."""

    usernames: list[str]


class NewRole(msgspec.Struct, frozen=True, kw_only=True):
    """What a member is to be; somebody who is none becomes one."""

    role: str = ""


@bp.get(f"{GROUP}/members", ctx_who="member")
async def show(request: Request, conversation_id: UUID) -> HTTPResponse:
    """The members of a group, its owner and admins first; `?q=` searches. The page of everything about the group."""
    if not wants_json(request):
        return await page(request, TEMPLATE, errors={}, fields={}, **await group_page(request, conversation_id))
    await _opened(request, conversation_id)
    return json(await _members(request, conversation_id))


@bp.put(GROUP, ctx_who="member")
async def rename(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Give the group another title."""
    try:
        await groups.rename(signed_in(request), conversation_id, (await body(request, Title)).title)
    except Problem as problem:
        return await group_again(request, conversation_id, problem)
    return await _as_it_is(request, conversation_id)


@bp.post(f"{GROUP}/members", ctx_who="member")
async def add(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Add people to the group; those who are in it already stay."""
    try:
        wanted = await body(request, NewMembers)
        names = [name for given in wanted.usernames for name in given.split(",")]
        added = await groups.add(signed_in(request), conversation_id, names)
    except Problem as problem:
        return await group_again(request, conversation_id, problem)
    if wants_json(request):
        return json({"items": added, "next": None}, 201 if added else 200)
    return see_other(request, f"/conversations/{conversation_id}/members")


@bp.put(MEMBER, ctx_who="member")
async def put_member(request: Request, conversation_id: UUID, username: str) -> HTTPResponse:
    """Make somebody a member, or a member an `admin`, a `member` or the `owner`; again changes nothing."""
    try:
        role = (await body(request, NewRole)).role
        if role:
            await groups.set_role(signed_in(request), conversation_id, username, role)
        else:
            await groups.add(signed_in(request), conversation_id, [username])
    except Problem as problem:
        return await group_again(request, conversation_id, problem)
    return done(request, f"/conversations/{conversation_id}/members")


@bp.delete(MEMBER, ctx_who="member")
async def remove_member(request: Request, conversation_id: UUID, username: str) -> HTTPResponse:
    """Remove a member, or leave."""
    user = signed_in(request)
    try:
        await groups.remove(user, conversation_id, username)
    except Problem as problem:
        return await group_again(request, conversation_id, problem)
    is_leaving = username.lower() == user.username
    return done(request, "/conversations/" if is_leaving else f"/conversations/{conversation_id}/members")


@bp.get(f"{GROUP}/picture", ctx_who="member")
async def picture(request: Request, conversation_id: UUID) -> HTTPResponse:
    """The picture of a group, for its members. Its address is another one for each picture."""
    image = await GroupPicture.shown_to(signed_in(request).id, conversation_id)
    if image is None:
        raise NotFound
    return raw(image, content_type="image/jpeg", headers={"cache-control": "private, max-age=86400"})


@bp.put(f"{GROUP}/picture", ctx_who="member")
async def change_picture(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Take the picture in the form's file `picture`, or the body itself, as the group's."""
    try:
        given = await uploaded_picture(request)
        if given is None:
            raise Invalid(fields={"picture": "Choose a picture."})
        await groups.change_picture(signed_in(request), conversation_id, given)
    except Problem as problem:
        return await group_again(request, conversation_id, problem)
    return await _as_it_is(request, conversation_id)


@bp.delete(f"{GROUP}/picture", ctx_who="member")
async def remove_picture(request: Request, conversation_id: UUID) -> HTTPResponse:
    """The group has no picture any more."""
    try:
        await groups.change_picture(signed_in(request), conversation_id, None)
    except Problem as problem:
        return await group_again(request, conversation_id, problem)
    return done(request, f"/conversations/{conversation_id}/members")


async def uploaded_picture(request: Request) -> Picture | None:
    """The picture in the form's file ``picture``, or in a body that is nothing else. Raises as ``prepared`` does."""
    if has_form(request):
        file = request.files.get("picture") if request.files else None
        upload = bytes(file.body) if file else b""
    else:
        upload = bytes(request.body) if request.headers.get("content-type", "").startswith("image/") else b""
    return await prepared(upload, settings_of(request).avatar_bytes, "picture") if upload else None


async def group_page(request: Request, conversation_id: UUID) -> dict[str, Any]:
    """What the group's page shows. Raises NotFound for outsiders and for a conversation of two."""
    shown = await _opened(request, conversation_id)
    may_change = shown.role in ("owner", "admin")
    found = await _members(request, conversation_id)
    return {
        "conversation": shown.facts,
        "role": shown.role,
        "rank": RANKS[shown.role],
        "ranks": RANKS,
        "members": found["items"],
        "next": found["next"],
        "q": _search(request),
        "invites": await Invite.living(conversation_id) if may_change else [],
        "chat_cursor": shown.head,
        "site": f"{request.scheme}://{request.host}",
    }


async def group_again(request: Request, conversation_id: UUID, problem: Problem) -> HTTPResponse:
    """The group's page again, with what is wrong in one of its forms. Outsiders and programs get the problem."""
    if wants_json(request) or isinstance(problem, NotFound):
        raise problem
    return await form_again(request, problem, TEMPLATE, **await group_page(request, conversation_id))


async def _opened(request: Request, conversation_id: UUID) -> Opened:
    shown = await Conversation.opened_by(signed_in(request).id, conversation_id)
    if shown is None:
        raise NotFound
    if not shown.facts.is_group:
        raise Conflict("This is a conversation of two people, not a group.", code="not_a_group")
    return shown


async def _as_it_is(request: Request, conversation_id: UUID) -> HTTPResponse:
    if wants_json(request):
        return json((await _opened(request, conversation_id)).facts)
    return see_other(request, f"/conversations/{conversation_id}/members")


async def _members(request: Request, conversation_id: UUID) -> dict[str, Any]:
    found = await Membership.page(conversation_id, _place(request), _search(request), MEMBERS + 1)
    shown = found[:MEMBERS]
    return {"items": shown, "next": _place_of(shown[-1]) if len(found) > MEMBERS else None}


def _search(request: Request) -> str:
    return fitting(request.args.get("q") or "", "q", 80).removeprefix("@")


def _place(request: Request) -> tuple[int, int] | None:
    """``?before=<rank>_<user id>``: where the page before ended."""
    text = request.args.get("before")
    if not text:
        return None
    rank, _, user_id = text.partition("_")
    if not (rank.isascii() and rank.isdigit() and user_id.isascii() and user_id.isdigit() and len(text) < 12):
        raise Invalid(fields={"before": "This is not a place in the list."})
    return min(int(rank), 9), min(int(user_id), 2**31 - 1)


def _place_of(member: MemberFacts) -> str:
    return f"{RANKS[member.role]}_{member.id}"
