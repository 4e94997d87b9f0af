"""The third user: whatever an operator publishes arrives, waits, or is kept with the reason against it."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from app.jobs.publication import Refused, decode, is_link
from bus import streams
from bus.connection import Bus
from bus.subjects import Subjects
from tests.operator import Operator
from tests.shapes import A_MOMENT, A_SENTENCE, A_TIMESTAMP, A_UUID
from tests.site import Person, Servers, Site, until

PATH = "/ws/notifications/"


@pytest.fixture
async def operator(servers: Servers) -> AsyncIterator[Operator]:
    async with Operator(servers.nats) as operator:
        yield operator


async def listed(person: Person) -> list[dict[str, Any]]:
    return list((await person.get("/notifications/")).json()["items"])


async def rejected(site: Site) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(site.servers.postgres.url)
    try:
        return list(await connection.fetch("SELECT subject, payload, reason, detail FROM rejected ORDER BY id"))
    finally:
        await connection.close()


async def test_a_message_is_enough_and_arrives_on_the_page_and_in_the_list(alice: Person, operator: Operator) -> None:
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await operator.publishes("alice", {"message": "Deploy finished"})
        frame = await hers.sees("notification")
        assert frame == {
            "type": "notification",
            "seq": 1,
            "id": A_UUID,
            "message": "Deploy finished",
            "notification_type": "System",
            "actor": None,
            "timestamp": A_TIMESTAMP,
            "sent_at": A_MOMENT,
            "read": False,
            "data": {},
        }
        assert await hers.next() == {"type": "unread_count", "count": 1}
    (shown,) = await listed(alice)
    assert {"type": "notification", "seq": 1} | shown == frame


async def test_everything_an_operator_may_say(alice: Person, bob: Person, operator: Operator) -> None:
    data = {"action_url": "https://status.test/?a=1", "content_type": "deploy", "more": [1, {"a": None}]}
    said = {"message": " hi ", "notification_type": "Like", "actor": "Bob", "data": data, "id": "deploy 7"}
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await operator.publishes("ALICE", said)
        frame = await hers.sees("notification")
    assert (frame["message"], frame["notification_type"], frame["data"]) == ("hi", "Like", data)
    assert frame["actor"] == {"id": bob.id, "username": "bob", "avatar": "/media/avatars/bob.jpg"}


async def test_fifty_arrive_in_the_order_of_their_publication(alice: Person, bob: Person, operator: Operator) -> None:
    async with alice.listens(PATH) as hers, bob.listens(PATH) as his:
        await hers.is_live()
        await his.is_live()
        for number in range(50):
            for name in ("alice", "bob"):
                await operator.publishes(name, {"message": f"number {number}"})
        for page in (hers, his):
            await page.sees("unread_count", count=50)
            assert page.all_of("notification", "message") == [f"number {n}" for n in range(50)]


async def test_the_first_of_an_id_wins_and_each_recipient_has_their_own(
    alice: Person, bob: Person, operator: Operator
) -> None:
    async with alice.listens(PATH) as hers, bob.listens(PATH) as his:
        await hers.is_live()
        await his.is_live()
        for name, text in (("alice", "first"), ("alice", "second"), ("bob", "for bob")):
            await operator.publishes(name, {"message": text, "id": "x" * 128})
        await operator.publishes("alice", {"message": "without"})
        await operator.publishes("alice", {"message": "without"})
        await hers.sees("unread_count", count=3)
        assert hers.all_of("notification", "message") == ["first", "without", "without"]
        await his.sees("notification", message="for bob")


BAD = [
    ("alice", b"{", "bad_json"),
    ("alice", b"", "bad_json"),
    ("alice", b"\xff\xfe", "bad_json"),
    ("alice", b'"hi"', "wrong_type"),
    ("alice", b"{}", "missing_field"),
    ("alice", {"message": 7}, "wrong_type"),
    ("alice", {"message": "hi", "colour": "red"}, "unknown_field"),
    ("alice", {"message": "hi", "data": []}, "wrong_type"),
    ("alice", {"message": " "}, "empty"),
    ("alice", {"message": "x" * 4001}, "too_long"),
    ("alice", {"message": "a\x00b"}, "bad_text"),
    ("alice", {"message": "hi", "id": "x" * 129}, "too_long"),
    ("alice", {"message": "hi", "data": {"x": "y" * 9000}}, "too_long"),
    ("alice", {"message": "hi", "data": {"x": "\x00"}}, "bad_text"),
    ("alice", {"message": "hi", "notification_type": "Party"}, "unknown_type"),
    ("alice", {"message": "hi", "actor": "nobody_here"}, "unknown_actor"),
    ("alice", {"message": "hi", "data": {"action_url": "javascript:alert(1)"}}, "bad_link"),
    ("alice", {"message": "hi", "actor": "a\x00b"}, "unknown_actor"),
    ("alice", b'{"message":"hi","data":{"a":' + b"[" * 3000 + b"]" * 3000 + b"}}", "bad_json"),
    ("nobody_here", {"message": "hi"}, "unknown_user"),
    ("alice.more", {"message": "hi"}, "unknown_user"),
    ("a'lice", {"message": "hi"}, "unknown_user"),
]


async def test_what_cannot_be_accepted_is_kept_and_announced_and_holds_nobody_up(
    site: Site, alice: Person, bus: Bus, operator: Operator
) -> None:
    announced: list[tuple[str, dict[str, str]]] = []
    await bus.listen("notify_rejected.*", lambda subject, payload: announced.append((subject, json.loads(payload))))
    await bus.settle()
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        for username, what, _ in BAD:
            await operator.publishes(username, what)
        await operator.publishes("alice", {"message": "the next one"})
        assert (await hers.sees("notification"))["message"] == "the next one"
    kept = await rejected(site)
    assert [line["reason"] for line in kept] == [reason for *_, reason in BAD]
    assert [line["subject"] for line in kept] == [f"notify.{username}" for username, *_ in BAD]
    assert kept[0]["payload"] == b"{"
    assert all(line["detail"] == A_SENTENCE or line["detail"] for line in kept)

    async def all_announced() -> bool:
        return len(announced) == len(BAD)

    await until(all_announced)
    assert [subject for subject, _ in announced] == [f"notify_rejected.{reason}".encode() for *_, reason in BAD]
    assert set(announced[0][1]) == {"subject", "reason", "detail"}


async def test_it_waits_for_whoever_is_away(alice: Person, operator: Operator) -> None:
    await operator.publishes("alice", {"message": "while you were out"})

    async def there() -> bool:
        return bool(await listed(alice))

    await until(there)
    async with alice.listens(PATH, after=0) as hers:
        assert (await hers.sees("notification"))["message"] == "while you were out"


async def test_it_waits_on_disk_while_every_worker_and_nats_itself_is_away(
    fragile_servers: Servers, tmp_path: Path
) -> None:
    site = Site(fragile_servers, tmp_path)
    site.start()
    await site.signs_in("alice")
    await site.close()
    site.stop()
    async with Operator(fragile_servers.nats) as operator:
        for number in range(20):
            await operator.publishes("alice", {"message": f"number {number}"})
    # NATS has taken them with the PONG, and stores them a few milliseconds later.
    bus = Bus()
    await bus.connect(fragile_servers.nats.url, "a test", lambda: None)

    async def all_stored() -> bool:
        return await streams.waiting(bus, Subjects()) == 20

    await until(all_stored)
    await bus.close()
    fragile_servers.nats.kill()
    fragile_servers.nats.start()
    site.start()
    try:
        alice = await site.signs_in("alice")

        async def all_there() -> bool:
            return len(await listed(alice)) == 20

        await until(all_there)
        assert [item["message"] for item in await listed(alice)] == [f"number {n}" for n in reversed(range(20))]
        await site.close()
    finally:
        site.stop()


async def test_who_has_no_password_may_publish_notifications_and_nothing_else(
    site: Site, alice: Person, operator: Operator
) -> None:
    topic = f"user.{alice.id}"
    for subject in (f"evt.{topic}.notified", f"sig.{topic}.typing", "ctl.jobs", "notify_rejected.x", "$JS.API.INFO"):
        (error,) = await operator.puts(subject, b"{}")
        assert "Permissions Violation for Publish" in error
    for subject in (">", "notify.>", "evt.>", f"*.{topic}.*", "_INBOX.>"):
        (error,) = await operator.subscribes(subject)
        assert "Permissions Violation for Subscription" in error
    assert await operator.puts("notify.alice", b'{"message":"this I may"}') == []

    async def there() -> bool:
        return [item["message"] for item in await listed(alice)] == ["this I may"]

    await until(there)


async def test_a_forged_event_in_a_notification_shows_nothing(alice: Person, operator: Operator) -> None:
    """``notify.user.<id>.notified`` is one that the worker's wildcard for ``user.<id>`` matches."""
    forged = {"seq": 1, "event": {"type": "notifications_read", "user_id": alice.id, "ids": "all", "unread": 99}}
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await operator.publishes(f"user.{alice.id}.notifications_read", forged)
        await operator.publishes("alice", {"message": "real"})
        await hers.sees("notification", message="real", seq=1)
        assert [frame["type"] for frame in hers.frames] == ["hello", "caught_up", "unread_count", "notification"]


