"""For load balancers and supervisors: whether this worker breathes, and whether its whole unit can serve."""

from sanic import Blueprint, HTTPResponse, Request

from app.board import Board
from app.render import json

bp = Blueprint("health")


@bp.get("/healthz", ctx_who="public")
async def healthz(request: Request) -> HTTPResponse:
    """200 as long as the event loop turns."""
    return json({"status": "ok"})


@bp.get("/readyz", ctx_who="public")
async def readyz(request: Request) -> HTTPResponse:
    """200 when every worker of this unit can serve pages and sockets, else 503."""
    board: Board = request.app.ctx.board
    ready = board.all_ready()
    return json({"status": "ready" if ready else "not ready"}, 200 if ready else 503)
