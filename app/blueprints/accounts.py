"""Registering, logging in and out."""

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from app.actions import accounts, sessions
from app.cookies import forget_session, keep_session
from app.csrf import csrf_token
from app.devices import device_name
from app.errors import Problem
from app.models import User
from app.render import done, form_again, json, page, see_other
from app.request import (
    address_of,
    body,
    form_field,
    limited_address,
    local_path,
    session_of,
    settings_of,
    signed_in,
    wants_json,
)

bp = Blueprint("accounts")


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """The form of ``/register``."""

    username: str
    password: str
    display_name: str = ""
    next: str = ""


class Login(msgspec.Struct, frozen=True, kw_only=True):
    """The form of ``/login``."""

    username: str
    password: str
    next: str = ""


@bp.get("/register", ctx_who="anyone")
async def register_page(request: Request) -> HTTPResponse:
    """The form, or as JSON the CSRF token that it would hold."""
    return await _form(request, "account/register.html")


@bp.post("/register", ctx_who="anyone")
async def register(request: Request) -> HTTPResponse:
    """Make an account and sign in."""
    try:
        wanted = await body(request, Registration)
        user = await accounts.register(
            wanted.username,
            wanted.password,
            wanted.display_name,
            address=limited_address(request),
            limit=settings_of(request).registers_per_address,
        )
    except Problem as problem:
        return await form_again(request, problem, "account/register.html", next=_next_in_form(request))
    return await _sign_in(request, user, wanted.next, 201)


@bp.get("/login", ctx_who="anyone")
async def login_page(request: Request) -> HTTPResponse:
    """The form, or as JSON the CSRF token that it would hold."""
    return await _form(request, "account/login.html")


@bp.post("/login", ctx_who="anyone")
async def login(request: Request) -> HTTPResponse:
    """Sign in, always with a new session."""
    try:
        wanted = await body(request, Login)
        user = await _authenticated(request, wanted.username, wanted.password)
    except Problem as problem:
        return await form_again(request, problem, "account/login.html", next=_next_in_form(request))
    return await _sign_in(request, user, wanted.next, 200)


@bp.post("/logout", ctx_who="member")
async def logout(request: Request) -> HTTPResponse:
    """End this session everywhere; its sockets close."""
    await sessions.end_session(signed_in(request), session_of(request).id)
    response = done(request, "/login")
    forget_session(request, response)
    return response


async def _form(request: Request, template: str) -> HTTPResponse:
    if wants_json(request):
        return json({"csrf_token": csrf_token(request)})
    if request.ctx.user:
        return see_other(request, local_path(request.args.get("next")))
    return await page(request, template, fields={}, errors={}, next=local_path(request.args.get("next")))


async def _authenticated(request: Request, username: str, password: str) -> User:
    return await accounts.authenticate(username, password, limited_address(request), settings_of(request))


async def _sign_in(request: Request, user: User, next_path: str, status: int) -> HTTPResponse:
    before = request.ctx.session
    if before and before.kind == "cookie":
        await sessions.end_session(request.ctx.user, before.id)
    label = device_name(request.headers.get("user-agent", ""))
    request.ctx.session, secret = await sessions.open_session(user, "cookie", label, address_of(request))
    request.ctx.user = user
    response: HTTPResponse
    if wants_json(request):
        # A program reads no page's <meta>, so the new session's token comes with the answer.
        response = json(user.facts(), status, headers={"x-csrf-token": csrf_token(request)})
    else:
        response = see_other(request, local_path(next_path))
    keep_session(request, response, secret)
    return response


def _next_in_form(request: Request) -> str:
    return local_path(form_field(request, "next"))
