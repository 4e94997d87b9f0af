"""A thread: what hangs on a message (its root) of a conversation; and who follows it, with how far they have read."""

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.base import Row, rows
from app.models.conversation import CALLED, DELETED, preview, title_of
from app.models.message import LARGEST_SEQ, PAGE, SAID, Message, Said, said_of
from app.models.post import iso
from app.models.user import User, avatar_url

FOLLOWERS_TOLD = 200
"""So many of those who follow a thread hear of each message in it; the others see it when they look."""

UNREAD_AT_MOST = 100


class ThreadFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A thread as a follower sees it in the list. ``id`` is its root's, and so are ``preview`` and who wrote it.

    ``title`` is what its conversation is called.
    """

    id: str
    conversation_id: str
    title: str
    preview: str
    username: str
    user_avatar: str
    last_number: int
    unread: int
    usernames: tuple[str, ...]
    last_at: str


class OpenedThread(NamedTuple):
    """A thread as one of the members opens it: its root, some of its messages, and how far the member has read it.

    ``beside`` are messages of the conversation, if they were asked for.
    """

    root: Said
    messages: list[Said]
    is_followed: bool
    read_number: int
    beside: list[Said]

    @property
    def before(self) -> int | None:
        """Below this seq are older messages; None where there are none. Numbers are dense from 1."""
        return self.messages[0].seq if self.messages and self.messages[0].facts.number > 1 else None


class ThreadStanding(NamedTuple):
    """Where a thread stands for somebody who follows it."""

    conversation_id: str
    thread_id: str
    is_followed: bool
    last_number: int
    read_number: int


# One statement for what a page shows of a thread and beside it. A union takes whole lines, so each says what it is.
_OWN = """(
    SELECT (is_followed, read_number) FROM thread_follows WHERE thread_id = m.id AND user_id = $2
) AS own"""
_COLUMNS = SAID.strip().removeprefix("SELECT ")
_ROOT = f"SELECT 'root' AS part, {_OWN}, {_COLUMNS} WHERE m.conversation_id = $1 AND m.id = $3"
_IN_THREAD = (
    f"SELECT 'messages' AS part, NULL AS own, {_COLUMNS} "
    "WHERE m.thread_id = $3 AND m.seq < $4 ORDER BY m.seq DESC LIMIT $5"
)
_BESIDE = (
    f"SELECT 'beside' AS part, NULL AS own, {PAGE.strip().removeprefix('SELECT ')} AND $6 > 0 "
    "ORDER BY m.seq DESC LIMIT $6"
)
OPENED = f"({_ROOT}) UNION ALL ({_IN_THREAD}) UNION ALL ({_BESIDE})"

STANDINGS = """
SELECT given.user_id, standing.* FROM unnest($1::int[]) AS given (user_id) CROSS JOIN LATERAL (
    SELECT conversation_id, root.id AS thread_id, is_followed, root.replies AS last_number, follow.read_number
    FROM thread_follows follow JOIN messages root ON root.id = follow.thread_id
    JOIN memberships USING (conversation_id, user_id)
    WHERE follow.user_id = given.user_id AND is_followed AND root.replies IS NOT NULL
    ORDER BY root.replies > follow.read_number DESC, replied_at DESC LIMIT $2
) AS standing
"""
_FOLLOWED = """
SELECT root.conversation_id, root.id, root.author_id, root.body, root.deleted_at, root.replies, root.repliers,
    date_trunc('milliseconds', root.replied_at) AS replied_at, root.replies - f.read_number AS unread
