"""One's own settings: profile, picture, password, and the sessions and tokens that can act as oneself."""

from typing import Any
from uuid import UUID

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from app.actions import accounts, avatars, presence, sessions
from app.cookies import forget_session
from app.csrf import csrf_token
from app.errors import Invalid, Problem, WrongLogin
from app.models import Block, Session, User, iso
from app.render import done, form_again, json, page, see_other
from app.request import body, has_form, limited_address, session_of, settings_of, signed_in, wants_json

bp = Blueprint("settings")

TEMPLATE = "settings/show.html"
SAVED = {
    "profile": "Your profile is saved.",
    "avatar": "Your picture is changed.",
    "presence": "Saved: it holds from now on, also on pages that are open.",
    "receipts": "Saved: it holds for what you read from now on.",
    "password": "Your password is changed. Everywhere else you are signed out.",
    "sessions": "That session has ended.",
}


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    """The profile's form; what is left out stays."""

    display_name: str | None = None
    bio: str | None = None


class NewPassword(msgspec.Struct, frozen=True, kw_only=True):
    """The password's form."""

    current_password: str
    password: str


class WhoSeesMe(msgspec.Struct, frozen=True, kw_only=True):
    """The form of presence; a box that is not ticked is not sent."""

    hidden: bool = False


@bp.get("/settings", ctx_who="member")
async def show(request: Request) -> HTTPResponse:
    """Everything about oneself that can be changed."""
    if not wants_json(request):
        return await settings_page(request, saved=SAVED.get(request.args.get("saved") or ""))
    facts = msgspec.to_builtins(signed_in(request).facts())
    return json({**facts, **await _shown(request), "csrf_token": csrf_token(request)})


@bp.put("/settings/profile", ctx_who="member")
async def change_profile(request: Request) -> HTTPResponse:
    """Change the name that is shown and the words about oneself."""
    user = signed_in(request)
    try:
        wanted = await body(request, Profile)
        await accounts.change_profile(user, wanted.display_name, wanted.bio)
    except Problem as problem:
        return await settings_again(request, problem)
    return _saved(request, "profile", user)


@bp.put("/settings/presence", ctx_who="member")
async def change_presence(request: Request) -> HTTPResponse:
    """Hide from everyone when one is here, or show it again."""
    user = signed_in(request)
    try:
        await presence.hide_presence(user, (await body(request, WhoSeesMe)).hidden)
    except Problem as problem:
        return await settings_again(request, problem)
    return done(request, "/settings?saved=presence")


@bp.put("/settings/avatar", ctx_who="member")
async def change_avatar(request: Request) -> HTTPResponse:
    """Take the picture in the form's file ``avatar``, or the body itself, as one's own."""
    user = signed_in(request)
    try:
        await avatars.change_avatar(user, _upload(request), settings_of(request).avatar_bytes)
    except Problem as problem:
        return await settings_again(request, problem)
    return _saved(request, "avatar", user)


@bp.delete("/settings/avatar", ctx_who="member")
async def remove_avatar(request: Request) -> HTTPResponse:
    """Go back to the picture drawn from the name."""
    await avatars.remove_avatar(signed_in(request))
    return done(request, "/settings?saved=avatar")


@bp.put("/settings/password", ctx_who="member")
async def change_password(request: Request) -> HTTPResponse:
    """Change the password, shown that one knows the present one; every other session ends."""
    user = signed_in(request)
    try:
        wanted = await body(request, NewPassword)
        await _prove(request, user, wanted.current_password)
        await accounts.change_password(user, session_of(request), wanted.password)
    except Problem as problem:
        return await settings_again(request, problem)
    return done(request, "/settings?saved=password")


@bp.delete("/settings/sessions/<session_id:uuid>", ctx_who="member")
async def end_session(request: Request, session_id: UUID) -> HTTPResponse:
    """End one of one's sessions or tokens; its sockets close."""
    await sessions.end_session(signed_in(request), session_id)
    response = done(request, "/settings?saved=sessions")
    if session_id == session_of(request).id:
        forget_session(request, response)
    return response


async def settings_page(
    request: Request, status: int = 200, saved: str | None = None, new_token: str | None = None
) -> HTTPResponse:
    """The page of one's settings; a new token is shown on it this once."""
    user = signed_in(request)
    fields = {"display_name": user.display_name, "bio": user.bio}
    context = {"saved": saved, "new_token": new_token, **await _shown_on_page(request)}
    return await page(request, TEMPLATE, status, fields=fields, errors={}, **context)


async def settings_again(request: Request, problem: Problem) -> HTTPResponse:
    """The page again, with what is wrong in one of its forms."""
    context = {} if wants_json(request) else {"saved": None, "new_token": None, **await _shown_on_page(request)}
    return await form_again(request, problem, TEMPLATE, **context)


async def _shown(request: Request) -> dict[str, Any]:
    user, current = signed_in(request), session_of(request)
    living = await Session.living(user)
    return {
        "bio": user.bio,
        "hides_presence": user.hides_presence,
        "hides_receipts": user.hides_receipts,
        "sessions": [_session_facts(session, current) for session in living],
    }


async def _shown_on_page(request: Request) -> dict[str, Any]:
    return {"blocks": await Block.blocked_by(signed_in(request).id), **await _shown(request)}


def _session_facts(session: Session, current: Session) -> dict[str, Any]:
    return {
        "id": str(session.id),
        "kind": session.kind,
        "label": session.label,
        "address": session.address,
        "created_at": iso(session.created_at),
        "seen_at": iso(session.seen_at),
        "current": session.id == current.id,
    }


def _saved(request: Request, what: str, user: User) -> HTTPResponse:
    if wants_json(request):
        return json({**msgspec.to_builtins(user.facts()), "bio": user.bio})
    return see_other(request, f"/settings?saved={what}")


async def _prove(request: Request, user: User, password: str) -> None:
    try:
        await accounts.authenticate(user.username, password, limited_address(request), settings_of(request))
    except WrongLogin:
        raise Invalid(fields={"current_password": "This is not your password."}) from None


def _upload(request: Request) -> bytes:
    if not has_form(request):
        return bytes(request.body)
    files = request.files
    file = files.get("avatar") if files else None
    return bytes(file.body) if file else b""
