"""What each command does, whether it came over a socket or by HTTP."""

from uuid import UUID

from app.actions import blocks, drafts, edits, groups, keeping, messages, notifications, positions, reactions, threads
from app.actions.messages import Sent
from app.models import User, UserFacts
from app.realtime import commands


async def for_notifications(user_id: int, command: commands.MarkRead | commands.Block | commands.Unblock) -> None:
    """Do what was asked on behalf of this user."""
    user = await User.get(id=user_id)
    match command:
        case commands.MarkRead(notification_id=notification_id):
            await notifications.mark_read(user, [notification_id])
        case commands.Block(username=username):
            await blocks.block(user, username)
        case commands.Unblock(username=username):
            await blocks.unblock(user, username)


def at_once(user: UserFacts, conversation_id: str, command: commands.Command) -> bool:
    """Do what a member asked if that waits for nothing; whether it did."""
    match command:
        case commands.Typing(is_typing=is_typing):
            positions.typing(user, conversation_id, is_typing)
            return True
    return False


async def for_chat(user: UserFacts, conversation_id: UUID, command: commands.Command) -> Sent | None:
    """Do what a member asked; a message that is a repeat comes back as it was first. Raises Problems."""
    match command:
        case commands.ChatMessage() as said:
            ids = (said.client_id, said.reply_to)
            sent = await messages.send(
                user.id, conversation_id, said.message, *ids, thread=said.thread, to_all=said.to_all
            )
            return None if sent.is_new else sent
        case commands.EditMessage(message_id=message_id, message=text):
            await edits.edit(user.id, conversation_id, message_id, text)
        case commands.DeleteMessage(message_id=message_id):
            await edits.delete(user.id, conversation_id, message_id)
        case commands.Reaction(message_id=message_id, emoji=emoji, is_on=is_on):
            change = reactions.react if is_on else reactions.unreact
            await change(user, conversation_id, message_id, emoji)
        case commands.Typing():
            at_once(user, str(conversation_id), command)
        case commands.Read(seq=seq):
            await positions.read(user, conversation_id, seq)
        case commands.Delivered(seq=seq):
            await positions.delivered(user, conversation_id, seq)
        case commands.Unread(seq=seq):
            await keeping.mark_unread(user.id, conversation_id, seq)
        case commands.ReadThread(thread=thread, seq=seq):
            await threads.read(user.id, conversation_id, thread, seq)
        case commands.FollowThread(thread=thread, is_followed=is_followed):
            await threads.follow(user.id, conversation_id, thread, is_followed=is_followed)
        case commands.Draft(text=text):
            await drafts.keep(user.id, conversation_id, text)
        case commands.Keep(pinned=pinned, archived=archived, mute=mute):
            await keeping.keep(user.id, conversation_id, pinned=pinned, archived=archived, mute=mute)
        case commands.AddMember() | commands.RemoveMember() | commands.SetRole() | commands.RenameGroup():
            await _for_group(await User.get(id=user.id), conversation_id, command)
    return None


async def _for_group(actor: User, conversation_id: UUID, command: commands.GroupCommand) -> None:
    match command:
        case commands.AddMember(username=username):
            await groups.add(actor, conversation_id, [username])
        case commands.RemoveMember(username=username):
            await groups.remove(actor, conversation_id, username)
        case commands.SetRole(username=username, role=role):
            await groups.set_role(actor, conversation_id, username, role)
        case commands.RenameGroup(title=title):
            await groups.rename(actor, conversation_id, title)
