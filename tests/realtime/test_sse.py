"""The event stream: what a socket would show, with topic and id, for who cannot have a socket."""

import asyncio
import json
import time
from uuid import uuid4

import httpx
import pytest

from tests.realtime.deaf import passes_by
from tests.shapes import A_CLOCK, A_MOMENT, A_SENTENCE, A_UUID, AN_EPOCH
from tests.site import PASSWORD, Person, Site, until
from tests.streams import Stream


@pytest.fixture
async def chat(alice: Person, bob: Person) -> str:
    """The conversation of alice and bob."""
    return await alice.starts_conversation(bob)


def is_refused(answer: httpx.Response, status: int, code: str) -> bool:
    error = answer.json()["error"]
    assert (answer.status_code, error["code"]) == (status, code), answer.text
    return set(error) == {"code", "message", "fields"} and error["message"] == A_SENTENCE


async def test_the_answer_is_a_stream_that_nothing_on_the_way_may_keep(alice: Person) -> None:
    async with alice.streams(notifications=0) as hers:
        assert hers.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert hers.headers["cache-control"] == "no-store"
        assert hers.headers["x-accel-buffering"] == "no"
        assert "content-length" not in hers.headers


async def test_sanic_is_not_left_waiting_for_a_response(site: Site, alice: Person) -> None:
    said = site.log.stat().st_size
    for _ in range(3):
        async with alice.streams(notifications=0) as hers:
            await hers.is_live()
    assert (await alice.get("/notifications/")).status_code == 200
    with site.log.open() as log:
        log.seek(said)
        assert [line for line in log if '"level": "error"' in line] == []


async def test_each_frame_is_the_sockets_with_its_topic_and_an_id_of_all_cursors(
    alice: Person, bob: Person, chat: str
) -> None:
    mine, ours = f"user.{alice.id}", f"conversation.{chat}"
    async with alice.streams(notifications=1, chat=(chat, 0)) as hers, alice.listens(f"/ws/chat/{chat}/") as socket:
        await hers.is_live()
        await socket.is_live()
        epoch = hers.frames[0]["epoch"]
        assert hers.of(mine)[:2] == [
            {"type": "hello", "topic": mine, "epoch": AN_EPOCH, "seq": 1, "resumed": True},
            {"type": "caught_up", "seq": 1, "topic": mine},
        ]
        assert hers.of(ours)[0] == {"type": "hello", "topic": ours, "epoch": AN_EPOCH, "seq": 0, "resumed": True}
        assert hers.of(ours)[1] == {"type": "caught_up", "seq": 0, "topic": ours}
        await bob.writes(chat, "Grüße <b>🙂</b>\nund mehr")
        frame = await hers.sees("chat_message")
        assert frame == await socket.sees("chat_message") | {"topic": ours}
        assert frame == {
            "type": "chat_message",
            "seq": 1,
            "message": "Grüße <b>🙂</b>\nund mehr",
            "html": "Grüße &lt;b&gt;🙂&lt;/b&gt;<br>und mehr",
            "username": "bob",
            "user_id": bob.id,
            "user_avatar": "/media/avatars/bob.jpg",
            "timestamp": A_CLOCK,
            "sent_at": A_MOMENT,
            "message_id": A_UUID,
            "number": 1,
            "client_id": None,
            "is_verified": False,
            "is_admin": False,
            "topic": ours,
        }
        await bob.put("/@alice/follow")
        await hers.sees("notification", seq=2, topic=mine)
        # Between topics there is no order, so it may have come before the message.
        assert hers.all_of("conversation_activity", "preview") == ["Grüße <b>🙂</b> und mehr"]
        assert hers.last_id == f"notifications=2&chat={chat}:1&epoch={epoch}"
        await bob.commands("typing", is_typing=True, conversation_id=chat)
        bobs = {"username": "bob", "user_id": bob.id, "topic": ours}
        assert await hers.sees("typing") == {"type": "typing", "is_typing": True} | bobs
        assert hers.of(mine)[2] == {"type": "unread_count", "count": 0, "topic": mine}


