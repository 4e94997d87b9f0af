"""Ten thousand members: nothing that happens for one message, or for one page, looks at all of them."""

import json
from typing import Any

import pytest

from app.actions import conversations, positions
from app.actions.messages import send
from app.models import Conversation, Membership, User
from app.models.base import rows
from app.models.conversation import _COLUMNS, _OF_MEMBER
from bus import signals as s

MANY = 10_000


@pytest.fixture
async def crowd(alice: User, bob: User, mallory: User) -> Conversation:
    """Alice's group without a title, with bob, mallory and everybody else."""
    group, _ = await conversations.start(alice, [bob.username, mallory.username])
    await rows(
        "INSERT INTO users (username, display_name, bio, password_hash, is_verified, is_admin, unread_notifications, "
        "created_at) SELECT 'one' || n, '', '', '-', false, false, 0, now() FROM generate_series(1, $1::int) AS n",
        MANY - 3,
    )
    await rows(
        "INSERT INTO memberships (conversation_id, user_id, read_seq, read_number, delivered_seq, joined_at) "
        "SELECT $1, id, 0, 0, 0, now() FROM users WHERE username LIKE 'one%'",
        group.id,
    )
    await rows("UPDATE conversations SET members = $2 WHERE id = $1", group.id, MANY)
    await rows("ANALYZE memberships, users")
    return group


def read_of(plan: dict[str, Any], table: str) -> float:
    """How many rows of the table a statement looked at."""
    own = plan["Actual Rows"] * plan["Actual Loops"] if plan.get("Relation Name") == table else 0
    return own + sum(read_of(below, table) for below in plan.get("Plans", []))


async def test_the_list_of_conversations_reads_a_few_members_only(alice: User, crowd: Conversation) -> None:
    sql = f"EXPLAIN (ANALYZE, FORMAT JSON) {_COLUMNS} {_OF_MEMBER}"
    [found] = await rows(sql, alice.id)
    [plan] = json.loads(found["QUERY PLAN"])
    assert 0 < read_of(plan["Plan"], "memberships") < 20
    [listed] = await Conversation.listed(alice.id, None, 30)
    assert listed.members == MANY
    assert len(listed.title.split(", ")) == 4


async def test_nobody_is_told_how_far_everybody_else_is(
    alice: User, bob: User, crowd: Conversation, said: list[s.Signal]
) -> None:
    sent = await send(alice.id, crowd.id, "Hello everybody")
    await positions.delivered(bob, crowd.id, sent.seq)
    await positions.read(bob, crowd.id, sent.seq)
    assert [type(signal) for signal in said] == [s.ConversationRead], "for bob's own other pages"
    assert await Membership.positions(crowd.id, alice.id, 100) == []
    roll = await Membership.roll(crowd.id, alice.id, 200, 100)
    assert (len(roll.people), roll.positions) == (200, [])
    [listed] = await Conversation.listed(bob.id, None, 30)
    assert listed.unread == 0
