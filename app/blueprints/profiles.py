"""People: a profile with its posts, following, and the search for people."""

from typing import Any

import msgspec
from sanic import Blueprint, HTTPResponse, Request

from app.actions import follows
from app.blueprints.posts import items, listing, opened, viewer_id
from app.models import Follow, Post, User, iso
from app.render import back, done, json, page, see_other
from app.request import page_cursor, settings_of, signed_in, wants_json
from app.text import linked

bp = Blueprint("profiles")

# Some clients write the @ of a path as %40 (in brackets, as Sanic unquotes the pattern), and people type capitals.
PROFILE = r"/<username:(?:@|[%]40)(?P<username>[A-Za-z0-9_]+)>"


@bp.get(PROFILE, ctx_who="anyone")
async def show(request: Request, username: str) -> HTTPResponse:
    """A person and their posts."""
    person = await User.called(username)
    profile = await _shown(request, person)
    if wants_json(request):
        return json(_profile_json(profile))
    await opened(request, f"/@{person.username}/")
    return await page(request, "profile/show.html", **profile)


@bp.put(f"{PROFILE}/follow", ctx_who="member")
async def follow(request: Request, username: str) -> HTTPResponse:
    """Follow them; again changes nothing."""
    author = await follows.follow(signed_in(request), username)
    return await _followed(request, author, following=True)


@bp.delete(f"{PROFILE}/follow", ctx_who="member")
async def unfollow(request: Request, username: str) -> HTTPResponse:
    """Follow them no longer; again changes nothing."""
    author = await follows.unfollow(signed_in(request), username)
    return done(request, back(request, f"/@{author.username}/"))


async def _shown(request: Request, person: User) -> dict[str, Any]:
    size, viewer = settings_of(request).page_size, viewer_id(request)
    circle = await Follow.circle_of(person.id, viewer)
    listed = await Post.written_by(person.id, viewer, page_cursor(request), size + 1)
    return {
        "profile": person.facts(),
        "bio": person.bio,
        "bio_html": linked(person.bio),
        "joined": iso(person.created_at),
        **circle._asdict(),
        **listing(listed, size),
    }


def _profile_json(shown: dict[str, Any]) -> dict[str, Any]:
    facts: dict[str, Any] = msgspec.to_builtins(shown["profile"])
    facts |= {name: shown[name] for name in ("bio", "joined", "followers", "following", "follows", "blocks")}
    return {**facts, "posts": {"items": items(shown["posts"]), "next": shown["next"]}}


async def _followed(request: Request, author: User, following: bool) -> HTTPResponse:
    if not wants_json(request):
        return see_other(request, back(request, f"/@{author.username}/"))
    circle = await Follow.circle_of(author.id, None)
    return json({"username": author.username, "following": following, "followers": circle.followers})
