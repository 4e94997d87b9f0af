"""What may be lost: typing and positions. A signal has no seq and is never stored; the next one corrects it."""

import msgspec

from bus.events import event_name


class Signal(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=event_name):
    """The base of all signals."""

    @property
    def topic(self) -> str:
        """Whom it concerns, as for events."""
        raise NotImplementedError

    @property
    def name(self) -> str:
        """The last word of the signal's subject, and its ``type`` in JSON."""
        return str(self.__struct_config__.tag)


class ConversationSignal(Signal, frozen=True):
    """Something about one member of a conversation, for the others in it."""

    conversation_id: str
    user_id: int
    username: str

    @property
    def topic(self) -> str:
        return f"conversation.{self.conversation_id}"


class Typing(ConversationSignal, frozen=True):
    """The member began or stopped typing."""

    is_typing: bool


class Read(ConversationSignal, frozen=True):
    """The member has read up to ``seq``."""

    seq: int


class Delivered(ConversationSignal, frozen=True):
    """Everything up to ``seq`` has reached one of the member's open pages."""

    seq: int


class ConversationRead(Signal, frozen=True):
    """The user read a conversation up to message ``number``; for the user's own other pages.

    ``marks``: how often they had marked it as unread before that.
    """

    user_id: int
    conversation_id: str
    number: int
    marks: int = 0

    @property
    def topic(self) -> str:
        return f"user.{self.user_id}"


class ThreadRead(Signal, frozen=True):
    """The user read a thread up to message ``number`` of it; for the user's own other pages."""

    user_id: int
    conversation_id: str
    thread_id: str
    number: int

    @property
    def topic(self) -> str:
        return f"user.{self.user_id}"


class Drafted(Signal, frozen=True):
    """The user has begun to write ``text`` in a conversation; for the user's own other pages."""

    user_id: int
    conversation_id: str
    text: str

    @property
    def topic(self) -> str:
        return f"user.{self.user_id}"


SIGNALS: tuple[type[Signal], ...] = (Typing, Read, Delivered, ConversationRead, ThreadRead, Drafted)
