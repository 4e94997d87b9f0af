"""A quiet line in the history of a group: who came, who went, what it is called now. Never counted as unread."""

from typing import Any, NamedTuple
from uuid import UUID

import msgspec
from tortoise import fields
from tortoise.models import Model

from app.models.base import rows
from app.models.user import UserFacts

LINES_AT_MOST = 50

LINES = f"""array(
    SELECT (seq, kind, body) FROM quiet_lines
    WHERE conversation_id = c.id AND ($3::bigint IS NULL OR seq < $3) ORDER BY seq DESC LIMIT {LINES_AT_MOST}
) AS lines"""  # noqa: S608
"""The newest lines below the seq $3 of the conversation ``c`` of a statement, newest first."""


class LineFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a line says, in words for everybody, and the group as it is after it.

    ``by`` is the username of who did it, ``users`` those it was done to, ``role`` what they are from now on.
    """

    text: str
    sent_at: str
    by: str
    users: list[UserFacts]
    role: str
    title: str
    avatar: str
    members: int


def line_frame(kind: str, seq: int, facts: bytes) -> bytes:
    """The frame of a line: the event's name, its place in the log, and the JSON of its facts."""
    return b'{"type":"%b","seq":%d,%b' % (kind.encode(), seq, facts[1:])


class Line(NamedTuple):
    """A line and its place in the log of its conversation; ``body`` is the JSON of its facts."""

    seq: int
    kind: str
    body: str

    @property
    def facts(self) -> LineFacts:
        """What it says."""
        return msgspec.json.decode(self.body, type=LineFacts)

    def frame(self) -> msgspec.Raw:
        """The frame that announced it, to the byte."""
        return msgspec.Raw(line_frame(self.kind, self.seq, self.body.encode()))


class QuietLine(Model):
    """``kind`` is the event's name; ``body`` the JSON of its facts, kept as they were then."""

    id = fields.BigIntField(primary_key=True)
    # By name alone: that room needs this one.
    conversation: Any = fields.ForeignKeyField("models.Conversation", related_name="lines")
    conversation_id: UUID
    seq = fields.BigIntField()
    kind = fields.CharField(max_length=40)
    body = fields.TextField()

    class Meta:
        table = "quiet_lines"
        unique_together = (("conversation", "seq"),)

    @classmethod
    async def between(cls, conversation_id: UUID, after: int, before: int) -> list[Line]:
        """The newest 50 lines with a seq above ``after`` and below ``before``, oldest first."""
        found = await rows(
            "SELECT seq, kind, body FROM quiet_lines WHERE conversation_id = $1 AND seq > $2 AND seq < $3 "
            "ORDER BY seq DESC LIMIT $4",
            conversation_id,
            after,
            before,
            LINES_AT_MOST,
        )
        return [Line(**line) for line in reversed(found)]
