"""A group while one of its members changes it: locked, what that member may do looked up, each change a quiet line."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.errors import Conflict, Forbidden, NotFound
from app.log import Events, transaction
from app.models import User, UserFacts, iso
from app.models.base import row, rows
from app.models.conversation import picture_url
from app.models.membership import RANKS, MemberFacts, member_of, outranks
from app.models.quiet_line import LineFacts
from app.models.user import AUTHOR
from bus import events as e

MEMBERS_AT_MOST = 10_000

GROUP = f"""
SELECT c.title, c.picture, c.members, c.last_number, c.direct_key, m.role, m.joined_at,
       clock_timestamp() AS now, {AUTHOR}
FROM conversations c JOIN users author ON author.id = $2
LEFT JOIN memberships m ON m.conversation_id = c.id AND m.user_id = author.id
WHERE c.id = $1
"""  # noqa: S608


class GroupChange:
    """``title``, ``picture`` and ``members`` are the group's, as they will be after the change."""

    def __init__(self, events: Events, conversation_id: UUID, head: int, found: dict[str, Any]) -> None:
        self.events, self.conversation_id = events, conversation_id
        self.title, self.picture = str(found["title"]), str(found["picture"])
        self.members: int = found["members"]
        self.newest: int = found["last_number"]
        self.actor: MemberFacts | None = member_of(found) if found["role"] else None
        self.name = str(found["display_name"] or found["username"])
        self._by, self._seq = str(found["username"]), head
        self._now: datetime = found["now"]

    @property
    def head(self) -> int:
        """The newest seq of the group's topic so far."""
        return self._seq

    async def member(self, username: str) -> MemberFacts:
        """A member of the group. Raises NotFound."""
        found = await row(
            f"SELECT role, joined_at, {AUTHOR} FROM memberships JOIN users author ON author.id = user_id "  # noqa: S608
            "WHERE conversation_id = $1 AND username = $2",
            self.conversation_id,
            username.lower().removeprefix("@"),
        )
        if found is None:
            raise NotFound("There is nobody called so in this group.")
        return member_of(found)

    def now(self, text: str, users: Sequence[UserFacts] = (), role: str = "") -> dict[str, Any]:
        """What an event of the group is made of: the words of its line, and the group as it is now."""
        facts = LineFacts(
            text=text,
            sent_at=iso(self._now),
            by=self._by,
            users=list(users),
            role=role,
            title=self.title,
            avatar=picture_url(self.conversation_id, self.picture),
            members=self.members,
        )
        return {
            "conversation_id": str(self.conversation_id),
            "user_ids": tuple(user.id for user in users),
            "line": msgspec.Raw(msgspec.json.encode(facts)),
        }

    async def say(self, event: e.GroupEvent) -> None:
        """Announce a change that has been made, and keep its line in the history of the group."""
        self._seq += 1
        await rows(
            "INSERT INTO quiet_lines (conversation_id, seq, kind, body) VALUES ($1, $2, $3, $4)",
            self.conversation_id,
            self._seq,
            event.name,
            bytes(event.line).decode(),
        )
        self.events.append(event)


@asynccontextmanager
async def changing(actor: User, conversation_id: UUID, at_least: str = "admin") -> AsyncIterator[GroupChange]:
    """A group in a transaction, its topic locked: no message and no other change comes between.

    Raises NotFound for outsiders, Conflict (``not_a_group``), Forbidden (``not_allowed``) below the role ``at_least``.
    """
    async with opening(actor, conversation_id) as change:
        if change.actor is None:
            raise NotFound
        if RANKS[change.actor.role] > RANKS[at_least]:
            raise Forbidden(NOT_ALLOWED[at_least], code="not_allowed")
        yield change


@asynccontextmanager
async def opening(actor: User, conversation_id: UUID) -> AsyncIterator[GroupChange]:
    """The same for somebody who need not be in it. Raises NotFound, Conflict (``not_a_group``)."""
    async with transaction() as events:
        # The topic comes first, as where messages are written: then memberships, then the topics of their people.
        heads = await events.lock([topic := f"conversation.{conversation_id}"])
        found = await row(GROUP, conversation_id, actor.id)
        if found is None:
            raise NotFound
        if found["direct_key"] is not None:
            if found["role"] is None:
                raise NotFound
            raise Conflict("This is a conversation of two people, not a group.", code="not_a_group")
        yield GroupChange(events, conversation_id, heads[topic], found)


NOT_ALLOWED = {
    "admin": "Only the group's owner and admins may do this.",
    "owner": "Only the group's owner may do this.",
}


def below(actor: MemberFacts | None, member: MemberFacts) -> bool:
    """Whether ``member`` is below ``actor``, who then may remove them."""
    return actor is not None and outranks(actor.role, member.role)
