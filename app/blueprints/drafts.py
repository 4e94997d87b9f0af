"""What one has begun to write in a conversation."""

from uuid import UUID

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from app.actions import conversations, drafts
from app.render import json, no_content
from app.request import body, signed_in

bp = Blueprint("drafts", url_prefix="/conversations/<conversation_id:uuid>/draft")


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """The text as far as it is written."""

    text: str


@bp.get("/", ctx_who="member")
async def show(request: Request, conversation_id: UUID) -> HTTPResponse:
    """What one has begun to write; empty for nothing."""
    membership = await conversations.membership_of(signed_in(request).id, conversation_id)
    return json({"text": membership.draft})


@bp.put("/", ctx_who="member")
async def keep(request: Request, conversation_id: UUID) -> HTTPResponse:
    """One has written so far; one's other pages follow."""
    await drafts.keep(signed_in(request).id, conversation_id, (await body(request, Draft)).text)
    return no_content()


@bp.delete("/", ctx_who="member")
async def discard(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Nothing is written any more."""
    await drafts.keep(signed_in(request).id, conversation_id, "")
    return no_content()
