"""Whether it breathes, whether it can serve, and its numbers: true under each fault, and soon said."""

import os
import re
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path

import asyncpg
import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from app.health import Waits
from app.metrics import METRICS
from bus.connection import Bus
from bus.streams import Held
from tests.site import ROOT, Person, Servers, Site, until
from tests.test_outage import children

PARTS = ["database", "bus", "intake", "jobs", "accepting", "workers"]
SOON = 0.05


@pytest.fixture
async def lonely_site(fragile_servers: Servers, tmp_path: Path) -> AsyncIterator[Site]:
    """A worker whose servers nobody else uses."""
    site = Site(fragile_servers, tmp_path)
    site.start()
    yield site
    await site.close()
    site.stop()


@pytest.fixture
async def client(lonely_site: Site) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(base_url=lonely_site.url) as client:
        yield client


def freeze(*processes: int) -> Callable[[], None]:
    """Stop them all, and give what lets them go on."""
    for process in processes:
        os.kill(process, signal.SIGSTOP)

    def go_on() -> None:
        for process in processes:
            os.kill(process, signal.SIGCONT)

    return go_on


async def bad_parts(client: httpx.AsyncClient) -> dict[str, str]:
    """What is not well, and why; the status always fits."""
    answer = await client.get("/readyz")
    parts = answer.json()["parts"]
    assert list(parts) == PARTS
    bad = {name: part["why"] for name, part in parts.items() if not part["ok"]}
    assert all(bad.values())
    assert (answer.status_code, answer.json()["status"]) == ((503, "not ready") if bad else (200, "ready"))
    return bad


async def becomes(client: httpx.AsyncClient, *bad: str, seconds: float = 10.0) -> dict[str, str]:
    """Wait until exactly these parts are not well."""
    seen: dict[str, str] = {}

    async def so() -> bool:
        seen.clear()
        seen.update(await bad_parts(client))
        return set(seen) == set(bad)

    await until(so, seconds)
    return seen


async def test_a_site_that_is_well(site: Site, alice: Person) -> None:
    assert (await alice.http.get("/healthz")).json() == {"status": "ok"}
    answer = await alice.http.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ready", "parts": {name: {"ok": True, "why": ""} for name in PARTS}}


async def test_a_database_that_hangs(lonely_site: Site, client: httpx.AsyncClient) -> None:
    postgres = lonely_site.servers.postgres
    go_on = freeze(postgres.pid, *children(postgres.pid))
    try:
        why = await becomes(client, "database", "jobs", "workers")
        assert why["database"].startswith("the database has not answered for ")
        assert why["workers"] == "0 of 1 can serve"
        for path, status in [("/healthz", 200), ("/readyz", 503), ("/metrics", 200)]:
            answers = [await client.get(path) for _ in range(10)]
            assert [answer.status_code for answer in answers] == [status] * 10
            # The quickest: how busy this machine is says nothing, and what waits for PostgreSQL always waits.
            assert min(answer.elapsed.total_seconds() for answer in answers) < SOON
        assert number(await client.get("/metrics"), "natter_jobs_waiting") is None
    finally:
        go_on()
    await becomes(client)


async def test_a_nats_that_hangs(lonely_site: Site, client: httpx.AsyncClient) -> None:
    go_on = freeze(lonely_site.servers.nats.pid)
    try:
        why = await becomes(client, "bus", "intake", "workers")
        assert why["bus"].startswith("nothing has come back over NATS for ")
        assert (await client.get("/healthz")).status_code == 200
    finally:
        go_on()
    await becomes(client)


@pytest.mark.parametrize("server", ["nats", "postgres"])
async def test_a_server_that_is_killed_and_comes_back(
    lonely_site: Site, client: httpx.AsyncClient, server: str
) -> None:
    victim = getattr(lonely_site.servers, server)
    victim.kill()
    expected = {"nats": ["bus", "intake"], "postgres": ["database", "jobs"]}[server]
    why = await becomes(client, *expected, "workers")
    assert victim.secret() not in str(why)
    victim.start()
    await becomes(client, seconds=20)