@pytest.mark.parametrize(
    ("link", "good"),
    [
        ("/", True),
        ("/post/1/?a=b#c", True),
        ("http://example.test", True),
        ("https://example.test:8443/x?y=1", True),
        ("//evil.test", False),
        ("/\\evil.test", False),
        ("https:evil", False),
        ("http://", False),
        ("http://[", False),
        ("javascript:alert(1)", False),
        ("JaVaScRiPt:alert(1)", False),
        ("data:text/html,x", False),
        ("post/1", False),
        ("", False),
        ("/a b", False),
        ("/a\nb", False),
        ("\thttps://example.test", False),
        ("/" + "x" * 2000, False),
        (7, False),
        (["/"], False),
    ],
)
def test_a_link_is_http_or_a_path_and_nothing_a_browser_reads_otherwise(link: object, good: bool) -> None:
    assert is_link(link) is good


def test_an_empty_id_would_swallow_the_next_one_and_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        decode(b'{"message":"hi","id":""}')
    assert refused.value.reason == "empty"
    with pytest.raises(Refused, match="must be one of"):
        decode(b'{"message":"hi","notification_type":"like"}')


async def test_a_subject_that_is_not_utf_8_takes_nobody_off_the_bus(
    site: Site, alice: Person, operator: Operator
) -> None:
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await operator.puts("notify.\udcff\udcfe", b"{}")
        await operator.publishes("alice", {"message": "still here"})
        assert (await hers.sees("notification"))["message"] == "still here"
    assert [line["reason"] for line in await rejected(site)] == ["unknown_user"]


def test_a_backslash_that_was_typed_is_no_character_that_cannot_be_stored() -> None:
    assert decode(b'{"message":"hi","data":{"a":"\\\\u0000 typed"}}').data == {"a": "\\u0000 typed"}
