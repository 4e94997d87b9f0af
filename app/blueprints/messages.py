"""One message: what it said before, editing it, and deleting it for everyone."""

from typing import Any
from uuid import UUID

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from app.actions import conversations, edits
from app.errors import NotFound, Problem
from app.models import Block, Membership, Message, MessageVersion, Receipt
from app.models.membership import outranks
from app.models.message import Said
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
    return see_other(request, place_of(conversation_id, said))


@bp.delete("/", ctx_who="member")
async def delete(request: Request, conversation_id: UUID, message_id: UUID) -> HTTPResponse:
    """One's own message, or in a group somebody's below oneself, is deleted for everyone; again changes nothing."""
    said = await edits.delete(signed_in(request).id, conversation_id, message_id)
    return done(request, place_of(conversation_id, said))


def place_of(conversation_id: UUID, said: Said) -> str:
    """Where it stands on a page: in the conversation, or in its thread."""
    thread = f"threads/{said.facts.thread}/" if said.facts.thread else ""
    return f"/conversations/{conversation_id}/{thread}#message-{said.facts.message_id}"


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
        # In a thread nobody tells the others how far they have read.
        "readers": [] if said.facts.thread else await Receipt.readers(conversation_id, said.seq, said.facts.user_id),
        "place": place_of(conversation_id, said),
        "hidden": await Block.hidden_names(user_id),
        "conversation_id": str(conversation_id),
        "edit_seconds": settings_of(request).edit_seconds,
    }