async def test_a_stream_may_have_one_topic_alone(alice: Person, bob: Person, chat: str) -> None:
    async with alice.streams(chat=(chat, None)) as hers, bob.streams(notifications=None) as his:
        await hers.is_live()
        await his.is_live()
        assert {frame["topic"] for frame in hers.frames} == {f"conversation.{chat}"}
        assert hers.frames[0]["resumed"] is False
        await bob.writes(chat, "hi")
        assert (await hers.sees("chat_message"))["seq"] == 1
        await his.sees("conversation_activity")


async def test_the_last_event_id_goes_on_where_the_stream_broke_and_comes_before_the_query(
    alice: Person, bob: Person, chat: str
) -> None:
    async with alice.streams(notifications=0, chat=(chat, 0)) as hers:
        await hers.is_live()
        sent = [await bob.writes(chat, f"number {number}") for number in range(3)]
        await hers.sees("chat_message", seq=2)
        last_id = hers.last_id
    sent.append(await bob.writes(chat, "while away"))
    async with alice.streams(notifications=0, chat=(chat, 0), last_id=last_id) as hers:
        await hers.is_live()
        ours = [{**frame, "topic": f"conversation.{chat}"} for frame in sent[2:]]
        assert [frame for frame in hers.frames if frame["type"] == "chat_message"] == ours
        assert "conversation_joined" not in [frame["type"] for frame in hers.frames], "seen before"


async def test_the_id_holds_a_cursor_once_caught_up_and_never_one_that_was_reset(
    alice: Person, bob: Person, chat: str
) -> None:
    await bob.writes(chat, "one")
    async with alice.streams(chat=(chat, None)) as hers:
        assert (await hers.next())["type"] == "hello"
        assert f"chat={chat}:&epoch=" in hers.last_id
        await hers.sees("caught_up")
        assert f"chat={chat}:1&epoch=" in hers.last_id
    async with alice.streams(notifications=1, chat=(chat, 7)) as hers:
        assert await hers.closed() == 1000
        assert [frame["type"] for frame in hers.of(f"conversation.{chat}")][:2] == ["hello", "reset"]
        assert f"chat={chat}:&epoch=" in hers.last_id


@pytest.mark.parametrize(
    "places",
    [
        "",
        "watch={}",
        "notifications=x",
        "notifications=-1",
        "notifications=1.5",
        "notifications=" + "9" * 19,
        "notifications=٣",
        "notifications=1&notifications=2",
        "chat=nothing:1",
        "chat=:1",
        f"chat={uuid4()}:x",
        f"chat={uuid4()}:1&chat={uuid4()}:1",
        "notifications=%ff",
        "&".join(["notifications=1"] * 30),
    ],
)
async def test_places_that_are_none_are_refused_in_the_query_and_in_the_last_event_id(
    alice: Person, places: str
) -> None:
    assert is_refused(await alice.asks_for_a_stream(places), 400, "bad_cursor")
    if places:
        answer = await alice.asks_for_a_stream("notifications=1", last_event_id=places.encode())
        assert is_refused(answer, 400, "bad_cursor")


async def test_another_epoch_a_future_and_too_far_behind_are_reset(alice: Person, bob: Person, chat: str) -> None:
    await bob.writes(chat, "one")
    epoch = (await alice.get(f"/conversations/{chat}/")).json()["epoch"]
    for places in ({"chat": (chat, 1), "epoch": "another"}, {"chat": (chat, 2), "epoch": epoch}):
        async with alice.streams(**places) as hers:
            assert await hers.closed() == 1000
            assert [frame["type"] for frame in hers.frames] == ["hello", "reset", "closed"]
            assert hers.frames[0]["resumed"] is False
    async with alice.streams(chat=(chat, 0), epoch=epoch) as hers:
        await hers.is_live()
        assert hers.all_of("chat_message", "message") == ["one"]


