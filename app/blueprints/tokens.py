"""Tokens: how programs act as somebody. Shown once, listed and ended in the settings."""

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from app.actions import accounts, sessions
from app.blueprints.settings import settings_again, settings_page
from app.devices import device_name
from app.errors import Problem
from app.models import User
from app.render import json
from app.request import address_of, body, limited_address, settings_of, wants_json
from app.text import one_line

bp = Blueprint("tokens")

LABEL_LENGTH = 200


class TokenRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Who asks for a token; ``label`` is what its owner will find it by."""

    username: str
    password: str
    label: str = ""


@bp.post("/tokens", ctx_who="anyone", ctx_csrf=False)
async def make(request: Request) -> HTTPResponse:
    """A new token. The password proves who asks; a cookie is not needed and not enough."""
    from_page = request.ctx.user is not None and not wants_json(request)
    try:
        user, secret = await _made(request)
    except Problem as problem:
        if from_page:
            return await settings_again(request, problem)
        raise
    if from_page and user == request.ctx.user:
        return await settings_page(request, 201, new_token=secret)
    return json({"token": secret, "user": {"id": user.id, "username": user.username}}, 201)


async def _made(request: Request) -> tuple[User, str]:
    wanted = await body(request, TokenRequest)
    given = one_line(wanted.label, "label", LABEL_LENGTH)
    user = await accounts.authenticate(wanted.username, wanted.password, limited_address(request), settings_of(request))
    label = given or device_name(request.headers.get("user-agent", ""))
    opened = await sessions.open_session(user, "token", label, address_of(request))
    return user, opened.secret
