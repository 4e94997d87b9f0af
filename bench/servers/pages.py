"""What stands on Natter's pages in the bench, written by the application's own actions."""

from __future__ import annotations

import asyncio
from typing import NamedTuple
from uuid import UUID

import asyncpg

from app.actions import conversations, follows, likes, messages, posts
from app.actions.sessions import open_session
from app.config import Settings
from app.database import database
from app.models import Notification, User
from bench.servers.people import NO_PASSWORD

AUTHORS = 10
POSTS = 60
MESSAGES = 60
FANS = 40
CONVERSATIONS = 10
WORDS = "The harbour was white this morning, and the ferry came in without a sound. Two loaves left, ask @{name}."


class Shown(NamedTuple):
    """Whose pages, and which conversation."""

    secret: str
    conversation_id: UUID


async def filled(database_url: str) -> Shown:
    """A reader with a full feed, full notifications (told by the workers' jobs) and a long conversation."""
    async with database(Settings(database_url=database_url)):
        reader = await User.create(username="reader", display_name="Reader", password_hash=NO_PASSWORD)
        fans = [
            await User.create(username=f"fan_{n:02}", display_name=f"Fan {n}", password_hash=NO_PASSWORD)
            for n in range(FANS)
        ]
        for author in fans[:AUTHORS]:
            await follows.follow(reader, author.username)
        for number in range(POSTS):
            post = await posts.publish(fans[number % AUTHORS], WORDS.format(name=fans[number % FANS].username))
            for fan in fans[:3]:
                await likes.like(fan, post.id)
        own = await posts.publish(reader, WORDS.format(name="fan_01"))
        for fan in fans:
            await likes.like(fan, own.id)
        talks = [(await conversations.start(reader, [fan.username]))[0] for fan in fans[:CONVERSATIONS]]
        for number in range(MESSAGES):
            await messages.send((reader, fans[0])[number % 2].id, talks[0].id, WORDS.format(name="fan_01"))
        while await Notification.filter(recipient=reader).count() < FANS:  # noqa: ASYNC110  (workers run the jobs)
            await asyncio.sleep(0.1)
        return Shown((await open_session(reader, "cookie", "bench", "")).secret, talks[0].id)


async def transactions(connection: asyncpg.Connection) -> int:
    """How many transactions this database has committed. A page's queries are one each, as it opens none of its own."""
    return int(await connection.fetchval("SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"))