async def test_who_is_signed_in_comes_in_and_a_visitor_does_not(site: Site, alice: Person, chat: str) -> None:
    visitor = await site.visitor()
    assert is_refused(await visitor.asks_for_a_stream("notifications=0"), 401, "not_signed_in")
    assert is_refused(await visitor.asks_for_a_stream(f"chat={chat}:0"), 401, "not_signed_in")
    assert is_refused(await visitor.asks_for_a_stream("x", authorization="Bearer nonsense"), 401, "not_signed_in")
    assert (await alice.http.head("/sse/?notifications=0")).status_code == 405
    async with alice.streams(notifications=0) as hers:
        await hers.is_live()


async def test_mallory_cannot_listen_and_bob_can(alice: Person, bob: Person, mallory: Person, chat: str) -> None:
    for query in (f"chat={chat}:0", f"notifications=0&chat={chat}:0"):
        refused = await mallory.asks_for_a_stream(query)
        missing = await bob.asks_for_a_stream(query.replace(chat, str(uuid4())))
        assert is_refused(refused, 403, "forbidden")
        assert refused.content == missing.content
    by_id = await mallory.asks_for_a_stream("notifications=0", last_event_id=f"chat={chat}:0")
    assert is_refused(by_id, 403, "forbidden")
    async with bob.streams(notifications=0, chat=(chat, 0)) as his:
        await his.is_live()


async def test_a_foreign_page_cannot_use_the_cookie_and_our_own_can(site: Site, alice: Person, bob: Person) -> None:
    for headers in (
        {"origin": "https://evil.test", "sec_fetch_site": "cross-site"},
        {"origin": site.url.replace("127.0.0.1", "localhost"), "sec_fetch_site": "same-site"},
        {"origin": "null", "sec_fetch_site": None},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
    ):
        assert is_refused(await alice.asks_for_a_stream("notifications=0", **headers), 403, "foreign_origin"), headers
    for headers in ({"Sec-Fetch-Site": "same-origin"}, {"Origin": site.url}, {}):
        cookie = {"Cookie": alice.stream_headers()["Cookie"]}
        async with Stream(f"{site.url}/sse/?notifications=0", cookie | headers) as hers:
            await hers.is_live()
    token = (await alice.post("/tokens", {"username": "alice", "password": PASSWORD})).json()["token"]
    program = {"Authorization": f"Bearer {token}", "Sec-Fetch-Site": "cross-site"}
    async with Stream(f"{site.url}/sse/?notifications=0", program) as its:
        await its.is_live()


async def test_what_a_page_watches_stands_in_the_query(alice: Person, bob: Person) -> None:
    post = (await alice.post("/posts", {"body": "Opinions?"})).json()["id"]
    await bob.put(f"/post/{post}/like")
    await bob.put("/@alice/follow")
    watch = {"posts": {str(post): 0}, "feed": True, "after_post": post}
    async with bob.streams(notifications=None, watch=watch) as his:
        mine = {"topic": f"user.{bob.id}"}
        liked = {"type": "post_changed", "seq": 1, "post_id": post, "likes": 1, "comments": 0} | mine
        assert await his.sees("post_changed") == liked
        before = his.last_id
        await alice.put(f"/post/{post}/like")
        assert await his.sees("post_changed") == liked | {"seq": 2, "likes": 2}
        assert his.last_id == before, "its seq is the post's"
        newer = (await alice.post("/posts", {"body": "More"})).json()["id"]
        assert await his.sees("new_post") == {"type": "new_post", "post_id": newer, "username": "alice"} | mine


