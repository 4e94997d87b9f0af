"""The table of contents of the program: which pages there are, and what is around every request."""

from typing import Any

from sanic import Sanic

from app import middleware
from app.actions.edits import edit_within
from app.blueprints import (
    accounts,
    assets,
    blocks,
    comments,
    conversations,
    drafts,
    groups,
    health,
    invites,
    keeping,
    media,
    mentions,
    messages,
    notifications,
    posts,
    profiles,
    reactions,
    receipts,
    settings,
    threads,
    tokens,
    users,
)
from app.config import Settings
from app.heads import Request
from app.logs import log_as_lines
from app.realtime import endpoints, sse
from app.text import limit_texts
from app.worker import Worker

BLUEPRINTS = (
    accounts.bp,
    assets.bp,
    blocks.bp,
    comments.bp,
    conversations.bp,
    drafts.bp,
    endpoints.bp,
    groups.bp,
    health.bp,
    invites.bp,
    keeping.bp,
    media.bp,
    mentions.bp,
    messages.bp,
    notifications.bp,
    posts.bp,
    profiles.bp,
    reactions.bp,
    receipts.bp,
    settings.bp,
    sse.bp,
    threads.bp,
    tokens.bp,
    users.bp,
)


def create_app(settings: Settings | None = None) -> Sanic[Any, Any]:
    """A Natter worker as a Sanic application, which opens and closes everything it needs by itself."""
    settings = settings or Settings.from_environment()
    app = Sanic("natter", configure_logging=False, request_class=Request)
    app.config.update(
        MOTD=False,
        ACCESS_LOG=False,
        REQUEST_MAX_SIZE=settings.request_bytes,
        REQUEST_TIMEOUT=15,
        RESPONSE_TIMEOUT=15,
        KEEP_ALIVE_TIMEOUT=30,
        GRACEFUL_SHUTDOWN_TIMEOUT=5,
    )
    app.ctx.settings = settings
    limit_texts(settings.text_length)
    edit_within(settings.edit_seconds)
    for blueprint in BLUEPRINTS:
        app.blueprint(blueprint)
    middleware.install(app)
    worker = Worker(app, settings)
    app.before_server_start(worker.start)
    # After the last route with a socket: listeners run in reverse, so this one is first and can still say 1012.
    app.before_server_stop(worker.let_go)
    app.after_server_stop(worker.stop)
    log_as_lines()
    return app
