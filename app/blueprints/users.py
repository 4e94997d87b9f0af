"""Finding people: the search page, and the completion of a mention while it is typed."""

from sanic import Blueprint, HTTPResponse, Request

from app.models import User
from app.render import json, page
from app.request import wants_json
from app.text import fitting

bp = Blueprint("users")


@bp.get("/users", ctx_who="member")
async def index(request: Request) -> HTTPResponse:
    """People whose name or username matches ``?q=``; those whose username begins so come first."""
    q = fitting(request.args.get("q") or "", "q", 80).removeprefix("@")
    users = await User.search(q) if q else []
    if wants_json(request):
        return json({"items": users, "next": None})
    return await page(request, "user/index.html", users=users, q=q)
