"""Threads: those one follows, one of them beside its conversation, following it and reading it."""

from uuid import UUID

from sanic import Blueprint, HTTPResponse, Request

from app.actions import threads
from app.blueprints.conversations import chat_page, chosen_in, opened_by, thread_of
from app.blueprints.posts import opened
from app.models import ThreadFollow
from app.render import done, json, no_content, page
from app.request import moment_cursor, seq_in, settings_of, signed_in, wants_json

bp = Blueprint("threads")
THREAD = "/conversations/<conversation_id:uuid>/threads/<thread_id:uuid>"


@bp.get("/threads", ctx_who="member")
async def index(request: Request) -> HTTPResponse:
    """The threads one follows: those with something unread, then the others, the last written in first."""
    size = settings_of(request).page_size
    listed = await ThreadFollow.listed(signed_in(request).id, moment_cursor(request), size + 1)
    unread = [one for one in listed if one.unread]
    others = listed[len(unread) :]
    following = f"{others[size - 1].last_at}_{others[size - 1].id}" if len(others) > size else None
    shown = unread + others[:size]
    if wants_json(request):
        return json({"items": shown, "next": following})
    return await page(request, "thread/index.html", threads=shown, next=following)


@bp.get(THREAD, ctx_who="member")
async def show(request: Request, conversation_id: UUID, thread_id: UUID) -> HTTPResponse:
    """What hangs on a message: the newest, or those below seq `before`; on the page beside its conversation."""
    address = f"/conversations/{conversation_id}/threads/{thread_id}/"
    if wants_json(request):
        conversation = await opened_by(signed_in(request).id, conversation_id)
        thread = await thread_of(request, conversation, thread_id)
        return json(
            {
                "root": thread.root.frame(),
                "items": [message.frame() for message in thread.messages],
                "next": thread.before,
                "is_followed": thread.is_followed,
                "read_number": thread.read_number,
                "seq": conversation.head,
                "epoch": request.app.ctx.live.epoch,
            }
            | chosen_in([thread.root, *thread.messages])
        )
    context = await chat_page(request, conversation_id, thread_id)
    await opened(request, address)
    template = "thread/_thread.html" if request.args.get("panel") else "conversation/chat.html"
    return await page(request, template, errors={}, fields={}, **context)


@bp.put(f"{THREAD}/follow", ctx_who="member")
async def follow(request: Request, conversation_id: UUID, thread_id: UUID) -> HTTPResponse:
    """Follow it: be told of what is written in it; again changes nothing."""
    await threads.follow(signed_in(request).id, conversation_id, thread_id)
    return done(request, f"/conversations/{conversation_id}/threads/{thread_id}/")


@bp.delete(f"{THREAD}/follow", ctx_who="member")
async def unfollow(request: Request, conversation_id: UUID, thread_id: UUID) -> HTTPResponse:
    """Follow it no longer, also when one writes in it or is mentioned; again changes nothing."""
    await threads.follow(signed_in(request).id, conversation_id, thread_id, is_followed=False)
    return done(request, f"/conversations/{conversation_id}/threads/{thread_id}/")


@bp.put(f"{THREAD}/read", ctx_who="member")
async def read(request: Request, conversation_id: UUID, thread_id: UUID) -> HTTPResponse:
    """One has seen everything in it up to `seq`."""
    await threads.read(signed_in(request).id, conversation_id, thread_id, await seq_in(request))
    return no_content()
