"""The list of notifications, and marking them read or unread."""

from typing import Any
from uuid import UUID

from sanic import Blueprint, HTTPResponse, Request

from app.actions import notifications
from app.models import Notification
from app.render import back, done, json, page
from app.request import as_cursor, moment_cursor, settings_of, signed_in, wants_json

bp = Blueprint("notifications", url_prefix="/notifications")


@bp.get("/", ctx_who="member")
async def index(request: Request) -> HTTPResponse:
    """One's notifications, newest first."""
    listed = await _listed(request)
    if wants_json(request):
        return json({"items": listed["notifications"], "next": listed["next"]})
    return await page(request, "notification/index.html", **listed)


@bp.put("/read", ctx_who="member")
async def read_all(request: Request) -> HTTPResponse:
    """All of them are read."""
    await notifications.mark_read(signed_in(request), "all")
    return _done(request)


@bp.put("/<notification_id:uuid>/read", ctx_who="member")
async def read(request: Request, notification_id: UUID) -> HTTPResponse:
    """This one is read."""
    await notifications.mark_read(signed_in(request), [notification_id])
    return _done(request)


@bp.delete("/<notification_id:uuid>/read", ctx_who="member")
async def unread(request: Request, notification_id: UUID) -> HTTPResponse:
    """This one is unread again."""
    await notifications.mark_unread(signed_in(request), notification_id)
    return _done(request)


def _done(request: Request) -> HTTPResponse:
    return done(request, back(request, "/notifications/"))


async def _listed(request: Request) -> dict[str, Any]:
    size = settings_of(request).page_size
    found = await Notification.listed(signed_in(request).id, moment_cursor(request), size + 1)
    shown = found[:size]
    following = as_cursor(shown[-1].sent_at, shown[-1].facts.id) if len(found) > size else None
    return {"notifications": [told.facts for told in shown], "next": following}
