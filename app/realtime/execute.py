"""What each command does, whether it came over a socket or by HTTP."""

from uuid import UUID

from app.actions import drafts, edits, keeping, messages, notifications, positions, reactions
from app.actions.messages import Sent
from app.models import User, UserFacts
from app.realtime import commands


async def for_notifications(user_id: int, command: commands.MarkRead) -> None:
    """Do what was asked on behalf of this user."""
    await notifications.mark_read(await User.get(id=user_id), [command.notification_id])


async def for_chat(user: UserFacts, conversation_id: UUID, command: commands.Command) -> Sent | None:
    """Do what a member asked; a message that is a repeat comes back as it was first. Raises Problems."""
    match command:
        case commands.ChatMessage(message=text, client_id=client_id, reply_to=reply_to, to_all=to_all):
            sent = await messages.send(user.id, conversation_id, text, client_id, reply_to, to_all=to_all)
            return None if sent.is_new else sent
        case commands.EditMessage(message_id=message_id, message=text):
            await edits.edit(user.id, conversation_id, message_id, text)
        case commands.DeleteMessage(message_id=message_id):
            await edits.delete(user.id, conversation_id, message_id)
        case commands.Reaction(message_id=message_id, emoji=emoji, is_on=is_on):
            change = reactions.react if is_on else reactions.unreact
            await change(user, conversation_id, message_id, emoji)
        case commands.Typing(is_typing=is_typing):
            positions.typing(user, str(conversation_id), is_typing)
        case commands.Read(seq=seq):
            await positions.read(user, conversation_id, seq)
        case commands.Delivered(seq=seq):
            await positions.delivered(user, conversation_id, seq)
        case commands.Unread(seq=seq):
            await keeping.mark_unread(user.id, conversation_id, seq)
        case commands.Draft(text=text):
            await drafts.keep(user.id, conversation_id, text)
        case commands.Keep(pinned=pinned, archived=archived, mute=mute):
            await keeping.keep(user.id, conversation_id, pinned=pinned, archived=archived, mute=mute)
    return None