async def test_presence_is_shown_to_whom_the_address_names(alice: Person, bob: Person) -> None:
    async with alice.streams(notifications=None, presence={"user_ids": [bob.id]}) as hers:
        mine = {"type": "presence", "user_id": bob.id, "username": "bob", "topic": f"user.{alice.id}"}
        await hers.sees("presence", **mine, state="offline")
        async with bob.streams(notifications=None) as his:
            await his.is_live()
            await hers.sees("presence", **mine, state="online")
        async with bob.streams(notifications=None, active={"is_active": False}) as his:
            await his.is_live()
            await hers.sees("presence", **mine, state="away")
    refused = await alice.asks_for_a_stream(f"notifications=&presence={json.dumps({'user_ids': [1] * 201})}")
    assert is_refused(refused, 422, "too_many")


async def test_a_hundred_posts_fit_into_the_address(alice: Person) -> None:
    watch = {"posts": {str(2_000_000_000 + n): 1_000_000 for n in range(100)}, "feed": True, "after_post": 2**31 - 1}
    async with alice.streams(notifications=10**17, watch=watch) as hers:
        assert await hers.closed() == 1000


@pytest.mark.parametrize(
    ("watch", "status", "code"),
    [
        ("{", 400, "invalid_json"),
        ("[]", 400, "invalid_json"),
        ("[" * 2000, 400, "invalid_json"),
        ('{"posts":{"a.b":1}}', 422, "wrong_type"),
        ('{"posts":{"1":-1}}', 422, "wrong_type"),
        ('{"posts":[1]}', 422, "wrong_type"),
        ('{"colour":1}', 422, "unknown_field"),
        (json.dumps({"posts": {str(n): None for n in range(101)}}), 422, "too_many"),
    ],
)
async def test_a_bad_watch_is_refused(alice: Person, watch: str, status: int, code: str) -> None:
    answer = await alice.http.get(
        "/sse/", params={"notifications": 0, "watch": watch}, headers={"accept": "text/event-stream"}
    )
    assert is_refused(answer, status, code)


async def test_the_end_of_the_session_ends_the_stream_and_says_so(alice: Person, bob: Person, chat: str) -> None:
    elsewhere = await alice.site.signs_in("alice")
    async with (
        alice.streams(notifications=0, chat=(chat, 0)) as hers,
        alice.streams(chat=(chat, 0)) as her_chat,
        elsewhere.streams(notifications=0, chat=(chat, 0)) as other,
    ):
        for stream in (hers, her_chat, other):
            await stream.is_live()
        began = time.monotonic()
        assert (await alice.post("/logout")).status_code == 204
        assert await hers.closed() == 4401
        assert await her_chat.closed() == 4401
        assert set(hers.frames[-1]) == {"type", "code", "topic"}
        assert time.monotonic() - began < 2
        await bob.writes(chat, "only for the other one")
        await other.sees("chat_message", message="only for the other one")
    assert is_refused(await alice.asks_for_a_stream("notifications=0"), 401, "not_signed_in")


async def test_a_server_that_stops_says_that_it_restarts(site: Site, alice: Person, bob: Person, chat: str) -> None:
    other = Site(site.servers, site.log.parent)
    other.start()
    try:
        away = Person(other, {})
        away.http.cookies = alice.http.cookies
        async with away.streams(notifications=0, chat=(chat, 0)) as page, alice.streams(chat=(chat, 0)) as here:
            await page.is_live()
            await here.is_live()
            stopping = asyncio.get_running_loop().run_in_executor(None, other.stop)
            assert await page.closed() == 1012
            await stopping
            await bob.writes(chat, "still here")
            await here.sees("chat_message", message="still here")
            last_id = page.last_id
        async with alice.streams(notifications=0, last_id=last_id) as again:
            await again.sees("chat_message", message="still here")
        await away.http.aclose()
    finally:
        if other.process.poll() is None:
            other.stop()


