"""One message: what it said before, editing it, and deleting it for everyone."""

from typing import Any
from uuid import UUID

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from app.actions import conversations, edits
from app.errors import NotFound, Problem
from app.models import Block, Membership, Message, MessageVersion, Receipt
from app.models.membership import outranks
from app.render import done, form_again, json, page, see_other
from app.request import body, settings_of, signed_in, wants_json

bp = Blueprint("messages", url_prefix="/conversations/<conversation_id:uuid>/messages/<message_id:uuid>")


class Words(msgspec.Struct, frozen=True, kw_only=True):
    """What a message is to say from now on."""

    message: str


@bp.get("/", ctx_who="member")
async def show(request: Request, conversation_id: UUID, message_id: UUID) -> HTTPResponse:
    """One message, and what it said before."""
    shown = await _shown(request, conversation_id, message_id)
    if wants_json(request):
        chosen = {"chosen": shown["said"].chosen} if shown["said"].chosen else {}
        return json({"message": shown["said"].frame(), "versions": shown["versions"], **chosen})
    return await page(request, "conversation/message.html", errors={}, fields={}, **shown)


@bp.put("/", ctx_who="member")
async def edit(request: Request, conversation_id: UUID, message_id: UUID) -> HTTPResponse:
    """One's own message says something else from now on; the same again changes nothing."""
    try:
        wanted = await body(request, Words)
        said = await edits.edit(signed_in(request).id, conversation_id, message_id, wanted.message)
    except NotFound:
        raise
    except Problem as problem:
        context = {} if wants_json(request) else await _shown(request, conversation_id, message_id)
        return await form_again(request, problem, "conversation/message.html", **context)
    if wants_json(request):
        return json(said.frame())
    return see_other(request, f"/conversations/{conversation_id}/#message-{message_id}")


@bp.delete("/", ctx_who="member")
async def delete(request: Request, conversation_id: UUID, message_id: UUID) -> HTTPResponse:
    """One's own message, or in a group somebody's below oneself, is deleted for everyone; again changes nothing."""
    await edits.delete(signed_in(request).id, conversation_id, message_id)
    return done(request, f"/conversations/{conversation_id}/#message-{message_id}")


async def _shown(request: Request, conversation_id: UUID, message_id: UUID) -> dict[str, Any]:
    user_id = signed_in(request).id
    membership = await conversations.membership_of(user_id, conversation_id)
    said = await Message.said(conversation_id, message_id, user_id)
    if said is None or (membership.conversation.is_blocked and said.facts.user_id != user_id):
        raise NotFound
    author = await Membership.get_or_none(conversation_id=conversation_id, user_id=said.facts.user_id)
    return {
        "said": said,
        "may_remove": outranks(membership.role, author.role if author else None),
        "versions": await MessageVersion.of(message_id),
        "readers": await Receipt.readers(conversation_id, said.seq, said.facts.user_id),
        "hidden": await Block.hidden_names(user_id),
        "conversation_id": str(conversation_id),
        "edit_seconds": settings_of(request).edit_seconds,
    }
