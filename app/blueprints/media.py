"""Pictures of people. Their addresses are stable, so browsers ask each time if what they keep still holds."""

import asyncio
import hashlib

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import raw

from app.avatars import drawn
from app.deadline import in_time
from app.errors import NotFound
from app.models import Avatar
from app.models.avatar import Face

bp = Blueprint("media")


@bp.get(r"/media/avatars/<username:(?P<username>[a-z0-9_]+)\.jpg>", ctx_who="public")
async def avatar(request: Request, username: str) -> HTTPResponse:
    """The uploaded picture, or the one drawn from the name."""
    face = await in_time(request, Avatar.face_of(username))
    if face is None:
        raise NotFound
    headers = {"etag": _etag(username, face), "cache-control": "public, no-cache"}
    if request.headers.get("if-none-match") == headers["etag"]:
        return HTTPResponse(status=304, headers=headers)
    return raw(await in_time(request, _image(username, face)), content_type="image/jpeg", headers=headers)


def _etag(username: str, face: Face) -> str:
    if face.etag:
        return f'"{face.etag}"'
    return f'"drawn-{hashlib.sha256(f"{username}/{face.display_name}".encode()).hexdigest()[:16]}"'


async def _image(username: str, face: Face) -> bytes:
    if face.etag and (picture := await Avatar.get_or_none(user_id=face.user_id)):
        return bytes(picture.image)
    return await asyncio.to_thread(drawn, username, face.display_name)
