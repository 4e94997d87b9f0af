"""Presence over two workers that really run: arriving, leaving, dying, hiding, and a NATS that is gone."""

import asyncio
import os
import shutil
import signal
import time
from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bus.connection import Bus
from bus.presence import bucket_config
from bus.subjects import Subjects
from tests.blueprints.test_health import number
from tests.shapes import A_MOMENT
from tests.site import Person, Servers, Site, until
from tests.sockets import Socket

PATH = "/ws/notifications/"
SECONDS = 3.0
CHANGE = 5.0
SLACK = 2.0


@pytest.fixture(scope="module")
def own_servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servers]:
    """Servers of our own, which may be killed."""
    servers = Servers(tmp_path_factory.mktemp("presence"))
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture(scope="module")
def both(own_servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Site]]:
    folder = tmp_path_factory.mktemp("workers")
    sites = [Site(own_servers, folder, presence_seconds=SECONDS) for _ in range(2)]
    for site in sites:
        site.start()
    yield sites
    for site in sites:
        site.stop()


@pytest.fixture
async def here(both: list[Site]) -> AsyncIterator[Site]:
    """Where alice is, who looks."""
    await both[0].empty()
    yield both[0]
    await both[0].close()


@pytest.fixture
async def there(here: Site, both: list[Site]) -> AsyncIterator[Site]:
    """Another worker, where the others are."""
    yield both[1]
    await both[1].close()


@pytest.fixture
async def alice(here: Site) -> Person:
    return await here.signs_in("alice")


@pytest.fixture
async def bob(there: Site) -> Person:
    return await there.signs_in("bob")


async def looks_at(page: Socket, *people: Person) -> None:
    """Follow these people; their present state is the next thing that is seen of each."""
    await page.is_live()
    await page.says("presence", user_ids=[person.id for person in people])


async def sees(page: Socket, person: Person, state: str) -> dict[str, Any]:
    return await page.sees("presence", user_id=person.id, state=state)


def states_since_online(page: Socket, person: Person) -> list[str]:
    """Every state that the page was told of the person, from the first time they were online."""
    told = [frame["state"] for frame in page.frames if frame.get("user_id") == person.id]
    return told[told.index("online") :]


async def test_arriving_and_leaving_at_another_worker(alice: Person, bob: Person) -> None:
    async with alice.listens(PATH) as hers:
        await looks_at(hers, bob)
        shown = {"type": "presence", "user_id": bob.id, "username": "bob"}
        # In the first moments of a site it is unknown, as others might not have spoken yet.
        assert await sees(hers, bob, "offline") == shown | {"state": "offline", "last_seen": None}
        async with bob.listens(PATH) as his:
            await his.is_live()
            assert await hers.sees("presence") == shown | {"state": "online", "last_seen": None}
        assert await hers.sees("presence") == shown | {"state": "offline", "last_seen": A_MOMENT}


async def test_who_looks_later_is_told_at_once_how_it_is(alice: Person, bob: Person) -> None:
    async with bob.listens(PATH) as his, alice.listens(PATH) as hers:
        await looks_at(his, bob)
        await sees(his, bob, "online")
        await looks_at(hers, bob, alice)
        shown = [await hers.sees("presence") for _ in range(2)]
        assert {frame["user_id"]: frame["state"] for frame in shown}[bob.id] == "online"


async def test_away_is_when_every_page_says_so(alice: Person, bob: Person) -> None:
    async with alice.listens(PATH) as hers, bob.listens(PATH) as one, bob.listens(PATH) as other:
        await looks_at(hers, bob)
        await sees(hers, bob, "online")
        await one.is_live()
        await other.is_live()
        await one.says("active", is_active=False)
        await other.says("active", is_active=False)
        assert (await sees(hers, bob, "away"))["last_seen"] == A_MOMENT
        await other.says("active", is_active=True)
        assert (await sees(hers, bob, "online"))["last_seen"] is None


async def test_a_reload_shows_nothing_also_when_it_lands_at_another_worker(
    here: Site, alice: Person, bob: Person
) -> None:
    elsewhere = await here.signs_in("bob")
    async with alice.listens(PATH) as hers:
        await looks_at(hers, bob)
        await sees(hers, bob, "offline")
        for person in (bob, elsewhere, bob, elsewhere):
            async with person.listens(PATH) as his:
                await looks_at(his, bob)
                await sees(his, bob, "online")
        await sees(hers, bob, "offline")
        assert hers.all_of("presence", "state") == ["offline", "online", "offline"]


