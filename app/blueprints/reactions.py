"""One's own emoji on a message."""

from urllib.parse import unquote
from uuid import UUID

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from app.actions import reactions
from app.render import back, done, json, see_other
from app.request import signed_in, wants_json

MESSAGE = "/conversations/<conversation_id:uuid>/messages/<message_id:uuid>"
bp = Blueprint("reactions", url_prefix=f"{MESSAGE}/reactions/<emoji:str>")


@bp.put("/", ctx_who="member")
async def react(request: Request, conversation_id: UUID, message_id: UUID, emoji: str) -> HTTPResponse:
    """This emoji of one's own is on the message; again changes nothing."""
    reaction = await reactions.react(signed_in(request), conversation_id, message_id, unquote(emoji))
    if wants_json(request):
        return json({"message_id": str(message_id), **msgspec.to_builtins(reaction)})
    return see_other(request, _back(request, conversation_id, message_id))


@bp.delete("/", ctx_who="member")
async def unreact(request: Request, conversation_id: UUID, message_id: UUID, emoji: str) -> HTTPResponse:
    """It is on the message no more; again changes nothing."""
    await reactions.unreact(signed_in(request), conversation_id, message_id, unquote(emoji))
    return done(request, _back(request, conversation_id, message_id))


def _back(request: Request, conversation_id: UUID, message_id: UUID) -> str:
    return f"{back(request, f'/conversations/{conversation_id}/').partition('#')[0]}#message-{message_id}"
