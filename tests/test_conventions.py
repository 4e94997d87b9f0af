"""Conventions that a tool does not know: held here, so that nobody has to remember them.

Beside these: routes say who may call them (test_middleware), events have their frames (realtime/test_frames), subjects
have one home (bus/test_subjects), documentation is true (test_docs), and who may import whom (``bin/lint``).
"""

import ast
import inspect
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.jobs.table import JOBS, retry_after
from app.log.consequences import CONSEQUENCES
from bus.events import EVENTS
from tests.site import ROOT

HEADS = {
    ".py": ('"""', '#!/usr/bin/env python3\n"""', "#!/bin/sh\n# "),
    ".js": ("//",),
    ".css": ("/*",),
    ".html": ("{#",),
}
# What Tortoise wrote.
WRITTEN_BY_A_TOOL = "app/models/migrations/"

SAFE_HTML = {"post.html", "comment.html", "message.html", "bio_html"}
"""What ``app.text`` has rendered. Everything else that is shown is escaped."""

INLINE = re.compile(r"<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?![^>]*\b(src|type=\"importmap\"))", re.I)

REGISTRIES = ("registry.npmjs", "pypi.org", "pythonhosted.org", "proxy.golang", "jsdelivr", "unpkg")
"""Where packages come from is the business of whoever installs them; a mirror must do."""


def tracked() -> list[str]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True)
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def sources(*folders: str) -> Iterator[Path]:
    for folder in folders:
        yield from sorted((ROOT / folder).rglob("*.py"))


def test_every_file_says_in_its_first_line_what_it_is_for() -> None:
    silent = []
    for name in tracked():
        heads = HEADS.get(Path(name).suffix) or (HEADS[".py"] if name.startswith("bin/") else None)
        if heads and not name.startswith(WRITTEN_BY_A_TOOL) and not (ROOT / name).read_text().startswith(heads):
            silent.append(name)
    assert silent == []


def test_every_job_that_an_event_leaves_has_a_rule_and_every_rule_is_used() -> None:
    left = {leave.what for leaves in CONSEQUENCES.values() for leave in leaves}
    assert left == set(JOBS)
    for rule in JOBS.values():
        assert rule.tries > 1
        assert inspect.iscoroutinefunction(rule.work)
        assert inspect.getdoc(rule.work)
    pauses = [retry_after(tries) for tries in range(1, max(rule.tries for rule in JOBS.values()))]
    assert pauses == sorted(pauses)
    assert pauses[-1] >= 60, "a job outlives a minute's trouble"


def test_only_actions_announce_events() -> None:
    names = {event.__name__ for event in EVENTS}
    makers: dict[str, set[str]] = {}
    for source in sources("app", "bus"):
        for node in ast.walk(ast.parse(source.read_text())):
            if isinstance(node, ast.Call):
                called = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if called in names:
                    makers.setdefault(called, set()).add(source.parent.name)
    assert makers == {name: {"actions"} for name in names}


def test_templates_hold_no_script_and_no_style() -> None:
    found = {
        f"{template.relative_to(ROOT)}: {match[0]}"
        for template in sorted((ROOT / "templates").rglob("*.html"))
        for match in INLINE.finditer(template.read_text())
    }
    assert found == set()


def test_only_html_that_we_rendered_is_not_escaped() -> None:
    unescaped = {
        match[1]
        for template in (ROOT / "templates").rglob("*.html")
        for match in re.finditer(r"\{\{([^}]*?)\|\s*safe\b", template.read_text())
    }
    assert {expression.strip() for expression in unescaped} <= SAFE_HTML
    everything = "".join(template.read_text() for template in (ROOT / "templates").rglob("*.html"))
    assert len(re.findall(r"\|\s*safe\b", everything)) == len(re.findall(r"\{\{[^}]*?\|\s*safe\b", everything))
    assert "autoescape" not in everything


@pytest.mark.parametrize("host", REGISTRIES)
def test_no_registry_is_named(host: str) -> None:
    others = (name for name in tracked() if ROOT / name != Path(__file__))
    assert [name for name in others if host.encode() in (ROOT / name).read_bytes()] == []
