"""Commenting on a post and deleting one's own comment."""

import msgspec

from app.errors import Forbidden, NotFound
from app.log import transaction
from app.log.scrub import scrub_comment
from app.models import Comment, User
from app.models.base import Row, row
from app.models.block import hidden_from
from app.text import checked, mentions_in, rendered
from bus.events import CommentAdded, CommentDeleted


async def comment_on(author: User, post_id: int, text: str) -> Comment:
    """Store a comment and announce it. Raises NotFound, Invalid (field ``body``)."""
    body = checked(text, "body")
    async with transaction() as events:
        counted = await _counted(post_id, +1, author.id)
        if counted is None:
            raise NotFound
        comment = await Comment.create(post_id=post_id, author=author, body=body, html=rendered(body))
        events.append(
            CommentAdded(
                post_id=post_id,
                actor_id=author.id,
                comment=msgspec.Raw(msgspec.json.encode(comment.facts())),
                mentions=mentions_in(body),
                **counted,
            )
        )
    return comment


async def delete_comment(user: User, comment_id: int) -> int:
    """Delete one's own comment and give the id of its post. Raises NotFound, Forbidden (somebody else's)."""
    found = await Comment.get_or_none(id=comment_id)
    if found is None:
        raise NotFound
    if found.author_id != user.id:
        raise Forbidden("This comment is not yours.")
    async with transaction() as events:
        # The post before the comment, as everywhere: else this and deleting the post might deadlock.
        counted = await _counted(found.post_id, -1)
        gone = await row("DELETE FROM comments WHERE id = $1 RETURNING id", comment_id)
        if counted is None or gone is None:
            raise NotFound
        await scrub_comment(found.post_id, comment_id)
        events.append(CommentDeleted(post_id=found.post_id, comment_id=comment_id, actor_id=user.id, **counted))
    return found.post_id


async def _counted(post_id: int, by: int, author_id: int | None = None) -> Row | None:
    return await row(
        "UPDATE posts SET comments = comments + $2 WHERE id = $1 "  # noqa: S608
        f"AND NOT {hidden_from('$3::int', 'posts.author_id')} RETURNING likes, comments",
        post_id,
        by,
        author_id,
    )
