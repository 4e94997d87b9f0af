"""Following somebody's posts and stopping to: a state, so doing it twice is doing it once."""

from app.actions.blocks import Blocked, lock_pair
from app.errors import Invalid
from app.log import transaction
from app.models import Block, User
from app.models.base import row
from bus.events import Followed, Unfollowed


async def follow(follower: User, username: str) -> User:
    """From now on ``follower`` sees that author's posts. Raises NotFound, Invalid (oneself), Blocked."""
    author = await User.called(username)
    if author.id == follower.id:
        raise Invalid("You see your own posts anyway.", code="cannot_follow_yourself")
    async with transaction() as events:
        await lock_pair(follower, author)
        if await Block.between(follower.id, [author.id]):
            raise Blocked("You do not see each other's posts.")
        added = await row(
            "INSERT INTO follows (follower_id, author_id, created_at) VALUES ($1, $2, now()) "
            "ON CONFLICT DO NOTHING RETURNING id",
            follower.id,
            author.id,
        )
        if added:
            events.append(Followed(follower_id=follower.id, author_id=author.id))
    return author


async def unfollow(follower: User, username: str) -> User:
    """``follower`` no longer sees that author's posts in the feed. Raises NotFound."""
    author = await User.called(username)
    async with transaction() as events:
        gone = await row(
            "DELETE FROM follows WHERE follower_id = $1 AND author_id = $2 RETURNING id",
            follower.id,
            author.id,
        )
        if gone:
            events.append(Unfollowed(follower_id=follower.id, author_id=author.id))
    return author
