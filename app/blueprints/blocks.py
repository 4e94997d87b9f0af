"""Blocking a person and unblocking them."""

from sanic import Blueprint, HTTPResponse, Request

from app.actions import blocks
from app.blueprints.profiles import PROFILE
from app.models import Block
from app.render import back, done, json, see_other
from app.request import signed_in, wants_json

bp = Blueprint("blocks")


@bp.get("/settings/blocks", ctx_who="member")
async def index(request: Request) -> HTTPResponse:
    """Whom one blocks, the last first; in a browser a part of the settings."""
    if not wants_json(request):
        return see_other(request, "/settings#settings-blocks")
    return json({"items": await Block.blocked_by(signed_in(request).id), "next": None})


@bp.put(f"{PROFILE}/block", ctx_who="member")
async def block(request: Request, username: str) -> HTTPResponse:
    """Block them: neither sees what the other writes; again changes nothing."""
    other = await blocks.block(signed_in(request), username)
    if wants_json(request):
        return json({"username": other.username, "blocked": True})
    return see_other(request, f"/@{other.username}/")


@bp.delete(f"{PROFILE}/block", ctx_who="member")
async def unblock(request: Request, username: str) -> HTTPResponse:
    """Block them no longer; again changes nothing."""
    other = await blocks.unblock(signed_in(request), username)
    return done(request, back(request, f"/@{other.username}/"))
