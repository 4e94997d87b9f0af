"""Liking a post and taking the like back: a state, so doing it twice is doing it once."""

from typing import NamedTuple

from app.errors import NotFound
from app.log import transaction
from app.models import User
from app.models.base import row
from app.models.block import hidden_from
from bus.events import PostLiked, PostUnliked


class Counted(NamedTuple):
    """A post's counters after the change."""

    likes: int
    comments: int


async def like(user: User, post_id: int) -> Counted:
    """The user likes the post from now on. Raises NotFound."""
    async with transaction() as events:
        counted = await _locked(post_id, user.id)
        added = await row(
            "INSERT INTO likes (user_id, post_id, created_at) VALUES ($1, $2, now()) "
            "ON CONFLICT DO NOTHING RETURNING id",
            user.id,
            post_id,
        )
        if added:
            counted = await _changed(post_id, +1)
            events.append(PostLiked(post_id=post_id, actor_id=user.id, **counted._asdict()))
    return counted


async def unlike(user: User, post_id: int) -> Counted:
    """The user no longer likes the post. Raises NotFound."""
    async with transaction() as events:
        counted = await _locked(post_id)
        gone = await row("DELETE FROM likes WHERE user_id = $1 AND post_id = $2 RETURNING id", user.id, post_id)
        if gone:
            counted = await _changed(post_id, -1)
            events.append(PostUnliked(post_id=post_id, actor_id=user.id, **counted._asdict()))
    return counted


async def _locked(post_id: int, viewer_id: int | None = None) -> Counted:
    # The post's row first: two likes of one post wait for each other here and nowhere else.
    hidden = hidden_from("$2::int", "posts.author_id")
    sql = f"SELECT likes, comments FROM posts WHERE id = $1 AND NOT {hidden} FOR UPDATE"  # noqa: S608
    found = await row(sql, post_id, viewer_id)
    if found is None:
        raise NotFound
    return Counted(**found)


async def _changed(post_id: int, by: int) -> Counted:
    found = await row("UPDATE posts SET likes = likes + $2 WHERE id = $1 RETURNING likes, comments", post_id, by)
    assert found is not None
    return Counted(**found)