async def test_a_second_tab_is_not_seen_coming_or_going(here: Site, alice: Person, bob: Person) -> None:
    elsewhere = await here.signs_in("bob")
    async with alice.listens(PATH) as hers:
        await looks_at(hers, bob)
        await sees(hers, bob, "offline")
        async with bob.listens(PATH) as his:
            await sees(hers, bob, "online")
            for person in (bob, elsewhere):
                async with person.listens(PATH) as tab:
                    await tab.is_live()
            await his.is_live()
        await sees(hers, bob, "offline")
        assert [f["state"] for f in hers.frames if f["type"] == "presence"][-2:] == ["online", "offline"]
        assert hers.all_of("presence", "state").count("online") == 1


async def test_the_numbers_of_presence(here: Site, there: Site, alice: Person, bob: Person) -> None:
    async def told(person: Person, name: str) -> float:
        return number(await person.http.get("/metrics"), f"natter_presence_{name}") or 0.0

    puts, changes = await told(bob, "puts_total"), await told(alice, "changes_total")
    async with alice.listens(PATH) as hers, bob.listens(PATH) as his:
        await his.is_live()
        await looks_at(hers, bob, alice)
        await sees(hers, bob, "online")

        async def are_counted() -> bool:
            # Whom a test before this one showed are followed for some seconds more.
            return (await told(alice, "present"), await told(alice, "followed"), await told(bob, "present")) == (
                1,
                2,
                1,
            )

        await until(are_counted)
        assert (await told(alice, "unknown"), await told(bob, "unknown")) == (0, 0)
        assert await told(bob, "puts_total") > puts
        assert await told(alice, "changes_total") > changes

    async def are_gone() -> bool:
        return (await told(alice, "followed"), await told(bob, "present")) == (0, 0)

    await until(are_gone)


async def test_a_worker_that_is_killed_takes_only_those_along_who_are_nowhere_else(
    own_servers: Servers, tmp_path: Path, here: Site, there: Site, alice: Person
) -> None:
    doomed = Site(own_servers, tmp_path, presence_seconds=SECONDS)
    doomed.start()
    bob, carol = await doomed.signs_in("bob"), await doomed.signs_in("carol")
    carol_elsewhere = await there.signs_in("carol")
    async with (
        alice.listens(PATH) as hers,
        bob.listens(PATH) as his,
        carol.listens(PATH) as one,
        carol_elsewhere.listens(PATH) as other,
    ):
        for page in (his, one, other):
            await page.is_live()
        await looks_at(hers, bob, carol)
        await sees(hers, bob, "online")
        os.kill(doomed.process.pid, signal.SIGKILL)
        killed = time.monotonic()
        await sees(hers, bob, "offline")
        # He may have arrived just before, and nothing changes twice in five seconds.
        assert time.monotonic() - killed < max(SECONDS, CHANGE) + SLACK
        doomed.process.wait()
        await other.says("active", is_active=False)
        await sees(hers, carol, "away")
        assert "offline" not in states_since_online(hers, carol)
    await doomed.close()


async def test_a_worker_that_stops_leaves_its_people_the_grace_to_come_back(
    own_servers: Servers, tmp_path: Path, there: Site, alice: Person
) -> None:
    leaving = Site(own_servers, tmp_path, presence_seconds=SECONDS)
    leaving.start()
    bob, carol = await leaving.signs_in("bob"), await leaving.signs_in("carol")
    bob_elsewhere = await there.signs_in("bob")
    async with alice.listens(PATH) as hers, bob.listens(PATH) as his, carol.listens(PATH) as theirs:
        await his.is_live()
        await theirs.is_live()
        await looks_at(hers, bob, carol)
        await sees(hers, carol, "online")
        leaving.process.send_signal(signal.SIGTERM)
        assert await his.closed() == 1012
        async with bob_elsewhere.listens(PATH) as again:
            await again.is_live()
            await sees(hers, carol, "offline")
            assert "offline" not in states_since_online(hers, bob)
    leaving.stop()
    await leaving.close()


