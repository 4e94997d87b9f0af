"""How one keeps a conversation: each state is a resource of its own, for a program and for a form."""

from uuid import UUID

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from app.actions import keeping
from app.blueprints.conversations import chat_again
from app.errors import Problem
from app.render import done
from app.request import body, seq_in, signed_in

bp = Blueprint("keeping", url_prefix="/conversations/<conversation_id:uuid>")


class Mute(msgspec.Struct, frozen=True, kw_only=True):
    """For how long: ``1h``, ``8h``, or ``on`` until it is not any more."""

    mute: str = "on"


@bp.put("/pin", ctx_who="member")
async def pin(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Hold it at the top of one's list; at most 20 conversations."""
    try:
        await keeping.keep(signed_in(request).id, conversation_id, pinned=True)
    except Problem as problem:
        return await chat_again(request, problem, conversation_id)
    return _kept(request, conversation_id)


@bp.delete("/pin", ctx_who="member")
async def unpin(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Let it stand where its newest message puts it."""
    await keeping.keep(signed_in(request).id, conversation_id, pinned=False)
    return _kept(request, conversation_id)


@bp.put("/archive", ctx_who="member")
async def archive(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Put it away until something new is said in it; for good while it is muted."""
    await keeping.keep(signed_in(request).id, conversation_id, archived=True)
    return _kept(request, conversation_id)


@bp.delete("/archive", ctx_who="member")
async def unarchive(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Have it in one's list again."""
    await keeping.keep(signed_in(request).id, conversation_id, archived=False)
    return _kept(request, conversation_id)


@bp.put("/mute", ctx_who="member")
async def mute(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Be told of nothing but mentions, for `mute`: `1h`, `8h`, or `on`."""
    try:
        await keeping.keep(signed_in(request).id, conversation_id, mute=(await body(request, Mute)).mute)
    except Problem as problem:
        return await chat_again(request, problem, conversation_id)
    return _kept(request, conversation_id)


@bp.delete("/mute", ctx_who="member")
async def unmute(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Be told of its unread messages again."""
    await keeping.keep(signed_in(request).id, conversation_id, mute="off")
    return _kept(request, conversation_id)


@bp.put("/unread", ctx_who="member")
async def unread(request: Request, conversation_id: UUID) -> HTTPResponse:
    """The message with this `seq`, and what came after it, is unread again."""
    await keeping.mark_unread(signed_in(request).id, conversation_id, await seq_in(request))
    return done(request, "/conversations/")


def _kept(request: Request, conversation_id: UUID) -> HTTPResponse:
    return done(request, f"/conversations/{conversation_id}/")
