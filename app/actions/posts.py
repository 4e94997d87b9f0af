"""Publishing and deleting posts."""

from app.errors import Forbidden, NotFound
from app.log import transaction
from app.log.scrub import scrub_topic
from app.models import Post, User
from app.text import checked, mentions_in, rendered
from bus.events import PostDeleted, PostListed, PostPublished


async def publish(author: User, text: str) -> Post:
    """Store a post and announce it. Raises Invalid (field ``body``)."""
    body = checked(text, "body")
    async with transaction() as events:
        post = await Post.create(author=author, body=body, html=rendered(body))
        events.append(
            PostPublished(author_id=author.id, post_id=post.id, username=author.username, mentions=mentions_in(body))
        )
        events.append(PostListed(post_id=post.id, username=author.username, author_id=author.id))
    return post


async def delete_post(user: User, post_id: int) -> None:
    """Delete one's own post with its likes and comments. Raises NotFound, Forbidden (somebody else's)."""
    async with transaction() as events:
        post = await Post.select_for_update().get_or_none(id=post_id)
        if post is None:
            raise NotFound
        if post.author_id != user.id:
            raise Forbidden("This post is not yours.")
        await post.delete()
        await scrub_topic(f"post.{post_id}")
        events.append(PostDeleted(post_id=post_id, author_id=user.id))