FROM thread_follows f JOIN messages root ON root.id = f.thread_id
JOIN memberships m ON m.conversation_id = root.conversation_id AND m.user_id = f.user_id
JOIN conversations c ON c.id = root.conversation_id
WHERE f.user_id = $1 AND is_followed AND root.replies IS NOT NULL AND NOT c.is_blocked
"""
# The unread ones stand on the first page, beside the others.
LISTED = f"""
WITH followed AS ({_FOLLOWED}), shown AS (
    (SELECT * FROM followed WHERE unread > 0 AND $2::timestamptz IS NULL
     ORDER BY replied_at DESC LIMIT {UNREAD_AT_MOST})
    UNION ALL
    (SELECT * FROM followed WHERE unread = 0 AND ($2 IS NULL OR (replied_at, id) < ($2, $3::uuid))
     ORDER BY replied_at DESC, id DESC LIMIT $4)
)
SELECT shown.*, author.username AS author_username, c.direct_key, c.title, o.username, o.display_name, o.names
FROM shown JOIN conversations c ON c.id = shown.conversation_id JOIN users author ON author.id = shown.author_id
{CALLED}
ORDER BY unread > 0 DESC, replied_at DESC, shown.id DESC
"""  # noqa: S608


class ThreadFollow(Model):
    """Somebody who follows a thread, or (``is_followed`` is false) said that they do not want to.

    ``read_number`` is the number in the thread of the message at ``read_seq``, so unread is a subtraction.
    """

    id = fields.IntField(primary_key=True)
    thread: fields.ForeignKeyRelation[Message] = fields.ForeignKeyField("models.Message", related_name="followers")
    thread_id: UUID
    user: fields.ForeignKeyRelation[User] = fields.ForeignKeyField("models.User", related_name="followed_threads")
    user_id: int
    is_followed = fields.BooleanField(default=True)
    read_number = fields.IntField(default=0)
    read_seq = fields.BigIntField(default=0)

    class Meta:
        table = "thread_follows"
        unique_together = (("thread", "user"),)
        indexes = (("user_id",),)

    @classmethod
    async def standings(cls, user_ids: list[int], limit: int) -> dict[int, list[ThreadStanding]]:
        """Where the threads stand that each of them follows: the unread ones first, then those written in last."""
        found: dict[int, list[ThreadStanding]] = {}
        for line in await rows(STANDINGS, user_ids, limit):
            place = (str(line["conversation_id"]), str(line["thread_id"]))
            standing = ThreadStanding(*place, line["is_followed"], line["last_number"], line["read_number"])
            found.setdefault(line["user_id"], []).append(standing)
        return found

    @classmethod
    async def listed(cls, user_id: int, before: tuple[datetime, UUID] | None, limit: int) -> list[ThreadFacts]:
        """The threads that the user follows: those with something unread, then ``limit`` others; newest first in both.

        With ``before`` only others, after that place in the order.
        """
        moment, last_id = before or (None, None)
        return [_facts(line) for line in await rows(LISTED, user_id, moment, last_id, limit)]


async def opened_thread(
    user_id: int, conversation_id: UUID, root_id: UUID, *, before: int | None = None, limit: int, beside: int = 0
) -> OpenedThread | None:
    """A thread with its newest messages, or those below seq ``before``; None where there is no message to hang on."""
    found = await rows(OPENED, conversation_id, user_id, root_id, before or LARGEST_SEQ, limit, beside)
    parts: dict[str, list[Row]] = {"root": [], "messages": [], "beside": []}
    for line in found:
        parts[line["part"]].append(line)
    if not parts["root"] or parts["root"][0]["thread_id"]:
        return None
    [root] = parts["root"]
    is_followed, read_number = root["own"] or (False, 0)
    messages, around = [[said_of(line) for line in reversed(parts[part])] for part in ("messages", "beside")]
    return OpenedThread(said_of(root), messages, is_followed, read_number, around)


def _facts(line: Row) -> ThreadFacts:
    return ThreadFacts(
        id=str(line["id"]),
        conversation_id=str(line["conversation_id"]),
        title=title_of(line),
        preview=DELETED if line["deleted_at"] else preview(line["body"]),
        username=line["author_username"],
        user_avatar=avatar_url(line["author_username"]),
        last_number=line["replies"],
        unread=line["unread"],
        usernames=tuple(line["repliers"].split()),
        last_at=iso(line["replied_at"]),
    )
