"""The feed, everyone's posts, one post, and liking it."""

from typing import Any

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from app.actions import likes, notifications, posts
from app.errors import NotFound, Problem
from app.models import Comment, Post
from app.models.post import Listed, PostFacts
from app.render import back, done, form_again, json, page, see_other
from app.request import body, page_cursor, settings_of, signed_in, wants_json

bp = Blueprint("posts")


class Text(msgspec.Struct, frozen=True, kw_only=True):
    """The form of a post or a comment."""

    body: str


@bp.get("/", ctx_who="member")
async def feed(request: Request) -> HTTPResponse:
    """The posts of oneself and of those one follows."""
    return await _list(request, "followed")


@bp.get("/posts", ctx_who="anyone")
async def everyones(request: Request) -> HTTPResponse:
    """Everyone's posts, for everyone."""
    return await _list(request, "everyone")


@bp.post("/posts", ctx_who="member")
async def publish(request: Request) -> HTTPResponse:
    """Publish a post."""
    try:
        wanted = await body(request, Text)
        post = await posts.publish(signed_in(request), wanted.body)
    except Problem as problem:
        context = {} if wants_json(request) else await _listed(request, "followed")
        return await form_again(request, problem, "post/feed.html", **context)
    return json(post.facts(), 201) if wants_json(request) else see_other(request, back(request, "/"))


@bp.get("/post/<post_id:int>", ctx_who="anyone")
async def show(request: Request, post_id: int) -> HTTPResponse:
    """One post with its newest comments."""
    shown = await shown_post(request, post_id)
    if wants_json(request):
        return json(_post_json(shown))
    await opened(request, f"/post/{post_id}/")
    return await page(request, "post/show.html", errors={}, fields={}, **shown)


@bp.delete("/post/<post_id:int>", ctx_who="member")
async def delete(request: Request, post_id: int) -> HTTPResponse:
    """Delete one's own post."""
    await posts.delete_post(signed_in(request), known_id(post_id))
    return done(request, "/")


@bp.put("/post/<post_id:int>/like", ctx_who="member")
async def like(request: Request, post_id: int) -> HTTPResponse:
    """Like it; again changes nothing."""
    counted = await likes.like(signed_in(request), known_id(post_id))
    if wants_json(request):
        return json({"post_id": post_id, **counted._asdict(), "liked": True})
    return see_other(request, back(request, f"/post/{post_id}/"))


@bp.delete("/post/<post_id:int>/like", ctx_who="member")
async def unlike(request: Request, post_id: int) -> HTTPResponse:
    """Take the like back; again changes nothing."""
    await likes.unlike(signed_in(request), known_id(post_id))
    return done(request, back(request, f"/post/{post_id}/"))


async def opened(request: Request, path: str) -> None:
    """Whoever is signed in has opened ``path``: what they were told about it is read, and shown so."""
    if request.ctx.user:
        request.ctx.has_read = await notifications.opened(request.ctx.user, path)


def known_id(number: int) -> int:
    """The number, if a row can have it. Raises NotFound."""
    if not 0 < number < 2**31:
        raise NotFound
    return number


def listing(listed: list[Listed], size: int) -> dict[str, Any]:
    """What a template needs to show posts; ``listed`` holds one more than a page if there are more."""
    shown = listed[:size]
    return {"posts": shown, "next": shown[-1].post.id if len(listed) > size else None}


def items(listed: list[Listed]) -> list[PostFacts]:
    """The posts as JSON shows them."""
    return [each.post for each in listed]


def viewer_id(request: Request) -> int | None:
    """Who looks, if they are signed in."""
    return request.ctx.user.id if request.ctx.user else None


async def shown_post(request: Request, post_id: int) -> dict[str, Any]:
    """What the post's page shows. Raises NotFound."""
    listed = await Post.shown(known_id(post_id), viewer_id(request))
    if listed is None:
        raise NotFound
    size = settings_of(request).page_size
    comments = await Comment.newest_under(post_id, viewer_id(request), page_cursor(request), size + 1)
    more = len(comments) > size
    comments = comments[-size:]
    return {
        **listed._asdict(),
        "comments": comments,
        "next": comments[0].id if more else None,
    }


async def _list(request: Request, which: str) -> HTTPResponse:
    listed = await _listed(request, which)
    if wants_json(request):
        return json({"items": items(listed["posts"]), "next": listed["next"]})
    return await page(request, "post/feed.html", errors={}, fields={}, **listed)


async def _listed(request: Request, which: str) -> dict[str, Any]:
    size, before = settings_of(request).page_size, page_cursor(request)
    if which == "followed":
        listed = await Post.followed_by(signed_in(request).id, before, size + 1)
    else:
        listed = await Post.everyones(viewer_id(request), before, size + 1)
    return {"feed": which, **listing(listed, size)}


def _post_json(shown: dict[str, Any]) -> dict[str, Any]:
    return {
        **msgspec.to_builtins(shown["post"]),
        "liked": shown["liked"],
        "seq": shown["seq"],
        "discussion": {"items": shown["comments"], "next": shown["next"]},
    }