async def test_a_job_that_is_overdue(lonely_site: Site, client: httpx.AsyncClient) -> None:
    url = lonely_site.servers.postgres.url
    holder, other = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        await other.execute(
            "INSERT INTO jobs (what, body, run_at, tries) VALUES ('notify_like', '{}', now() + interval '1 hour', 0)"
        )
        async with holder.transaction():
            # As if a worker were stuck in it: nobody else can take it, though it can be changed.
            await holder.execute("SELECT FROM jobs FOR KEY SHARE")
            await other.execute("UPDATE jobs SET run_at = now() - interval '5 s'")
            await becomes(client)
            await other.execute("UPDATE jobs SET run_at = now() - interval '11 s'")
            assert await becomes(client, "jobs") == {"jobs": "1 jobs are overdue"}
            assert number(await client.get("/metrics"), "natter_jobs_overdue") == 1
            await other.execute("UPDATE jobs SET run_at = now() + interval '1 hour'")
        await becomes(client)
        assert number(await client.get("/metrics"), "natter_jobs_waiting") == 1
    finally:
        await other.execute("DELETE FROM jobs")
        await holder.close()
        await other.close()


async def test_an_intake_that_falls_behind(lonely_site: Site, client: httpx.AsyncClient) -> None:
    bus = Bus()
    await bus.connect(lonely_site.servers.nats.url, "a test", lambda: None)
    holder = await asyncpg.connect(lonely_site.servers.postgres.url)
    try:
        await lonely_site.signs_in("alice")
        async with holder.transaction():
            # So that nothing can be stored.
            await holder.execute("LOCK TABLE notifications")
            await bus.jetstream.publish("notify.alice", b'{"message":"late"}')
            began = time.monotonic()
            why = await becomes(client, "intake", seconds=30)
            assert time.monotonic() - began > 9
            assert why["intake"].startswith("1 publications wait, the oldest for ")
            assert number(await client.get("/metrics"), "natter_intake_waiting") == 1
        await becomes(client)
        assert number(await client.get("/metrics"), "natter_intake_age_seconds") == 0
    finally:
        await holder.close()
        await bus.close()


async def test_a_worker_that_stops_says_so_while_it_drains(servers: Servers, tmp_path: Path) -> None:
    site = Site(servers, tmp_path)
    site.start()
    try:
        alice = await site.signs_in("alice")
        # A peer that does not answer the goodbye keeps the worker for two seconds.
        async with alice.connects("/ws/notifications/"), httpx.AsyncClient(base_url=site.url) as client:
            site.process.send_signal(signal.SIGTERM)
            why = await becomes(client, "accepting", "workers")
            assert why["accepting"] == "this worker is stopping"
            healthy = await client.get("/healthz")
            assert (healthy.status_code, healthy.headers["connection"]) == (200, "close")
        await site.close()
    finally:
        site.stop()


def test_the_oldest_publication_is_as_old_as_the_first_look_that_saw_it() -> None:
    waits = Waits()
    waits.note(Held(waiting=0, first=1, last=0), 0)
    assert waits.age(5) == 0
    waits.note(Held(waiting=2, first=1, last=2), 10)
    waits.note(Held(waiting=4, first=1, last=4), 11)
    waits.note(Held(waiting=4, first=1, last=4), 12)
    assert waits.age(20) == 10
    waits.note(Held(waiting=2, first=3, last=4), 20)
    assert waits.age(20) == 9, "3 and 4 came between the looks at 10 and 11"
    waits.note(Held(waiting=1, first=1, last=1), 21)
    assert waits.age(22) == 1, "a new stream begins again at 1"
    waits.note(Held(waiting=0, first=2, last=1), 23)
    assert waits.age(30) == 0


# Numbers


def number(answer: httpx.Response, name: str, **labels: str) -> float | None:
    """One sample of the metrics."""
    assert answer.status_code == 200
    for family in text_string_to_metric_families(answer.text):
        for sample in family.samples:
            if sample.name == name and sample.labels == labels:
                return sample.value
    return None


