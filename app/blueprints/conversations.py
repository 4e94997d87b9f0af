"""The list of conversations, one conversation, its history, and sending and reading without a socket."""

from typing import Any
from uuid import UUID

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from app.actions import conversations, drafts, messages, positions
from app.blueprints.groups import uploaded_picture
from app.blueprints.posts import opened
from app.errors import Invalid, NotFound, Problem
from app.models import Conversation, Membership, Message, QuietLine
from app.models.conversation import Opened
from app.models.kept import SHOWN
from app.models.message import Said
from app.models.thread import OpenedThread, opened_thread
from app.render import form_again, json, no_content, page, see_other
from app.request import (
    LARGEST_SEQ,
    body,
    form_field,
    moment_cursor,
    page_cursor,
    seq_in,
    settings_of,
    signed_in,
    wants_json,
)

bp = Blueprint("conversations", url_prefix="/conversations")

MESSAGES = 50
PEOPLE = 200
POSITIONS = 100


class NewConversation(msgspec.Struct, kw_only=True):
    """Whom with; a title only for a group. A form may also name several people in one field, with commas."""

    usernames: list[str]
    title: str = ""


class NewMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message as it is sent without a socket; ``to_all``: an ``@all`` in it is meant."""

    message: str
    client_id: UUID | None = None
    to_all: bool = False
    reply_to: UUID | None = None
    thread: UUID | None = None


@bp.get("/", ctx_who="member")
async def index(request: Request) -> HTTPResponse:
    """One's conversations, the one with the newest message first."""
    listed = await _listed(request)
    if wants_json(request):
        return json({"items": listed["conversations"], "next": listed["next"]})
    return await page(request, "conversation/index.html", errors={}, fields={}, **listed)


@bp.post("/", ctx_who="member")
async def start(request: Request) -> HTTPResponse:
    """Begin a conversation, or find the one with this person again."""
    user = signed_in(request)
    try:
        wanted = await body(request, NewConversation)
        names = [name for given in wanted.usernames for name in given.split(",")]
        picture = await uploaded_picture(request)
        conversation, is_new = await conversations.start(user, names, wanted.title, picture)
    except Problem as problem:
        context = {} if wants_json(request) else await _listed(request)
        return await form_again(request, problem, "conversation/index.html", **context)
    if wants_json(request):
        return json((await opened_by(user.id, conversation.id)).facts, 201 if is_new else 200)
    return see_other(request, f"/conversations/{conversation.id}/")


@bp.get("/<conversation_id:uuid>", ctx_who="member")
async def show(request: Request, conversation_id: UUID) -> HTTPResponse:
    """The chat page: its newest messages, and what the socket needs to go on from there."""
    if wants_json(request):
        chat = await _chat(request, await _opened_now(request, conversation_id))
        chosen = chosen_in(chat["messages"])
        chat["messages"] = [message.frame() for message in chat["messages"]]
        chat["lines"] = [line.frame() for line in chat["lines"]]
        return json({**chat, **chosen, "epoch": request.app.ctx.live.epoch})
    context = await chat_page(request, conversation_id)
    if context["is_told"]:
        await opened(request, f"/conversations/{conversation_id}/")
    return await page(request, "conversation/chat.html", errors={}, fields={}, **context)


async def _chat(request: Request, shown: Opened, beside: OpenedThread | None = None) -> dict[str, Any]:
    user, conversation_id = signed_in(request), UUID(shown.facts.id)
    if beside:
        page = beside.beside
    else:
        before, after = page_cursor(request, largest=LARGEST_SEQ), page_cursor(request, "after", LARGEST_SEQ)
        page = await Message.page(conversation_id, user.id, before=before, after=after, limit=MESSAGES)
    messages = seen(page, user.id, shown.is_blocked)
    roll = await Membership.roll(conversation_id, user.id, PEOPLE, POSITIONS)
    return {
        "conversation": shown.facts,
        "members": roll.people,
        "messages": messages,
        "lines": [line for line in shown.lines if line.seq > _first(messages)],
        "positions": roll.positions,
        "seq": shown.head,
        "role": shown.role,
        "is_blocked": shown.is_blocked,
        "hides": list(shown.hides),
    }


async def chat_again(
    request: Request, problem: Problem, conversation_id: UUID, thread_id: UUID | None = None
) -> HTTPResponse:
    """The chat page again, with what was wrong in one of its forms. Programs get the problem itself."""
    if wants_json(request) or isinstance(problem, NotFound):
        raise problem
    # There may be no such thread; that is then what was wrong.
    thread_id = None if "thread" in problem.fields else thread_id
    context = await chat_page(request, conversation_id, thread_id)
    return await form_again(request, problem, "conversation/chat.html", **context)


def seen(messages: list[Said], user_id: int, is_blocked: bool) -> list[Said]:
    """What a member sees of these: where two are hidden from each other, what they wrote themselves."""
    return [said for said in messages if said.facts.user_id == user_id] if is_blocked else messages


def chosen_in(messages: list[Said]) -> dict[str, dict[str, tuple[str, ...]]]:
    """By message, the viewer's own emoji among those that more people chose than it names; only where there are any."""
    chosen = {said.facts.message_id: said.chosen for said in messages if said.chosen}
    return {"chosen": chosen} if chosen else {}


def _first(messages: list[Said]) -> int:
    """The seq of the oldest message shown, if there are older ones: the lines before it belong to those."""
    return messages[0].seq if messages and messages[0].facts.number > 1 else 0


