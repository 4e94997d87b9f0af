"""From an error to its answer: the one place where what went wrong becomes a status, JSON or a page."""

import logging
from html import escape
from urllib.parse import quote

from jinja2 import TemplateError
from sanic import HTTPResponse, Request
from sanic.exceptions import MethodNotAllowed, SanicException
from sanic.response import html

from app import errors
from app.database import DATABASE_AWAY
from app.deadline import in_time
from app.errors import Problem
from app.render import json, page, see_other
from app.request import wants_json

logger = logging.getLogger(__name__)

BY_STATUS: dict[int, type[Problem]] = {
    404: errors.NotFound,
    405: errors.WrongMethod,
    413: errors.TooLarge,
    503: errors.Unavailable,
}


async def refuse(request: Request, error: Exception) -> HTTPResponse:
    """The answer to a request that raised ``error``; nothing of the error itself is shown to anybody."""
    problem = problem_of(error)
    if problem.status >= 500:
        log_failure(problem, error)
    response = await _answer(request, problem)
    if problem.retry_after is not None:
        response.headers["retry-after"] = str(problem.retry_after)
    if isinstance(error, MethodNotAllowed):
        response.headers.update(error.headers)
    return response


def log_failure(problem: Problem, error: Exception) -> None:
    """Say what failed: in one line while the database is away, as everything fails then; else with the trace."""
    if problem.status == errors.Unavailable.status:
        logger.warning("%s: %s", problem.code, type(error).__name__)
    else:
        logger.error("%s: %s", problem.code, type(error).__name__, exc_info=error)


def problem_of(error: Exception) -> Problem:
    """What an exception means in our own words."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, DATABASE_AWAY) and not isinstance(error, TemplateError):
        return errors.Unavailable()
    if isinstance(error, SanicException) and error.status_code < 600:
        return _of_sanic(error)
    return Problem()


def problem_json(problem: Problem) -> dict[str, object]:
    """The body of an error."""
    return {"error": {"code": problem.code, "message": problem.message, "fields": problem.fields}}


def _of_sanic(error: SanicException) -> Problem:
    if error.status_code in BY_STATUS:
        return BY_STATUS[error.status_code]()
    problem = errors.BadRequest() if error.status_code < 500 else Problem()
    problem.status = error.status_code
    return problem


async def _answer(request: Request, problem: Problem) -> HTTPResponse:
    if wants_json(request):
        return json(problem_json(problem), problem.status)
    if isinstance(problem, errors.NotSignedIn) and "authorization" not in request.headers:
        return see_other(request, f"/login?next={quote(_wanted(request))}")
    shown = page(request, "error.html", problem.status, code=problem.code, message=problem.message)
    try:
        # A page that says that we failed asks the database nothing; every other shows who is signed in.
        return await (shown if problem.status >= 500 else in_time(request, shown))
    except Exception as failure:
        if problem.status < 500 and isinstance(problem_of(failure), errors.Unavailable):
            return await refuse(request, failure)
        logger.exception("the error page failed")
        return _bare(problem)


def _wanted(request: Request) -> str:
    if request.method != "GET":
        return "/"
    return f"{request.path}?{request.query_string}" if request.query_string else request.path


def _bare(problem: Problem) -> HTTPResponse:
    words = escape(problem.message)
    return html(f"<!doctype html><title>Natter</title><h1>Natter</h1><p>{words}</p>", status=problem.status)
