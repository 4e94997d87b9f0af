"""Who has read a message and when, and the setting that hides it of oneself."""

from uuid import UUID

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from app.actions import conversations, receipts
from app.blueprints.settings import settings_again
from app.errors import NotFound, Problem
from app.models import Message, Receipt
from app.render import done, json
from app.request import body, signed_in

bp = Blueprint("receipts")


class WhoSeesReceipts(msgspec.Struct, frozen=True, kw_only=True):
    """The form of receipts; a box that is not ticked is not sent."""

    hidden: bool = False


@bp.get("/conversations/<conversation_id:uuid>/messages/<message_id:uuid>/readers", ctx_who="member")
async def readers(request: Request, conversation_id: UUID, message_id: UUID) -> HTTPResponse:
    """Who has read the message and when, the last one first; null where that is not known any more."""
    await conversations.membership_of(signed_in(request).id, conversation_id)
    said = await Message.said(conversation_id, message_id)
    if said is None:
        raise NotFound
    # In a thread nobody tells the others how far they have read.
    found = [] if said.facts.thread else await Receipt.readers(conversation_id, said.seq, said.facts.user_id)
    return json({"items": found, "next": None})


@bp.put("/settings/receipts", ctx_who="member")
async def change(request: Request) -> HTTPResponse:
    """Hide from the others how far one has read, or show it again."""
    try:
        await receipts.hide_receipts(signed_in(request), (await body(request, WhoSeesReceipts)).hidden)
    except Problem as problem:
        return await settings_again(request, problem)
    return done(request, "/settings?saved=receipts")
