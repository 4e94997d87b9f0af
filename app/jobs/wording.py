"""How notifications are worded."""

from app.models import Conversation, User

EXCERPT_LENGTH = 80


def unread_text(count: int, name: str, where: str) -> str:
    """``John sent you a message``, ``4 new messages from John``, ``2 new messages in Team``."""
    if count == 1:
        return f"{name} sent a message{where}" if where else f"{name} sent you a message"
    return f"{count} new messages{where}" if where else f"{count} new messages from {name}"


def thread_text(count: int, name: str, where: str) -> str:
    """``John replied in a thread``, ``4 new replies in a thread in Team``."""
    return f"{name} replied in a thread{where}" if count == 1 else f"{count} new replies in a thread{where}"


def place_of(conversation: Conversation) -> str:
    """`` in Team``; nothing for a conversation that has no title."""
    return f" in {conversation.title}" if conversation.title else ""


def name_of(user: User) -> str:
    """What people call the user."""
    return user.display_name or user.username


def excerpt(text: str) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= EXCERPT_LENGTH else line[: EXCERPT_LENGTH - 1] + "…"
