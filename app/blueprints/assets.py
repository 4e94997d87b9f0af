"""Scripts, styles and the packages' files, from memory, under addresses that change with their content."""

from sanic import Blueprint, HTTPResponse, Request
from sanic.response import raw

from app.assets import assets
from app.errors import NotFound

bp = Blueprint("assets")


@bp.get("/static/<digest:str>/<name:path>", ctx_who="public")
async def show(request: Request, digest: str, name: str) -> HTTPResponse:
    """A file. Under its present digest it may be kept for ever; under another (a relative import) not."""
    return _answer(request, digest, name)


@bp.get("/favicon.ico", ctx_who="public")
async def favicon(request: Request) -> HTTPResponse:
    """For those who ask without reading the page."""
    return _answer(request, "", "icon.svg")


def _answer(request: Request, digest: str, name: str) -> HTTPResponse:
    found = assets().get(name)
    if found is None:
        raise NotFound
    etag = f'"{found.digest}"'
    headers = {"vary": "accept-encoding"}
    if digest == found.digest:
        headers["cache-control"] = "public, max-age=31536000, immutable"
    else:
        headers |= {"cache-control": "public, no-cache", "etag": etag}
    if request.headers.get("if-none-match") == etag:
        return HTTPResponse(status=304, headers=headers)
    if found.zipped and "gzip" in request.headers.get("accept-encoding", ""):
        return raw(found.zipped, content_type=found.kind, headers=headers | {"content-encoding": "gzip"})
    return raw(found.content, content_type=found.kind, headers=headers)