async def test_flapping_changes_what_is_shown_at_most_once_in_five_seconds(alice: Person, bob: Person) -> None:
    async with alice.listens(PATH) as hers, bob.listens(PATH) as his:
        await his.is_live()
        await looks_at(hers, bob)
        await sees(hers, bob, "online")
        began = time.monotonic()
        changed = []

        async def flaps() -> None:
            for beat in range(24):
                await his.says("active", is_active=beat % 2 == 1)
                await asyncio.sleep(0.5)  # the pace of the flapping itself

        flapping = asyncio.create_task(flaps())
        while not flapping.done():
            seeing = asyncio.create_task(hers.sees("presence", user_id=bob.id))
            await asyncio.wait({seeing, flapping}, return_when=asyncio.FIRST_COMPLETED)
            if seeing.done():
                changed.append(time.monotonic() - began)
            else:
                seeing.cancel()
        assert changed, "some of it is shown"
        assert all(later - earlier > CHANGE - 0.3 for earlier, later in pairwise(changed)), changed


async def test_hiding_holds_at_once_on_open_pages_and_for_new_ones(
    here: Site, alice: Person, bob: Person, own_servers: Servers
) -> None:
    async with alice.listens(PATH) as hers, bob.listens(PATH) as his:
        await his.is_live()
        await looks_at(hers, bob)
        await sees(hers, bob, "online")
        began = time.monotonic()
        assert (await bob.put("/settings/presence", {"hidden": True})).status_code == 204
        assert (await sees(hers, bob, "unknown"))["last_seen"] is None
        assert time.monotonic() - began < 2
        assert (await bob.get("/settings")).json()["hides_presence"] is True
        await his.says("active", is_active=False)
        async with alice.listens(PATH) as fresh, bob.listens(PATH) as another:
            await another.is_live()
            await looks_at(fresh, bob)
            frame = await fresh.sees("presence")
            assert (frame["state"], frame["last_seen"]) == ("unknown", None)
        assert (await bob.put("/settings/presence", {"hidden": False})).status_code == 204
        await sees(hers, bob, "away")
        assert (await stored(own_servers, bob))[0] is False


async def test_who_are_hidden_from_each_other_see_nothing_of_it(here: Site, alice: Person, bob: Person) -> None:
    carol = await here.signs_in("carol")
    async with alice.listens(PATH) as hers, bob.listens(PATH) as his, carol.listens(PATH) as others:
        await looks_at(hers, bob)
        for page in (his, others):
            await looks_at(page, alice)
            await sees(page, alice, "online")
        await sees(hers, bob, "online")
        began = time.monotonic()
        await alice.put("/@bob/block")
        for page, person in ((hers, bob), (his, alice)):
            assert (await sees(page, person, "unknown"))["last_seen"] is None
        assert time.monotonic() - began < 2
        async with bob.listens(PATH) as later:
            await looks_at(later, alice)
            assert (await later.sees("presence"))["state"] == "unknown"
            await hers.says("active", is_active=False)
            await sees(others, alice, "away")
            for page in (his, later):
                assert [f for f in page.frames if f["type"] == "presence"][-1]["state"] == "unknown"
            await alice.delete("/@bob/block")
            for page in (his, later):
                await sees(page, alice, "away")
        await sees(hers, bob, "online")


async def stored(servers: Servers, person: Person) -> tuple[bool, Any]:
    connection = await asyncpg.connect(servers.postgres.url)
    try:
        row = await connection.fetchrow("SELECT hides_presence, last_seen_at FROM users WHERE id = $1", person.id)
        return row["hides_presence"], row["last_seen_at"]
    finally:
        await connection.close()


async def test_last_seen_is_stored_when_a_worker_stops_and_forgotten_by_hiding(
    own_servers: Servers, tmp_path: Path, alice: Person
) -> None:
    leaving = Site(own_servers, tmp_path, presence_seconds=SECONDS)
    leaving.start()
    bob = await leaving.signs_in("bob")
    async with bob.listens(PATH) as his:
        await his.is_live()
        await his.sees("unread_count")
        assert (await stored(own_servers, bob))[1] is None
        leaving.process.send_signal(signal.SIGTERM)
        assert await his.closed() == 1012
    leaving.stop()
    await leaving.close()
    assert (await stored(own_servers, bob))[1] is not None
    bob = await alice.site.signs_in("bob")
    await bob.put("/settings/presence", {"hidden": True})
    assert await stored(own_servers, bob) == (True, None)


