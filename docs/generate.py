"""``bin/docs``: writes the tables in docs/protocol.md that the program knows best. A test sees that it was run."""

import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
from msgspec import Raw
from msgspec import inspect as shape

from app.config import Settings
from app.errors import Problem
from app.jobs.table import JOBS
from app.log.consequences import CONSEQUENCES
from app.main import create_app
from app.models import CommentFacts, MessageFacts, NotificationFacts, ReactionFacts, UserFacts
from app.models.quiet_line import LineFacts
from app.realtime import commands, frames
from app.realtime.effects import EFFECTS
from bus.events import EVENTS
from bus.signals import SIGNALS

PROTOCOL = Path(__file__).parent / "protocol.md"
SECTION = re.compile(r"(<!-- made by bin/docs: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
PROFILE = re.compile(r"<username:\(\?:@.*?\+\)>")
AVATAR = re.compile(r"<username:\(\?P<username>.*?\)\\\.jpg>")
TYPED = re.compile(r"<(\w+):\w+>")

# Facts that events carry ready-made: the JSON of a model's projection.
FACTS: dict[str, type[msgspec.Struct]] = {
    "message": MessageFacts,
    "notification": NotificationFacts,
    "comment": CommentFacts,
    "line": LineFacts,
    "reaction": ReactionFacts,
}
WORDS: dict[type[shape.Type], str] = {
    shape.UUIDType: "uuid",
    shape.StrType: "text",
    shape.BoolType: "true or false",
    shape.IntType: "integer",
    shape.NoneType: "null",
}


def routes() -> str:
    """Every route: method, path, who may ask, what it does."""
    app = create_app(Settings())
    app.router.finalize()
    lines = []
    for route in app.router.routes:
        # What has no response of Sanic's own looks after its door by itself, and lets in only who is signed in.
        is_live = getattr(route.handler, "is_websocket", False)
        method = "WS" if is_live and route.path.startswith("ws/") else next(iter(route.methods))
        who = "member" if is_live else route.ctx.who
        lines.append((shown_path(route.path), method, who, first_line(route.handler)))
    return table(("method", "path", "who", "does"), ((m, f"`{p}`", w, d) for p, m, w, d in sorted(lines)))


def shown_path(path: str) -> str:
    """A route's path as people write it."""
    path = PROFILE.sub("@<username>", AVATAR.sub("<username>.jpg", path))
    return "/" + TYPED.sub(r"<\1>", path)


def browser_commands() -> str:
    """Every command that a browser may send: on which socket, with which fields."""
    sockets = {
        command: socket
        for socket, union in (("notifications", commands.NotificationsCommand), ("chat", commands.ChatCommand))
        for command in get_args(union)
    }
    return table(
        ("socket", "`type`", "fields", "means"),
        (
            (socket, f"`{command.__struct_config__.tag}`", command_fields(command), first_line(command))
            for command, socket in sockets.items()
        ),
    )


def command_fields(command: type[msgspec.Struct]) -> str:
    """The fields of a command, with their types."""
    described: Any = shape.type_info(command)
    return "; ".join(
        f"`{field.name}`: {type_words(field.type)}{'' if field.required else ' (optional)'}"
        for field in described.fields
    )


def type_words(kind: shape.Type) -> str:
    """A type in words."""
    if isinstance(kind, shape.UnionType):
        return " or ".join(type_words(part) for part in kind.types)
    if isinstance(kind, shape.ListType):
        return f"list of ({type_words(kind.item_type)})"
    if isinstance(kind, shape.DictType):
        return f"object of ({type_words(kind.value_type)})"
    if isinstance(kind, shape.IntType) and kind.ge is not None:
        return f"integer from {kind.ge}"
    return WORDS[type(kind)]


def events() -> str:
    """Every event: its topic, the frames it becomes and the jobs it leaves."""
    lines = []
    for kind in EVENTS:
        seen = [f"{view}: `{name}`" for view in views() if (name := frame_of(kind, view))]
        left = [f"`{leave.what}`" for leave in CONSEQUENCES.get(kind, ())]
        effect = [f"`{EFFECTS[kind].__name__.lstrip('_')}`"] if kind in EFFECTS else []
        name = f"`{kind.__struct_config__.tag}`"
        lines.append((name, f"`{sample(kind).topic}`", joined(seen), joined(left), joined(effect)))
    return table(("event", "topic", "view: frames", "jobs", "effect on connections"), lines)


def views() -> list[str]:
    """Every way of looking at a topic."""
    return list(dict.fromkeys(view for _, view in frames.FRAMES))


def frame_of(kind: type[Any], view: str) -> str:
    """The types of the frames that an event becomes in a view; empty when it shows nothing there."""
    builder = frames.FRAMES.get((kind, view))
    return "` + `".join(msgspec.json.decode(built)["type"] for built in builder(1, sample(kind))) if builder else ""


def sample(kind: type[Any]) -> Any:
    """An event or signal whose every field holds its own name, and whose facts are whole."""
    hints = get_type_hints(kind)
    given = {name: facts(name) if hints[name] is Raw else f"<{name}>" for name in kind.__struct_fields__}
    return kind(**given)


def facts(name: str) -> Raw:
    """The JSON of a projection, each field an example of its type."""
    return Raw(msgspec.json.encode(example(FACTS[name])))


def example(kind: type[msgspec.Struct]) -> msgspec.Struct:
    """A projection with something of the right type in every field that it always has."""
    plain: dict[Any, Any] = {int: 1, str: "…", bool: False, list[UserFacts]: []}
    plain[UserFacts] = UserFacts(id=1, username="john", display_name="John", avatar="/media/avatars/john.jpg")
    hints = get_type_hints(kind)
    always = [
        field.name
        for field in msgspec.structs.fields(kind)
        if field.required or not kind.__struct_config__.omit_defaults
    ]
    return kind(**{name: plain.get(hints[name]) for name in always})


def signals() -> str:
    """Every signal: its topic and its frame."""
    lines = []
    for kind in SIGNALS:
        view, builder = frames.SIGNAL_FRAMES[kind]
        frame = msgspec.json.decode(builder(sample(kind)))["type"]
        lines.append(
            (f"`{kind.__struct_config__.tag}`", f"`{sample(kind).topic}`", f"{view}: `{frame}`", first_line(kind))
        )
    return table(("signal", "topic", "view: frame", "means"), lines)


def jobs() -> str:
    """Every job: the event that leaves it, how often it is tried, what it does."""
    left_by = {leave.what: kind for kind, leaves in CONSEQUENCES.items() for leave in leaves}
    return table(
        ("job", "left by", "tries", "does"),
        (
            (f"`{name}`", f"`{left_by[name].__struct_config__.tag}`", str(rule.tries), first_line(rule.work))
            for name, rule in JOBS.items()
        ),
    )


def errors() -> str:
    """Every error that has a status of its own."""
    kinds = [kind for kind in descendants(Problem) if kind.__module__.startswith("app.")]
    lines = sorted({(str(kind.status), f"`{kind.code}`", kind.message) for kind in (Problem, *kinds)})
    return table(("status", "code", "message"), lines)


def descendants(kind: type[Problem]) -> Iterable[type[Problem]]:
    """All classes below ``kind``."""
    for below in kind.__subclasses__():
        yield below
        yield from descendants(below)


def first_line(thing: Any) -> str:
    """The beginning of the docstring, made fit for a table."""
    line = (thing.__doc__ or "").strip().partition("\n")[0]
    return line.replace("``", "`").replace("|", "\\|")


def joined(words: list[str]) -> str:
    """Several words in one cell."""
    return ", ".join(words) or "—"


def table(heads: tuple[str, ...], lines: Iterable[tuple[str, ...]]) -> str:
    """A table in Markdown."""
    rows = [heads, ("---",) * len(heads), *lines]
    return "".join("| " + " | ".join(row) + " |\n" for row in rows)


MADE: dict[str, Callable[[], str]] = {
    "routes": routes,
    "commands": browser_commands,
    "events": events,
    "signals": signals,
    "jobs": jobs,
    "errors": errors,
}


def renewed(text: str) -> str:
    """``text`` with every made section as the program is now."""
    return SECTION.sub(lambda found: found[1] + MADE[found[2]]() + found[3], text)


def main() -> None:
    """Write the tables anew; with ``--check``, only say whether that would change anything."""
    text = PROTOCOL.read_text()
    fresh = renewed(text)
    if "--check" in sys.argv[1:]:
        sys.exit("docs/protocol.md is out of date: run bin/docs." if fresh != text else 0)
    PROTOCOL.write_text(fresh)


if __name__ == "__main__":
    main()
