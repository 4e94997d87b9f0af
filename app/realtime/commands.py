"""What a browser may say on a socket: each command's shape, read strictly in one pass, and what is wrong with it."""

import json as stdlib_json
import re
from typing import Annotated, Any, get_args
from uuid import UUID

import msgspec

from app.errors import Invalid
from app.text import printable

# PostgreSQL counts in 64 and 32 bits, JSON in any number of digits.
Seq = Annotated[int, msgspec.Meta(ge=0, lt=2**62)]
PostId = Annotated[int, msgspec.Meta(ge=0, lt=2**31)]
UserId = Annotated[int, msgspec.Meta(ge=1, lt=2**31)]


class Command(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """The base of all commands; an unknown field is an error."""


class MarkRead(Command, tag="mark_read"):
    """A notification is read."""

    notification_id: UUID


class Watch(Command, tag="watch"):
    """What this page follows from now on, replacing what it followed: posts (id → seq shown, or null) and feeds.

    ``after_post``: the newest post shown, so that newer ones are told at once.
    """

    posts: dict[str, Seq | None] = {}
    feed: bool = False
    everyone: bool = False
    after_post: PostId | None = None


class Presence(Command, tag="presence"):
    """Whose presence this page shows from now on, replacing whose it showed."""

    user_ids: list[UserId]


class Active(Command, tag="active"):
    """Whether the person is at this page: it is visible, and they did something in the last five minutes."""

    is_active: bool


class ChatMessage(Command, tag="chat_message"):
    """A message to this conversation or a thread in it, perhaps a reply to one. ``to_all``: an ``@all`` is meant."""

    message: str
    client_id: UUID | None = None
    reply_to: UUID | None = None
    thread: UUID | None = None
    to_all: bool = False


class EditMessage(Command, tag="edit_message"):
    """One's own message says this from now on."""

    message_id: UUID
    message: str


class DeleteMessage(Command, tag="delete_message"):
    """A message is deleted for everyone: one's own, or in a group that of somebody below oneself."""

    message_id: UUID


class Reaction(Command, tag="reaction"):
    """An emoji of one's own is on the message from now on, or no more."""

    message_id: UUID
    emoji: str
    is_on: bool = True


class Typing(Command, tag="typing"):
    """The user types, or stopped."""

    is_typing: bool


class Read(Command, tag="read"):
    """Seen up to ``seq``."""

    seq: Seq


class Delivered(Command, tag="delivered"):
    """Arrived up to ``seq``."""

    seq: Seq


class Keep(Command, tag="keep"):
    """How one keeps this conversation from now on; what is null stays as it is. ``mute``: 1h, 8h, on, or off."""

    pinned: bool | None = None
    archived: bool | None = None
    mute: str | None = None


class Draft(Command, tag="draft"):
    """What one has begun to write here; empty for nothing."""

    text: str


class Unread(Command, tag="unread"):
    """The message with this ``seq``, and what came after it, is unread again."""

    seq: Seq


class ReadThread(Command, tag="read_thread"):
    """Seen up to ``seq`` in this thread."""

    thread: UUID
    seq: Seq


class FollowThread(Command, tag="follow_thread"):
    """One follows this thread from now on, or no more."""

    thread: UUID
    is_followed: bool = True


class AddMember(Command, tag="add_member"):
    """Somebody is to be a member of this group."""

    username: str


class RemoveMember(Command, tag="remove_member"):
    """A member is to be out of this group; oneself leaves."""

    username: str


class SetRole(Command, tag="set_role"):
    """A member is to be an `admin`, a `member`, or the `owner`, who then is an admin."""

    username: str
    role: str


class RenameGroup(Command, tag="rename_group"):
    """This group is to be called so."""

    title: str


class Block(Command, tag="block"):
    """Neither is to see what the other writes."""

    username: str


class Unblock(Command, tag="unblock"):
    """Somebody is to be blocked no longer."""

    username: str


NotificationsCommand = MarkRead | Block | Unblock | Watch | Presence | Active
StandingCommand = Watch | Presence | Active
"""What holds for a connection until it is said anew. For a stream it stands in the address."""
Say = ChatMessage | EditMessage | DeleteMessage | Reaction | Typing
OwnCommand = Read | Delivered | Unread | Keep | Draft | ReadThread | FollowThread
GroupCommand = AddMember | RemoveMember | SetRole | RenameGroup
ChatCommand = Say | OwnCommand | GroupCommand
CHAT_TYPES = tuple(str(kind.__struct_config__.tag) for kind in get_args(ChatCommand))
STANDING_TYPES = tuple(str(kind.__struct_config__.tag) for kind in get_args(StandingCommand))

DECODERS: dict[str, msgspec.json.Decoder[Any]] = {
    "notifications": msgspec.json.Decoder(NotificationsCommand),
    "chat": msgspec.json.Decoder(ChatCommand),
}

POSTS_AT_MOST = 100
PEOPLE_AT_MOST = 200

_AT = re.compile(r" - at `\$\.?([^`]*)`$")
_QUOTED = re.compile(r"`([^`]*)`")


class Said(msgspec.Struct, frozen=True):
    """What can be told of a bad command, for the error frame: its type and its client_id."""

    command: str | None = None
    client_id: str | None = None


def decode(socket: str, payload: bytes) -> Command:
    """The command in ``payload`` for the ``socket`` (``notifications`` or ``chat``).

    Raises Invalid with the code ``invalid_json``, ``unknown_type``, ``unknown_field``, ``missing_field`` or
    ``wrong_type``, and the field.
    """
    decoder = DECODERS[socket]
    try:
        try:
            command: Command = decoder.decode(payload)
        except msgspec.ValidationError:
            raise
        except msgspec.DecodeError:
            command = msgspec.convert(_parsed(payload), decoder.type)
    except msgspec.ValidationError as error:
        raise _explained(str(error)) from None
    except (ValueError, RecursionError):
        raise Invalid("This is not a JSON object.", code="invalid_json") from None
    return command


def checked(wanted: StandingCommand) -> StandingCommand:
    """What the shape alone does not say. Raises Invalid."""
    if isinstance(wanted, Presence) and len(wanted.user_ids) > PEOPLE_AT_MOST:
        raise Invalid(code="too_many", fields={"user_ids": f"At most {PEOPLE_AT_MOST} people."})
    return _checked_posts(wanted) if isinstance(wanted, Watch) else wanted


def _checked_posts(wanted: Watch) -> Watch:
    if len(wanted.posts) > POSTS_AT_MOST:
        raise Invalid(code="too_many", fields={"posts": f"At most {POSTS_AT_MOST} posts."})
    for post_id in wanted.posts:
        # Plain digits only: the id becomes part of a subject.
        if not (re.fullmatch("[1-9][0-9]{0,9}", post_id) and int(post_id) < 2**31):
            raise Invalid(code="wrong_type", fields={"posts": "Expected post ids with the seq shown, or null."})
    return wanted


def _parsed(payload: bytes) -> Any:
    # To msgspec a lone surrogate is a syntax error; the standard library lets it through, to be named.
    return stdlib_json.loads(payload)


def _explained(text: str) -> Invalid:
    at = _AT.search(text)
    where = at[1] if at else ""
    named = _QUOTED.search(text)
    if "unknown field" in text and named:
        return _wrong("unknown_field", named[1], "This field is not known.")
    if (text.startswith("Invalid value") and where == "type") or "required field `type`" in text:
        return _wrong("unknown_type", "type", "There is no such command here.")
    if "missing required field" in text and named:
        return _wrong("missing_field", named[1], "This field is missing.")
    if not where:
        return Invalid("A command is a JSON object.", code="invalid_json")
    where = re.sub(r"\[.*", "", where)
    return _wrong("wrong_type", where, text[: at.start()] + "." if at else text)


def _wrong(code: str, field: str, message: str) -> Invalid:
    return Invalid(message, code=code, fields={field[:60]: message})


def said(payload: bytes) -> Said:
    """As much as can be read of a command that was refused."""
    try:
        given = _parsed(payload)
    except (ValueError, RecursionError):
        return Said()
    if not isinstance(given, dict):
        return Said()
    return Said(_short(given.get("type")), _short(given.get("client_id")))


def _short(value: object) -> str | None:
    return printable(value[:60]) if isinstance(value, str) else None
