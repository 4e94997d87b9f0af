"""For who cannot have a WebSocket: ``GET /sse/`` sends the same frames, ``POST /commands`` takes the same commands."""

import json as stdlib_json
from typing import Any
from uuid import UUID

from sanic import Blueprint, HTTPResponse, Request

from app.actions import conversations
from app.actions.messages import Sent
from app.errors import BadRequest, Invalid, Problem, TooMany
from app.realtime import commands, execute, places
from app.realtime.catch_up import Cursor
from app.realtime.handshake import census_keys, check_member, check_room, check_stream, open_stream
from app.realtime.line import Line
from app.realtime.live import Live
from app.realtime.places import Place
from app.realtime.serve import let_go, serve
from app.refusal import problem_of
from app.render import json, no_content
from app.request import json_object, session_of, signed_in

bp = Blueprint("sse")


async def event_stream(request: Request) -> None:
    """The frames of all topics of a page as server-sent events, where WebSockets are blocked."""
    live: Live = request.app.ctx.live
    check_stream(request, live)
    user_id = session_of(request).user_id
    wanted, epoch = _places(request)
    standing = _standing(request)
    for place in wanted:
        if place.conversation_id:
            await check_member(request, place.conversation_id)
    # The user's own topic is held for chats too: it brings the end of the session.
    held = await live.relay.hold(dict.fromkeys([*[place.topic(user_id) for place in wanted], f"user.{user_id}"]))
    keys = census_keys(request)

    def lost(line: Line) -> None:
        live.census.remove(*keys)
        let_go(live, line)

    try:
        # Only now, as nothing is awaited between counting and being counted.
        check_room(request, live)
        connections = open_stream(request, live, {place.topic(user_id): place.after for place in wanted}, lost)
    except BaseException:
        live.relay.release(held)
        raise
    connections[0].held = held
    live.census.add(*keys)
    for connection, place, topic in zip(connections, wanted, held, strict=False):
        live.hub.add(connection)
        live.spawn(serve(live, connection, topic, _cursor(place, epoch, live), standing))


# Tells Sanic that no response is to come from the handler.
event_stream.is_websocket = True  # type: ignore[attr-defined]
bp.add_route(event_stream, "/sse", ctx_who="anyone")


@bp.post("/commands", ctx_who="member")
async def command(request: Request) -> HTTPResponse:
    """A command as on a socket; one for a chat names its `conversation_id`. 204, or the first frame for a repeat."""
    live: Live = request.app.ctx.live
    pace = live.paces.of(str(session_of(request).id))
    if not pace.admits():
        raise TooMany("You are sending too fast.", retry_after=1)
    try:
        repeated = await _execute(request)
    except Exception as error:
        if problem_of(error).status in (400, 422) and pace.is_abuse():
            raise TooMany("Too many bad commands.", retry_after=30) from None
        raise
    return json(repeated.frame) if repeated else no_content()


def _places(request: Request) -> tuple[list[Place], str | None]:
    # What the page knows now is newer than what it knew when it made the address.
    return places.read(request.headers.get("last-event-id") or request.query_string)


def _cursor(place: Place, epoch: str | None, live: Live) -> Cursor:
    foreign = place.after is not None and epoch not in (None, live.epoch)
    return Cursor(place.after, foreign, live.epoch, live.settings.backlog_events)


def _standing(request: Request) -> list[commands.StandingCommand]:
    """``?watch=``, ``?presence=`` and ``?active=`` hold those commands without their types.

    They are about the stream, and a POST might reach another worker than the stream.
    """
    return [_stands(kind, text) for kind in commands.STANDING_TYPES if (text := request.args.get(kind))]


def _stands(kind: str, text: str) -> commands.StandingCommand:
    try:
        given = stdlib_json.loads(text)
    except (ValueError, RecursionError):
        given = None
    if not isinstance(given, dict):
        raise BadRequest(f"{kind} must be a JSON object.", code="invalid_json")
    decoded = commands.decode("notifications", stdlib_json.dumps(given | {"type": kind}).encode())
    assert isinstance(decoded, commands.StandingCommand)
    return commands.checked(decoded)


async def _execute(request: Request) -> Sent | None:
    given = json_object(request)
    conversation_id = _conversation(given.pop("conversation_id", None))
    if conversation_id is None and given.get("type") in commands.CHAT_TYPES:
        raise _wrong("missing_field", "conversation_id", "Say in which conversation.")
    decoded = commands.decode("chat" if conversation_id else "notifications", stdlib_json.dumps(given).encode())
    user = signed_in(request)
    match decoded:
        case commands.MarkRead() | commands.Block() | commands.Unblock():
            await execute.for_notifications(user.id, decoded)
            return None
        case commands.Watch() | commands.Presence() | commands.Active():
            raise _wrong("unknown_type", "type", "Say this in the address of the stream.")
    assert conversation_id
    # For typing, which looks at nothing else; a socket has been let in as a member's.
    await conversations.membership_of(user.id, conversation_id)
    return await execute.for_chat(user.facts(), conversation_id, decoded)


def _conversation(given: Any) -> UUID | None:
    if given is None:
        return None
    try:
        return UUID(given)
    except (ValueError, TypeError, AttributeError):
        raise _wrong("wrong_type", "conversation_id", "This is not the id of a conversation.") from None


def _wrong(code: str, field: str, message: str) -> Problem:
    return Invalid(message, code=code, fields={field: message})