async def test_streams_and_sockets_are_counted_together(strict_site: Site) -> None:
    alice, bob = await strict_site.signs_in("alice"), await strict_site.signs_in("bob")
    path = "/ws/notifications/"
    async with alice.listens(path), alice.streams(notifications=0) as one, alice.streams(notifications=0):
        refused = await alice.asks_for_a_stream("notifications=0")
        assert is_refused(refused, 429, "too_many_sockets")
        assert int(refused.headers["retry-after"]) > 0
        assert (await alice.shakes_hands(path)).status_code == 429
        async with bob.streams(notifications=0) as his:
            await his.is_live()
        one.breaks()

        async def has_room() -> bool:
            return (await alice.shakes_hands(path, sec_websocket_key="none")).status_code == 400 and (
                await alice.asks_for_a_stream("chat=x")
            ).status_code == 400

        await until(has_room)
        async with alice.listens(path) as again:
            await again.is_live()


async def test_a_heartbeat_keeps_a_quiet_stream(strict_site: Site) -> None:
    alice = await strict_site.signs_in("alice")
    async with alice.streams(notifications=0) as hers:
        await hers.sees("unread_count")
        for _ in range(3):
            await hers.beats()


async def test_a_peer_that_never_reads_is_dropped_and_delays_nobody(strict_site: Site) -> None:
    """Its 32 KB buffer, and 64 KB in the kernel, are soon full: it is dropped, and bob has it all."""
    alice, bob = await strict_site.signs_in("alice"), await strict_site.signs_in("bob")
    conversation = await alice.starts_conversation(bob)
    async with (
        alice.streams(notifications=0, chat=(conversation, 0), buffer_bytes=1024) as deaf,
        bob.streams(chat=(conversation, 0)) as his,
    ):
        await deaf.sees("caught_up", topic=f"conversation.{conversation}")
        last_id = deaf.last_id
        await his.is_live()
        await passes_by(deaf, conversation, alice, his)

        async def is_dropped() -> bool:
            # The write fails as soon as the server has reset the connection.
            deaf.writer.write(b"\r\n")
            return deaf.writer.transport.is_closing()

        await until(is_dropped, 5)
    async with alice.streams(notifications=0, last_id=last_id) as again:
        for number in range(60):
            await again.sees("chat_message", number=number + 1)


async def test_under_many_events_and_reconnects_each_comes_once_and_in_order(
    site: Site, strict_site: Site, alice: Person, bob: Person, carol: Person
) -> None:
    """Carol reads as she goes, her line breaks at any moment, and she comes back to either worker."""
    team = await alice.starts_conversation(bob, carol, title="Team")
    elsewhere = Person(strict_site, {})
    elsewhere.http.cookies = carol.http.cookies
    strict_site.people.append(elsewhere)
    each = 60

    async def talks(author: Person) -> None:
        for number in range(each):
            answer = await author.commands("chat_message", message=f"{number}", conversation_id=team)
            assert answer.status_code == 204
            if number % 20 == 0:
                await author.post("/posts", {"body": f"@carol {number}"})

    seen: dict[str, list[int]] = {f"conversation.{team}": [], f"user.{carol.id}": []}
    texts: list[tuple[str, str]] = []
    talking = asyncio.gather(talks(alice), talks(bob))
    last_id, rounds = "", 0
    while len(texts) < 2 * each:
        rounds += 1
        reader = carol if rounds % 2 else elsewhere
        async with reader.streams(notifications=0, chat=(team, 0), last_id=last_id) as hers:
            for _ in range(5 + rounds * 7 % 40):
                frame = await hers.next()
                last_id = hers.last_id
                if frame["type"] in ("chat_message", "notification", "conversation_joined", "skip"):
                    seen[frame["topic"]].append(frame["seq"])
                if frame["type"] == "chat_message":
                    texts.append((frame["username"], frame["message"]))
                    if len(texts) == 2 * each:
                        break
    await talking
    assert rounds > 3
    assert seen[f"conversation.{team}"] == list(range(1, 2 * each + 1))
    assert seen[f"user.{carol.id}"] == list(range(1, len(seen[f"user.{carol.id}"]) + 1))
    for author in ("alice", "bob"):
        assert [text for name, text in texts if name == author] == [f"{number}" for number in range(each)]