async def test_without_nats_everyone_is_unknown_and_comes_back_by_itself(
    own_servers: Servers, alice: Person, bob: Person, carol_offline: Person
) -> None:
    nats = own_servers.nats
    async with alice.listens(PATH) as hers, bob.listens(PATH) as his:
        await his.is_live()
        await looks_at(hers, bob, carol_offline)
        await sees(hers, bob, "online")
        os.kill(nats.pid, signal.SIGSTOP)
        try:
            await sees(hers, bob, "unknown")
            assert number(await alice.http.get("/metrics"), "natter_presence_unknown") == 1
        finally:
            os.kill(nats.pid, signal.SIGCONT)
        await sees(hers, bob, "online")
        nats.stop()
        await sees(hers, bob, "unknown")
        nats.start()
        await sees(hers, bob, "online")
        assert "offline" not in states_since_online(hers, bob)
        await his.hangs_up()
        await sees(hers, bob, "offline")
        # The bucket was in memory, and so is new: who comes now finds in it what there is.
        async with alice.listens(PATH) as fresh:
            await looks_at(fresh, alice)
            await sees(fresh, alice, "online")


@pytest.fixture
async def carol_offline(there: Site) -> Person:
    return await there.signs_in("carol")


async def test_a_bucket_that_is_wiped_fills_again(
    own_servers: Servers, tmp_path: Path, alice: Person, bob: Person
) -> None:
    bus = Bus()
    await bus.connect(own_servers.nats.url, "a test", lambda: None)
    name = str(bucket_config(Subjects()).name)
    async with alice.listens(PATH) as hers, bob.listens(PATH) as his:
        await his.is_live()
        await looks_at(hers, bob)
        await sees(hers, bob, "online")
        await bus.jetstream.delete_stream(name)

        async def is_full_again() -> bool:
            try:
                return (await bus.jetstream.stream_info(name)).state.messages >= 2
            except Exception:
                return False

        await until(is_full_again)
        # Who asks a worker that knows nothing yet is told what the bucket holds.
        third = Site(own_servers, tmp_path, presence_seconds=SECONDS)
        third.start()
        carol = await third.signs_in("carol")
        async with carol.listens(PATH) as theirs:
            await looks_at(theirs, bob)
            assert (await theirs.sees("presence"))["state"] == "online"
        third.stop()
        await third.close()
        assert "offline" not in states_since_online(hers, bob)
    await bus.close()


async def test_a_nats_whose_folder_was_wiped_has_presence_again(
    own_servers: Servers, here: Site, alice: Person, bob: Person
) -> None:
    nats = own_servers.nats
    async with alice.listens(PATH) as hers, bob.listens(PATH) as his:
        await his.is_live()
        await looks_at(hers, bob)
        await sees(hers, bob, "online")
        nats.stop()
        shutil.rmtree(nats.data_dir / "nats")
        await sees(hers, bob, "unknown")
        nats.start()
        await sees(hers, bob, "online")
        # Who looks only now finds in the new bucket what has been said by then, and is told nothing wrong before.
        async with (await here.signs_in("carol")).listens(PATH) as theirs:
            await looks_at(theirs, bob)
            await sees(theirs, bob, "online")
            assert set(theirs.all_of("presence", "state")) <= {"unknown", "online"}
        await his.hangs_up()
        await sees(hers, bob, "offline")
        assert states_since_online(hers, bob)[-3:] == ["unknown", "online", "offline"]


