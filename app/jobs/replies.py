"""Who is told that somebody replied to them in a group."""

import msgspec

from app.actions.notifications import Notice, notice_id, tell
from app.jobs.wording import name_of, place_of
from app.log import Events
from app.models import ActorFacts, Message
from app.models.base import row
from bus import events as e


async def notify_reply(events: Events, event: e.MessageSent) -> None:
    """Some seconds after a reply in a group: tell who was replied to, if they have neither read it nor muted that."""
    # Locked: whoever deletes it waits, and takes back what is told here.
    message_id = msgspec.json.decode(event.message)["message_id"]
    await row("SELECT id FROM messages WHERE id = $1 FOR SHARE", message_id)
    message = await Message.get(id=message_id).select_related("author", "conversation")
    unread = await row(
        "SELECT user_id FROM memberships WHERE conversation_id = $1 AND user_id = $2 AND read_number < $3 "
        "AND (muted_until IS NULL OR muted_until <= clock_timestamp()) FOR UPDATE",
        message.conversation_id,
        event.replied_to,
        message.number,
    )
    if unread is None or message.deleted_at:
        return
    target = f"message:{message.id}"
    await tell(
        events,
        [
            Notice(
                id=notice_id("Reply", message.author_id, target, unread["user_id"]),
                recipient_id=unread["user_id"],
                kind="Reply",
                actor=ActorFacts.of(message.author),
                message=f"{name_of(message.author)} replied to you{place_of(message.conversation)}",
                data={"action_url": f"/conversations/{message.conversation_id}/", "content_type": "message"},
                about=target,
            )
        ],
    )