async def chat_page(request: Request, conversation_id: UUID, thread_id: UUID | None = None) -> dict[str, Any]:
    """What the page of a conversation shows, with a thread beside it if one is wanted. Raises NotFound."""
    user = signed_in(request)
    # The head of its topic comes with it, before the messages: the socket brings what happens after that.
    shown = await _opened_now(request, conversation_id)
    thread = await thread_of(request, shown, thread_id, beside=MESSAGES) if thread_id else None
    chat = await _chat(request, shown, thread)
    said: list[Said] = chat["messages"]
    # Numbers are dense from 1: whether there are older ones needs no asking.
    return {
        **chat,
        "thread": thread,
        "conversations": await Conversation.listed(user.id, None, settings_of(request).page_size),
        "before": said[0].seq if said and said[0].facts.number > 1 else None,
        "read_seq": shown.read_seq,
        "read_number": shown.read_number,
        "chat_cursor": shown.head,
        "draft": shown.draft,
        "is_told": shown.is_told,
        "hidden": list(shown.hides.values()),
    }


async def thread_of(request: Request, shown: Opened, thread_id: UUID, beside: int = 0) -> OpenedThread:
    """A thread of an opened conversation, as this member sees it; without messages if none hangs there yet.

    ``beside``: with so many of the newest messages of the conversation. Raises NotFound.
    """
    user_id, conversation_id = signed_in(request).id, UUID(shown.facts.id)
    before = page_cursor(request, largest=LARGEST_SEQ)
    thread = await opened_thread(user_id, conversation_id, thread_id, before=before, limit=MESSAGES, beside=beside)
    if thread is None or not seen([thread.root], user_id, shown.is_blocked):
        raise NotFound
    return thread._replace(messages=seen(thread.messages, user_id, shown.is_blocked))


@bp.get("/<conversation_id:uuid>/messages", ctx_who="member")
async def history(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Messages, oldest first: the newest, those below seq ``before``, or those above ``after``; and the quiet lines."""
    user = signed_in(request)
    membership = await conversations.membership_of(user.id, conversation_id)
    before, after = page_cursor(request, largest=LARGEST_SEQ), page_cursor(request, "after", LARGEST_SEQ)
    if before is not None and after is not None:
        raise Invalid(fields={"after": "Either before or after."})
    size = min(MESSAGES, settings_of(request).page_size * 2)
    found = await Message.page(conversation_id, user.id, before=before, after=after, limit=size + 1)
    if after is not None:
        shown, following = found[:size], found[size - 1].seq if len(found) > size else None
    else:
        shown, following = found[-size:], found[-size].seq if len(found) > size else None
    lines = await QuietLine.between(
        conversation_id,
        *((after, following or LARGEST_SEQ) if after is not None else (following or 0, before or LARGEST_SEQ)),
    )
    visible = seen(shown, user.id, membership.conversation.is_blocked)
    items = {"items": [message.frame() for message in visible], "next": following} | chosen_in(visible)
    # Only groups have any.
    return json(items | {"lines": [line.frame() for line in lines]} if lines else items)


@bp.post("/<conversation_id:uuid>/messages", ctx_who="member")
async def send(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Send a message; a repeat of the same ``client_id`` is answered with the first one."""
    try:
        wanted = await body(request, NewMessage)
        user_id = signed_in(request).id
        ids = (wanted.client_id, wanted.reply_to)
        sent = await messages.send(
            user_id, conversation_id, wanted.message, *ids, thread=wanted.thread, to_all=wanted.to_all
        )
    except Invalid as problem:
        return await chat_again(request, problem, conversation_id, thread_in(request))
    if wants_json(request):
        return json(sent.frame, 201 if sent.is_new else 200)
    if wanted.thread:
        return see_other(request, f"/conversations/{conversation_id}/threads/{wanted.thread}/")
    # No script is there to say that the field is empty now.
    await drafts.keep(user_id, conversation_id, "")
    return see_other(request, f"/conversations/{conversation_id}/")


def thread_in(request: Request) -> UUID | None:
    """The thread that a form of the page writes to."""
    try:
        return UUID(form_field(request, "thread"))
    except ValueError:
        return None


@bp.put("/<conversation_id:uuid>/read", ctx_who="member")
async def read(request: Request, conversation_id: UUID) -> HTTPResponse:
    """The page has shown everything up to ``seq``."""
    await positions.read(signed_in(request), conversation_id, await seq_in(request))
    return no_content()


@bp.put("/<conversation_id:uuid>/delivered", ctx_who="member")
async def delivered(request: Request, conversation_id: UUID) -> HTTPResponse:
    """Everything up to ``seq`` has reached a page of the user."""
    await positions.delivered(signed_in(request), conversation_id, await seq_in(request))
    return no_content()


async def _opened_now(request: Request, conversation_id: UUID) -> Opened:
    return await opened_by(signed_in(request).id, conversation_id, page_cursor(request, largest=LARGEST_SEQ))


async def opened_by(user_id: int, conversation_id: UUID, before: int | None = None) -> Opened:
    """A conversation as this member opens it. Raises NotFound."""
    shown = await Conversation.opened_by(user_id, conversation_id, before)
    if shown is None:
        raise NotFound
    return shown


async def _listed(request: Request) -> dict[str, Any]:
    size, show = settings_of(request).page_size, request.args.get("show") or ""
    if show not in SHOWN:
        raise Invalid(fields={"show": f"One of {', '.join(filter(None, SHOWN))}."})
    listed = await Conversation.listed(signed_in(request).id, moment_cursor(request), size + 1, show)
    pinned = [one for one in listed if one.is_pinned]
    others = listed[len(pinned) :]
    following = f"{others[size - 1].sent_at}_{others[size - 1].id}" if len(others) > size else None
    return {"conversations": pinned + others[:size], "next": following, "show": show}