async def test_hosts_whose_clocks_differ_by_minutes_agree(
    own_servers: Servers, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, alice: Person, there: Site
) -> None:
    hosts = []
    for seconds in (-120, 120):
        monkeypatch.setenv("NATTER_CLOCK", str(seconds))
        hosts.append(Site(own_servers, tmp_path, "tests.realtime.wrong_clock_worker", presence_seconds=SECONDS))
        hosts[-1].start()
    behind, ahead = hosts
    try:
        bob_behind, bob_ahead = await behind.signs_in("bob"), await ahead.signs_in("bob")
        carols = [await host.signs_in("carol") for host in (behind, ahead)]
        async with alice.listens(PATH) as hers, carols[0].listens(PATH) as one, carols[1].listens(PATH) as other:
            # First where the clock is ahead: what is seen later, elsewhere, must not look older.
            for page in (hers, one, other):
                await page.is_live()
            for bob in (bob_ahead, bob_behind):
                async with bob.listens(PATH) as his:
                    await his.is_live()
                    for page in (hers, one, other):
                        await page.says("presence", user_ids=[bob.id])
                        await sees(page, bob, "online")
                    left = time.time()
                for page in (hers, one, other):
                    frame = await sees(page, bob, "offline")
                    assert abs(datetime.fromisoformat(frame["last_seen"]).timestamp() - left) < 2
    finally:
        for host in hosts:
            host.stop()
            await host.close()
    moment = (await stored(own_servers, bob_ahead))[1]
    assert abs(moment.timestamp() - left) < 2


async def test_following_others_forgets_those_before(alice: Person, bob: Person, carol_offline: Person) -> None:
    async with alice.listens(PATH) as hers:
        await looks_at(hers, bob)
        await sees(hers, bob, "offline")
        await hers.says("presence", user_ids=[carol_offline.id])
        await sees(hers, carol_offline, "offline")
        async with bob.listens(PATH) as his, carol_offline.listens(PATH) as theirs:
            await his.is_live()
            await theirs.is_live()
            await sees(hers, carol_offline, "online")
        await sees(hers, carol_offline, "offline")
        assert [f["state"] for f in hers.frames if f.get("user_id") == bob.id] == ["offline"]


async def test_two_hundred_people_can_be_followed_and_who_does_not_exist_is_passed_over(
    alice: Person, bob: Person
) -> None:
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        strangers = [10**9 + number for number in range(199)]
        await hers.says("presence", user_ids=[*strangers, bob.id])
        await sees(hers, bob, "offline")
        assert hers.all_of("presence", "user_id") == [bob.id]


@pytest.mark.parametrize(
    ("command", "wanted", "code", "field"),
    [
        ("presence", {"user_ids": list(range(1, 202))}, "too_many", "user_ids"),
        ("presence", {"user_ids": ["1"]}, "wrong_type", "user_ids"),
        ("presence", {"user_ids": [0]}, "wrong_type", "user_ids"),
        ("presence", {"user_ids": [10**30]}, "wrong_type", "user_ids"),
        ("presence", {"user_ids": 1}, "wrong_type", "user_ids"),
        ("presence", {}, "missing_field", "user_ids"),
        ("presence", {"user_ids": [], "colour": 1}, "unknown_field", "colour"),
        ("active", {}, "missing_field", "is_active"),
        ("active", {"is_active": "yes"}, "wrong_type", "is_active"),
    ],
)
async def test_a_bad_command_is_an_error(
    alice: Person, command: str, wanted: dict[str, Any], code: str, field: str
) -> None:
    async with alice.listens(PATH) as hers:
        await hers.is_live()
        await hers.says(command, **wanted)
        refused = await hers.sees("error")
        assert (refused["code"], refused["command"], refused["field"]) == (code, command, field)


async def test_a_chat_knows_no_presence(alice: Person, bob: Person) -> None:
    conversation = await alice.starts_conversation(bob)
    async with alice.listens(f"/ws/chat/{conversation}/") as chat:
        await chat.is_live()
        await chat.says("presence", user_ids=[bob.id])
        assert (await chat.sees("error"))["code"] == "unknown_type"


async def test_the_settings_form_hides_and_shows(bob: Person, own_servers: Servers) -> None:
    assert (await bob.submits("/settings/presence", method="PUT", hidden="true")).status_code == 303
    assert (await stored(own_servers, bob))[0] is True
    assert "checked" in (await bob.opens("/settings")).text.partition('name="hidden"')[2][:40]
    assert (await bob.submits("/settings/presence", method="PUT")).status_code == 303
    assert (await stored(own_servers, bob))[0] is False
    assert (await bob.put("/settings/presence", {"hidden": "perhaps"})).status_code == 422
