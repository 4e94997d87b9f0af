"""Who takes part: members of conversations with their tokens, made by the actions themselves, without HTTP."""

from __future__ import annotations

import asyncio
import secrets
from uuid import UUID

import asyncpg

from app.actions import conversations
from app.actions.sessions import open_session
from app.config import Settings
from app.database import DATABASE_ERRORS, database
from app.models import User
from tests.faults.oracle import Row
from tests.faults.page import Member

MEMBERS_EACH = 4
NO_PASSWORD = "!"


async def invites(database_url: str, count: int, members_each: int = MEMBERS_EACH) -> dict[str, list[Member]]:
    """New people in ``count`` new conversations: the members of each by its id."""
    series = secrets.token_hex(4)
    async with database(Settings(database_url=database_url)):
        made: dict[str, list[Member]] = {}
        for number in range(count):
            names = [f"u{series}_{number}_{place}" for place in range(members_each)]
            users = [await User.create(username=name, password_hash=NO_PASSWORD) for name in names]
            conversation, _ = await conversations.start(users[0], names[1:], f"Conversation {number}")
            secret = [(await open_session(user, "token", "faults", "")).secret for user in users]
            made[str(conversation.id)] = [Member(user.id, token) for user, token in zip(users, secret, strict=True)]
    return made


async def rows_of(database_url: str, conversation_ids: list[str]) -> list[Row]:
    """The messages of these conversations as PostgreSQL has them; waits while it recovers."""
    for _ in range(50):
        try:
            connection = await asyncpg.connect(database_url, timeout=5)
            try:
                found = await connection.fetch(
                    "SELECT conversation_id, author_id, client_id, seq FROM messages "
                    "WHERE conversation_id = ANY($1::uuid[]) ORDER BY seq",
                    [UUID(one) for one in conversation_ids],
                )
            finally:
                await connection.close()
        except DATABASE_ERRORS:
            await asyncio.sleep(0.1)
        else:
            return [Row(str(r[0]), r[1], str(r[2]), r[3]) for r in found]
    raise AssertionError("PostgreSQL does not come back")
