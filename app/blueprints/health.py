"""For load balancers, supervisors and Prometheus: does it breathe, can the whole unit serve, and the unit's numbers."""

import hmac

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import raw

from app.errors import Forbidden
from app.health import Health
from app.meter import Meter
from app.metrics import CONTENT_TYPE
from app.render import json
from app.request import is_loopback, settings_of

bp = Blueprint("health")

PROXIED = ("x-forwarded-for", "x-real-ip", "forwarded", "via")


@bp.get("/healthz", ctx_who="public")
async def healthz(request: Request) -> HTTPResponse:
    """200 as long as the event loop turns."""
    return json({"status": "ok"})


@bp.get("/readyz", ctx_who="public")
async def readyz(request: Request) -> HTTPResponse:
    """200 when every worker of this unit can serve and nothing of the site is behind, else 503; each part by name."""
    health: Health = request.app.ctx.health
    parts = health.parts()
    ready = all(part.ok for part in parts.values())
    shown = {name: part._asdict() for name, part in parts.items()}
    return json({"status": "ready" if ready else "not ready", "parts": shown}, 200 if ready else 503)


@bp.get("/metrics", ctx_who="public")
async def metrics(request: Request) -> HTTPResponse:
    """The numbers of all workers of this unit for Prometheus; with ``METRICS_TOKEN``, or from this machine itself."""
    if not _may_read(request):
        raise Forbidden
    meter: Meter = request.app.ctx.meter
    return raw(await meter.of_unit(), content_type=CONTENT_TYPE)


def _may_read(request: Request) -> bool:
    # A proxy on this machine is a loopback peer as well; what it passes on comes from anywhere.
    if is_loopback(str(request.ip)) and not any(name in request.headers for name in PROXIED):
        return True
    token = settings_of(request).metrics_token
    shown = request.headers.get("authorization", "")
    return bool(token) and hmac.compare_digest(shown.encode(errors="replace"), f"Bearer {token}".encode())