async def test_the_numbers_are_those_of_what_happened(site: Site, alice: Person, bob: Person) -> None:
    conversation = await alice.starts_conversation(bob)
    before = await alice.http.get("/metrics")
    async with bob.listens(f"/ws/chat/{conversation}/") as page:
        await page.is_live()
        await alice.writes(conversation, "hello")
        await page.sees("chat_message")
        await page.says("nonsense")
        await page.sees("error")
        after = await alice.http.get("/metrics")

    def grown(name: str, **labels: str) -> float:
        return (number(after, name, **labels) or 0) - (number(before, name, **labels) or 0)

    assert grown("natter_sockets") == 1
    assert grown("natter_topics") >= 1
    assert grown("natter_frames_total") >= 1
    assert grown("natter_deliveries_total") >= 1
    assert grown("natter_bytes_out_total") > 100
    assert grown("natter_log_rows_total") == 1
    assert grown("natter_command_errors_total", code="unknown_type") == 1
    assert grown("natter_fan_out_seconds_count") >= 1
    assert grown("natter_requests_total", status="201") == 1
    route = "/conversations/<conversation_id:uuid>/messages"
    assert grown("natter_request_seconds_count", route=route) == 1
    assert 0 < grown("natter_request_seconds_sum", route=route) < 5
    assert number(after, "natter_canary_age_seconds") < 2
    assert number(after, "natter_ready", part="bus") == 1
    assert number(after, "natter_database_connections", state="idle") >= 1


async def test_every_metric_is_there_and_nothing_else(site: Site, alice: Person) -> None:
    answer = await alice.http.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    families = {family.name: family for family in text_string_to_metric_families(answer.text)}
    assert set(families) == {name.removesuffix("_total") for name in METRICS}
    for name, metric in METRICS.items():
        assert families[name.removesuffix("_total")].documentation == metric.meaning


def test_every_metric_has_its_line_in_the_operations_manual() -> None:
    section = (ROOT / "docs/operations.md").read_text().partition("\n## Metrics\n")[2].partition("\n## ")[0]
    lines = dict(re.findall(r"^\| `(natter_\w+)(?:\{\w+\})?` \| (.+) \|$", section, re.MULTILINE))
    assert lines == {name: metric.meaning for name, metric in METRICS.items()}
    labels = dict(re.findall(r"^\| `(natter_\w+)\{(\w+)\}`", section, re.MULTILINE))
    assert labels == {name: metric.label for name, metric in METRICS.items() if metric.label}


@pytest.fixture
def guarded_site(servers: Servers, tmp_path: Path) -> Iterator[Site]:
    site = Site(servers, tmp_path, metrics_token="s3cret")
    site.start()
    yield site
    site.stop()


async def test_only_this_machine_and_who_has_the_token_may_read_the_numbers(site: Site, guarded_site: Site) -> None:
    from_elsewhere = {"x-forwarded-for": "203.0.113.9"}
    right, wrong = {"authorization": "Bearer s3cret"}, {"authorization": "Bearer s3crets"}
    empty = {"authorization": "Bearer"}

    async def status(asked: Site, *headers: dict[str, str]) -> int:
        given = {name: value for some in headers for name, value in some.items()}
        async with httpx.AsyncClient() as client:
            answer = await client.get(f"{asked.url}/metrics", headers=given)
        assert ("natter_sockets" in answer.text) == (answer.status_code == 200)
        return answer.status_code

    assert await status(site) == 200
    assert [await status(site, from_elsewhere, more) for more in ({}, right, empty)] == [403] * 3
    assert await status(guarded_site) == 200
    assert await status(guarded_site, from_elsewhere, right) == 200
    assert [await status(guarded_site, from_elsewhere, more) for more in ({}, wrong, empty)] == [403] * 3
    assert await status(guarded_site, {"forwarded": "for=203.0.113.9"}) == 403
