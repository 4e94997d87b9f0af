"""Starting conversations and moving a member's positions in them."""

from typing import NamedTuple
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from app.actions import notifications
from app.actions.accounts import is_username
from app.errors import Invalid, NotFound
from app.log import transaction
from app.models import Conversation, Membership, User
from app.models.base import row
from app.text import one_line, printable
from bus import events as e

PEOPLE_AT_MOST = 100
TITLE_LENGTH = 120


class Place(NamedTuple):
    """A message's place: in the log of its conversation, and among its messages.

    ``marks``: how often a member who has read up to there had marked the conversation as unread before;
    ``is_hidden``: the others do not see that.
    """

    seq: int
    number: int
    marks: int = 0
    is_hidden: bool = False


async def start(starter: User, usernames: list[str], title: str = "") -> tuple[Conversation, bool]:
    """Start a conversation with these people; whether it is new. With one other person it is found again.

    Raises Invalid (field ``usernames``) for nobody, too many people or an unknown one, (``title``) when too long.
    """
    others = await _others(starter, usernames)
    title = one_line(title, "title", TITLE_LENGTH)
    if len(others) > 1:
        return await _begin([starter, *others], title, None), True
    key = Conversation.direct_key_of(starter, others[0])
    found = await Conversation.get_or_none(direct_key=key)
    if found:
        return found, False
    try:
        return await _begin([starter, *others], "", key), True
    except IntegrityError:
        # The other side, or a second click, was faster: the unique key made it one.
        return await Conversation.get(direct_key=key), False


async def _others(starter: User, usernames: list[str]) -> list[User]:
    names = list(dict.fromkeys(name.strip().lower().removeprefix("@") for name in usernames if name.strip()))
    names = [name for name in names if name != starter.username]
    if not names:
        raise Invalid(fields={"usernames": "Name at least one other person."})
    if len(names) > PEOPLE_AT_MOST:
        raise Invalid(fields={"usernames": f"At most {PEOPLE_AT_MOST} people to begin with."})
    known = await User.named([name for name in names if is_username(name)])
    missing = [name for name in names if name not in known]
    if missing:
        raise Invalid(fields={"usernames": f"There is nobody called {printable(missing[0][:30])}."})
    return [known[name] for name in names]


async def _begin(people: list[User], title: str, direct_key: str | None) -> Conversation:
    async with transaction() as events:
        conversation = await Conversation.create(id=uuid4(), title=title, direct_key=direct_key)
        await Membership.bulk_create([Membership(conversation=conversation, user=user) for user in people])
        for user in people:
            events.append(e.ConversationJoined(user_id=user.id, conversation_id=str(conversation.id)))
    return conversation


async def membership_of(user_id: int, conversation_id: UUID) -> Membership:
    """The user's place in the conversation. Raises NotFound, for a missing conversation and a foreign one alike."""
    found = await Membership.filter(user_id=user_id, conversation_id=conversation_id).first()
    if found is None:
        raise NotFound
    return found


async def mark_delivered(user_id: int, conversation_id: UUID, seq: int) -> int | None:
    """Everything up to ``seq`` has reached one of the user's pages: the position now, or None when it did not move.

    Raises NotFound for outsiders. A ``seq`` beyond the newest message counts as the newest.
    """
    moved = await row(
        "UPDATE memberships SET delivered_seq = newest.seq FROM "
        "(SELECT coalesce(max(seq), 0) AS seq FROM messages WHERE conversation_id = $1 AND seq <= $3) AS newest "
        "WHERE conversation_id = $1 AND user_id = $2 AND delivered_seq < newest.seq RETURNING delivered_seq",
        conversation_id,
        user_id,
        seq,
    )
    if moved is None:
        await membership_of(user_id, conversation_id)
        return None
    return int(moved["delivered_seq"])


# When it was read is noted too, for those who ask who has read a message. Who hides that is seen no further.
READ = """
WITH newest AS (
    SELECT seq, number FROM messages WHERE conversation_id = $1 AND seq <= $3 ORDER BY seq DESC LIMIT 1
), moved AS (
    UPDATE memberships m SET read_seq = newest.seq, read_number = newest.number,
        delivered_seq = greatest(delivered_seq, newest.seq),
        shown_seq = CASE WHEN hides_receipts THEN shown_seq ELSE greatest(shown_seq, newest.seq) END
    FROM newest, users WHERE m.conversation_id = $1 AND m.user_id = $2 AND users.id = $2 AND m.read_seq < newest.seq
    RETURNING m.read_number, m.read_seq, m.unread_marks, hides_receipts
), noted AS (
    INSERT INTO receipts (conversation_id, user_id, seq, at)
    SELECT $1, $2, read_seq, statement_timestamp() FROM moved WHERE NOT hides_receipts
    ON CONFLICT (conversation_id, user_id, seq) DO NOTHING
)
SELECT moved.*, last_number FROM moved JOIN conversations ON conversations.id = $1
"""


async def mark_read(user_id: int, conversation_id: UUID, seq: int) -> Place | None:
    """The user has read up to ``seq``: the newest message read, or None when nothing moved.

    What is read was also delivered. Raises NotFound for outsiders. A ``seq`` beyond the newest message counts as
    the newest. The notification of kind Message is read with the last unread message.
    """
    async with transaction() as events:
        moved = await row(READ, conversation_id, user_id, seq)
        if moved is None:
            await membership_of(user_id, conversation_id)
            return None
        if moved["read_number"] >= moved["last_number"]:
            await notifications.read_by(events, user_id, [message_notice_id(conversation_id, user_id)])
    return Place(moved["read_seq"], moved["read_number"], moved["unread_marks"], moved["hides_receipts"])


def message_notice_id(conversation_id: UUID, recipient_id: int) -> UUID:
    """One entry for all that is unread in a conversation."""
    return notifications.notice_id("Message", None, f"conversation:{conversation_id}", recipient_id)
