"""Presence while one node of a NATS cluster is lost: it goes on, and nobody is said to be gone."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from bus.connection import Bus
from bus.presence import Bucket, bucket_config
from bus.subjects import Subjects
from tests.faults.cluster import NODES, Cluster
from tests.realtime.test_presence import PATH, looks_at, sees, states_since_online
from tests.site import Servers, Site, until

REPLICAS = 3
ELECTED = 30.0


class ClusteredServers(Servers):
    """PostgreSQL, and three nodes of NATS."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.cluster = Cluster(folder / "nats")
        self.nats = self.cluster  # type: ignore[assignment]


@pytest.fixture
def clustered(tmp_path: Path) -> Iterator[ClusteredServers]:
    servers = ClusteredServers(tmp_path)
    servers.start()
    yield servers
    servers.stop()


@pytest.fixture
async def sites(clustered: ClusteredServers, tmp_path: Path) -> AsyncIterator[list[Site]]:
    """Two workers, whose bucket is one that an earlier version left, with one copy of everything."""
    bus = await connected(clustered)
    await ensured(Bucket(bus, Subjects(), "earlier"))
    await bus.close()
    sites = [Site(clustered, tmp_path, nats_replicas=REPLICAS) for _ in range(2)]
    for site in sites:
        site.start()
    yield sites
    for site in sites:
        await site.close()
        site.stop()


async def connected(servers: ClusteredServers) -> Bus:
    bus = Bus()
    await bus.connect(servers.nats.url, "a test", lambda: None)
    return bus


async def ensured(bucket: Bucket) -> None:
    """The nodes have to find one another before they make anything."""

    async def is_made() -> bool:
        try:
            await bucket.ensure()
        except Exception:
            return False
        return True

    await until(is_made, ELECTED)


async def copies(servers: ClusteredServers) -> tuple[int, str]:
    """How many nodes have the bucket and are up to date, and the name of the one that leads."""
    bus = await connected(servers)
    try:
        info = await bus.jetstream.stream_info(str(bucket_config(Subjects()).name))
    finally:
        await bus.close()
    assert info.cluster
    followers = [peer for peer in info.cluster.replicas or [] if peer.current and not peer.offline]
    return 1 + len(followers), info.cluster.leader or ""


async def test_one_node_may_be_lost(clustered: ClusteredServers, sites: list[Site]) -> None:
    here, there = sites
    alice, bob, carol = await here.signs_in("alice"), await there.signs_in("bob"), await there.signs_in("carol")

    async def all_have_it() -> bool:
        return (await copies(clustered))[0] == REPLICAS

    await until(all_have_it, ELECTED)
    async with alice.listens(PATH) as hers, bob.listens(PATH) as his, carol.listens(PATH) as theirs:
        await his.is_live()
        await theirs.is_live()
        await looks_at(hers, bob)
        await sees(hers, bob, "online")
        _, leader = await copies(clustered)
        number = [f"node-{number}" for number in range(NODES)].index(leader)
        clustered.cluster.nodes[number].kill()
        # What is said is heard without the bucket, and who looks only now is told what it holds.
        await his.says("active", is_active=False)
        # A worker that was on that node knows of nobody until another one leads the bucket.
        hers.patience = ELECTED
        await sees(hers, bob, "away")
        async with alice.listens(PATH) as fresh:
            fresh.patience = ELECTED
            await looks_at(fresh, carol)
            await sees(fresh, carol, "online")
            assert set(fresh.all_of("presence", "state")) <= {"unknown", "online"}
        assert "offline" not in states_since_online(hers, bob)
        clustered.cluster.nodes[number].start()
        await until(all_have_it, ELECTED)
        await his.hangs_up()
        await sees(hers, bob, "offline")
