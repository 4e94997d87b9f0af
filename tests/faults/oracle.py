"""The oracle: what was sent, acknowledged, delivered and stored, and every way in which that can be wrong.

It believes nobody: not the cursors of the pages, not the log. It knows only what came over each socket and which rows
are in PostgreSQL at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple


class Sent(NamedTuple):
    """A message somebody wrote; ``at`` is when they pressed the key."""

    conversation: str
    author: int
    at: float


class Row(NamedTuple):
    """A message as PostgreSQL has it at the end."""

    conversation: str
    author: int
    client_id: str
    seq: int


@dataclass(slots=True)
class Record:
    """Everything that one page was sent: ``frames`` are (seq, client_id), without the answers to its own repeats.

    ``since`` is where the page began; what came before is not owed to it, and nothing is after it ``left``. A ``skip``
    has no client_id.
    """

    name: str
    conversation: str
    since: int | None = None
    frames: list[tuple[int, str | None]] = field(default_factory=list)
    resets: int = 0
    left: bool = False

    @property
    def last(self) -> int:
        """The newest seq that came."""
        return self.frames[-1][0] if self.frames else self.since or 0


@dataclass
class Evidence:
    """All that is known when the run is over. ``acknowledged`` holds client_ids."""

    sent: dict[str, Sent]
    acknowledged: set[str]
    records: list[Record]
    rows: list[Row]


def violations(evidence: Evidence) -> list[str]:
    """Every breach of the promise, in words; empty when it was kept."""
    return [*_of_rows(evidence), *_of_pages(evidence)]


def _of_rows(evidence: Evidence) -> Iterable[str]:
    stored = Counter((row.author, row.client_id) for row in evidence.rows)
    for (_, client_id), times in stored.items():
        if times > 1:
            yield f"stored {times} times: {client_id}"
        if client_id not in evidence.sent:
            yield f"stored and never sent: {client_id}"
    ids = {client_id for _, client_id in stored}
    for client_id in evidence.acknowledged - ids:
        yield f"acknowledged and not stored: {client_id}"
    for client_id in evidence.sent.keys() - evidence.acknowledged:
        yield f"never acknowledged: {client_id}"


def _of_pages(evidence: Evidence) -> Iterable[str]:
    owed: dict[str, dict[str, int]] = {}
    for row in evidence.rows:
        owed.setdefault(row.conversation, {})[row.client_id] = row.seq
    for record in evidence.records:
        yield from _of_page(record, owed.get(record.conversation, {}), evidence.acknowledged)


def _of_page(record: Record, owed: dict[str, int], acknowledged: set[str]) -> Iterable[str]:
    if record.since is None:
        yield f"{record.name}: was never live"
        return
    if record.resets:
        yield f"{record.name}: told {record.resets} times to start anew"
    before = record.since
    for seq, client_id in record.frames:
        if seq != before + 1:
            yield f"{record.name}: {seq} came after {before}"
        if client_id is not None and owed.get(client_id) != seq:
            yield f"{record.name}: a phantom at {seq}: {client_id}"
        before = seq
    came = Counter(client_id for _, client_id in record.frames if client_id is not None)
    for client_id, times in came.items():
        if times > 1:
            yield f"{record.name}: delivered {times} times: {client_id}"
    for client_id, seq in owed.items() if not record.left else ():
        if seq > record.since and client_id not in came and client_id in acknowledged:
            yield f"{record.name}: acknowledged and never delivered: {client_id} ({seq})"
