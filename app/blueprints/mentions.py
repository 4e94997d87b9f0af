"""Whom one can mention in a conversation: its members, for the completion of a name while it is typed."""

from uuid import UUID

from sanic import Blueprint, HTTPResponse, Request

from app.actions import conversations
from app.models import Membership
from app.render import json
from app.request import signed_in
from app.text import fitting

bp = Blueprint("mentions", url_prefix="/conversations")

PEOPLE = 20


@bp.get("/<conversation_id:uuid>/people", ctx_who="member")
async def index(request: Request, conversation_id: UUID) -> HTTPResponse:
    """The other members whose name or username matches `?q=`, for mentions; those whose username begins so first."""
    user = signed_in(request)
    await conversations.membership_of(user.id, conversation_id)
    q = fitting(request.args.get("q") or "", "q", 80).removeprefix("@")
    return json({"items": await Membership.search(conversation_id, q, user.id, PEOPLE), "next": None})
