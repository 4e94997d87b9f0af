"""Commenting on a post and deleting one's own comment."""

from sanic import Blueprint, HTTPResponse, Request

from app.actions import comments
from app.blueprints.posts import Text, known_id, shown_post
from app.errors import Problem
from app.render import done, form_again, json, see_other
from app.request import body, signed_in, wants_json

bp = Blueprint("comments")


@bp.post("/post/<post_id:int>/comments", ctx_who="member")
async def add(request: Request, post_id: int) -> HTTPResponse:
    """Comment on the post."""
    try:
        wanted = await body(request, Text)
        comment = await comments.comment_on(signed_in(request), known_id(post_id), wanted.body)
    except Problem as problem:
        context = {} if wants_json(request) else await shown_post(request, post_id)
        return await form_again(request, problem, "post/show.html", **context)
    if wants_json(request):
        return json(comment.facts(), 201)
    return see_other(request, f"/post/{post_id}/#comment-{comment.id}")


@bp.delete("/comments/<comment_id:int>", ctx_who="member")
async def delete(request: Request, comment_id: int) -> HTTPResponse:
    """Delete one's own comment."""
    post_id = await comments.delete_comment(signed_in(request), known_id(comment_id))
    return done(request, f"/post/{post_id}/#comments")
