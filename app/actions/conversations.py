"""Starting conversations and moving a member's positions in them."""

from functools import lru_cache
from typing import NamedTuple
from uuid import UUID, uuid4

from tortoise.exceptions import IntegrityError

from app.actions import notifications
from app.actions.accounts import is_username
from app.actions.blocks import Blocked, lock_pair
from app.actions.pictures import Picture
from app.errors import Invalid, NotFound
from app.log import transaction
from app.models import Block, Conversation, GroupPicture, Membership, User
from app.models.base import row
from app.models.membership import RECEIPTS_AT_MOST
from app.text import one_line, printable
from bus import events as e

PEOPLE_AT_MOST = 100
TITLE_LENGTH = 120
# Asked for with every message: whoever writes in a conversation writes there again.
NOTICE_IDS_KEPT = 4096


class Place(NamedTuple):
    """A message's place: in the log of its conversation, and among its messages.

    ``marks``: how often a member who has read up to there had marked the conversation as unread before;
    ``is_hidden``: the others do not see that; ``is_told``: the conversation is small enough for everybody to hear how
    far everybody else is.
    """

    seq: int
    number: int
    is_told: bool
    marks: int = 0
    is_hidden: bool = False


async def start(
    starter: User, usernames: list[str], title: str = "", picture: Picture | None = None
) -> tuple[Conversation, bool]:
    """Start a conversation with these people; whether it is new. With one other person it is found again.

    More are a group, with a title and a picture of its own, and owned by who starts it.

    Raises Invalid (field ``usernames``) for nobody, too many people or an unknown one, (``title``) when too long;
    Blocked when one of them and the starter block each other.
    """
    others = await people_named(starter, usernames)
    title = one_line(title, "title", TITLE_LENGTH)
    if len(others) > 1:
        return await _begin([starter, *others], title, None, picture), True
    key = Conversation.direct_key_of(starter, others[0])
    found = await Conversation.get_or_none(direct_key=key)
    if found:
        return found, False
    try:
        return await _begin([starter, *others], "", key), True
    except IntegrityError:
        # The other side, or a second click, was faster: the unique key made it one.
        return await Conversation.get(direct_key=key), False


async def people_named(starter: User, usernames: list[str]) -> list[User]:
    """The people with these names but for oneself, each once. Raises Invalid (field ``usernames``)."""
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


async def _begin(
    people: list[User], title: str, direct_key: str | None, picture: Picture | None = None
) -> Conversation:
    async with transaction() as events:
        if direct_key:
            await lock_pair(people[0], people[1])
        if await Block.between(people[0].id, [user.id for user in people[1:]]):
            raise Blocked
        conversation = await Conversation.create(
            id=uuid4(),
            title=title,
            direct_key=direct_key,
            members=len(people),
            picture=picture.etag if picture else "",
        )
        if picture:
            await GroupPicture.create(conversation=conversation, image=picture.image)
        owner = None if direct_key else people[0]
        await Membership.bulk_create(
            Membership(conversation=conversation, user=user, role="owner" if user is owner else "member")
            for user in people
        )
        for user in people:
            events.append(e.ConversationJoined(user_id=user.id, conversation_id=str(conversation.id)))
    return conversation


async def membership_of(user_id: int, conversation_id: UUID) -> Membership:
    """The user's place in the conversation, which is loaded too. Raises NotFound, for a missing and a foreign one."""
    mine = Membership.filter(user_id=user_id, conversation_id=conversation_id)
    found = await mine.select_related("conversation").first()
    if found is None:
        raise NotFound
    return found


async def mark_delivered(user_id: int, conversation_id: UUID, seq: int) -> int | None:
    """Everything up to ``seq`` has reached one of the user's pages: the position now, or None when nobody is to hear.

    Raises NotFound for outsiders. A ``seq`` beyond the newest message counts as the newest.
    """
    moved = await row(
        "UPDATE memberships SET delivered_seq = newest.seq FROM "
        "(SELECT coalesce(max(seq), 0) AS seq FROM messages "
        "WHERE conversation_id = $1 AND thread_id IS NULL AND seq <= $3) AS newest, "
        "conversations WHERE conversations.id = $1 AND conversation_id = $1 AND user_id = $2 "
        "AND delivered_seq < newest.seq RETURNING delivered_seq, members",
        conversation_id,
        user_id,
        seq,
    )
    if moved is None:
        await membership_of(user_id, conversation_id)
        return None
    return int(moved["delivered_seq"]) if moved["members"] <= RECEIPTS_AT_MOST else None


# When it was read is noted too, for those who ask who has read a message. Who hides that is seen no further, and in a
# large group nobody is asked.
READ = f"""
WITH newest AS (
    SELECT seq, number FROM messages WHERE conversation_id = $1 AND thread_id IS NULL AND seq <= $3
    ORDER BY seq DESC LIMIT 1
), moved AS (
    UPDATE memberships m SET read_seq = newest.seq, read_number = newest.number,
        delivered_seq = greatest(delivered_seq, newest.seq),
        shown_seq = CASE WHEN hides_receipts THEN shown_seq ELSE greatest(shown_seq, newest.seq) END
    FROM newest, users WHERE m.conversation_id = $1 AND m.user_id = $2 AND users.id = $2 AND m.read_seq < newest.seq
    RETURNING m.read_number, m.read_seq, m.unread_marks, hides_receipts
), noted AS (
    INSERT INTO receipts (conversation_id, user_id, seq, at)
    SELECT $1, $2, read_seq, statement_timestamp() FROM moved, conversations
    WHERE conversations.id = $1 AND members <= {RECEIPTS_AT_MOST} AND NOT hides_receipts
    ON CONFLICT (conversation_id, user_id, seq) DO NOTHING
)
SELECT moved.*, last_number, members FROM moved JOIN conversations ON conversations.id = $1
"""  # noqa: S608


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
    return Place(
        seq=moved["read_seq"],
        number=moved["read_number"],
        is_told=moved["members"] <= RECEIPTS_AT_MOST,
        marks=moved["unread_marks"],
        is_hidden=moved["hides_receipts"],
    )


@lru_cache(NOTICE_IDS_KEPT)
def message_notice_id(conversation_id: UUID, recipient_id: int) -> UUID:
    """One entry for all that is unread in a conversation."""
    return notifications.notice_id("Message", None, f"conversation:{conversation_id}", recipient_id)
