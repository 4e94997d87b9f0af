"""The people of Natter's bench: real rows in the real database, written in bulk, with sessions that open the door."""

from __future__ import annotations

import secrets
from typing import NamedTuple
from uuid import UUID, uuid4

import asyncpg

from app.actions.sessions import hashed
from app.models import UserFacts

AHEAD = 10**9
NO_PASSWORD = "!"  # noqa: S105  (nobody logs in: the sessions are there)


class Person(NamedTuple):
    """Somebody who is signed in: ``secret`` is the session's cookie."""

    user: UserFacts
    secret: str


async def people(database: asyncpg.Connection, count: int) -> list[Person]:
    """So many new people, each with a session of the kind that a browser has."""
    series = secrets.token_hex(3)
    names = [f"user_{series}_{number:05d}" for number in range(count)]
    found = await database.fetch(
        "INSERT INTO users (username, display_name, bio, password_hash, is_verified, is_admin, unread_notifications, "
        "created_at) SELECT name, '', '', $2, false, false, 0, now() FROM unnest($1::text[]) AS name "
        "RETURNING id, username",
        names,
        NO_PASSWORD,
    )
    made = [Person(facts(row["id"], row["username"]), secrets.token_urlsafe(32)) for row in found]
    await database.executemany(
        "INSERT INTO sessions (id, user_id, kind, secret_hash, label, address, created_at, seen_at) "
        "VALUES ($1, $2, 'cookie', $3, 'bench', '', now(), now())",
        [(uuid4(), person.user.id, hashed(person.secret)) for person in made],
    )
    return made


def facts(user_id: int, username: str) -> UserFacts:
    """The projection of a user who has nothing but a name."""
    return UserFacts(id=user_id, username=username, display_name=username, avatar=f"/media/avatars/{username}.jpg")


async def conversation(database: asyncpg.Connection, members: list[Person], title: str = "Bench") -> UUID:
    """A conversation of all of them; of two it is a direct one."""
    conversation_id = uuid4()
    ids = sorted(member.user.id for member in members)
    key = f"{ids[0]}:{ids[1]}" if len(ids) == 2 else None
    await database.execute(
        "INSERT INTO conversations (id, title, direct_key, last_number, last_at, created_at) "
        "VALUES ($1, $2, $3, 0, now(), now())",
        conversation_id,
        title,
        key,
    )
    await database.execute(
        "INSERT INTO memberships (conversation_id, user_id, read_seq, read_number, delivered_seq, joined_at) "
        "SELECT $1, id, 0, 0, 0, now() FROM unnest($2::int[]) AS id",
        conversation_id,
        ids,
    )
    return conversation_id


async def crowd(database: asyncpg.Connection, count: int) -> tuple[UUID, list[Person]]:
    """So many new people, all in one conversation."""
    members = await people(database, count)
    return await conversation(database, members), members


async def couples(database: asyncpg.Connection, count: int) -> list[tuple[UUID, list[Person]]]:
    """So many conversations of two new people each."""
    everybody = await people(database, 2 * count)
    pairs = [everybody[place : place + 2] for place in range(0, 2 * count, 2)]
    return [(await conversation(database, couple), couple) for couple in pairs]


async def reach_ahead(database: asyncpg.Connection, topics: list[str]) -> None:
    """Let the log's heads be ahead of what will ring, as they are when actions commit: a position beyond its head would
    be a log that went back. Only once the sockets are open, since they start from the head.
    """
    await database.execute(
        "INSERT INTO topics (name, head, floor) SELECT name, $2, 0 FROM unnest($1::text[]) AS name "
        "ON CONFLICT (name) DO UPDATE SET head = topics.head + $2",
        topics,
        AHEAD,
    )
