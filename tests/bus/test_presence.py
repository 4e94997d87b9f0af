"""The bucket of presence: what is told is heard and can be read, lapses, and is made anew when it is lost."""

import time
from typing import Any
from uuid import uuid4

import pytest
from nats.js.api import StorageType, StreamConfig

from bus.connection import Bus
from bus.lease import Lease
from bus.presence import PRESENCE_ERRORS, READ_AT_ONCE, Bucket, BucketLost, bucket_config
from bus.subjects import Subjects
from tests.site import until

ONLINE = Lease(state="online", seconds=20, seen=1000.5)
AWAY = Lease(state="away", seconds=20, seen=900)


@pytest.fixture
def subjects() -> Subjects:
    """A bucket that no other test looks into."""
    return Subjects(f"test{uuid4().hex}.")


@pytest.fixture
async def bucket(bus: Bus, subjects: Subjects) -> Any:
    bucket = Bucket(bus, subjects, "here")
    await bucket.ensure()
    yield bucket
    await bus.jetstream.delete_stream(str(bucket_config(subjects).name))


class Ear:
    """Keeps what it is told, by person and place."""

    def __init__(self) -> None:
        self.heard: dict[tuple[int, str], Lease | None] = {}

    def __call__(self, user_id: int, place: str, lease: Lease | None, put_at: float = 0.0) -> None:
        self.heard[user_id, place] = lease


async def read(bucket: Bucket, *user_ids: int) -> dict[tuple[int, str], Lease | None]:
    ear = Ear()
    await bucket.read(list(user_ids), ear)
    return ear.heard


async def test_what_is_told_is_heard_by_those_who_listen_to_that_person(
    bus: Bus, subjects: Subjects, bucket: Bucket
) -> None:
    ear = Ear()
    await bucket.listen(7, ear)
    await bus.settle()
    await bucket.tell({7: ONLINE, 8: AWAY})
    await Bucket(bus, subjects, "there").tell({7: AWAY})
    await bus.settle()
    assert ear.heard == {(7, "here"): ONLINE, (7, "there"): AWAY}
    await bucket.tell({7: None})
    await bus.settle()
    assert ear.heard[7, "here"] is None


async def test_what_was_told_can_be_read_with_what_is_left_of_it(bus: Bus, subjects: Subjects, bucket: Bucket) -> None:
    await bucket.tell({7: ONLINE})
    await Bucket(bus, subjects, "there").tell({7: AWAY, 8: AWAY})
    found = await read(bucket, 7, 8, 9)
    assert set(found) == {(7, "here"), (7, "there"), (8, "there")}
    lease = found[7, "here"]
    assert lease is not None
    assert (lease.state, lease.seen) == ("online", 1000.5)
    assert 18 < lease.seconds <= 20
    assert await read(bucket, 9) == {}
    await bucket.tell({7: None})
    assert set(await read(bucket, 7)) == {(7, "there")}


async def test_a_lease_lapses_and_what_is_read_then_only_says_when_they_were_seen(bucket: Bucket) -> None:
    await bucket.tell({7: Lease(state="online", seconds=0.2, seen=5)})

    async def has_lapsed() -> bool:
        lease = (await read(bucket, 7))[7, "here"]
        return lease is not None and lease.seconds == 0 and lease.seen == 5

    await until(has_lapsed)


async def test_what_is_taken_back_is_soon_gone_from_the_bucket_too(
    bus: Bus, subjects: Subjects, bucket: Bucket
) -> None:
    await bucket.tell({7: ONLINE})
    await bucket.tell({7: None})

    async def is_empty() -> bool:
        info = await bus.jetstream.stream_info(str(bucket_config(subjects).name))
        return info.state.messages == 0

    await until(is_empty)


async def test_more_people_than_fit_into_one_answer_are_read(bus: Bus, subjects: Subjects, bucket: Bucket) -> None:
    people = list(range(1, READ_AT_ONCE + 51))
    # Twelve places each: the first hundred people have more than the 1,024 keys of one answer.
    for worker in range(12):
        await Bucket(bus, subjects, f"w{worker}").tell(dict.fromkeys(people, ONLINE))
    assert len(await read(bucket, *people)) == 12 * len(people)


async def test_a_bucket_that_is_lost_is_said_to_be_and_made_anew(bus: Bus, subjects: Subjects, bucket: Bucket) -> None:
    await bus.jetstream.delete_stream(str(bucket_config(subjects).name))
    with pytest.raises(BucketLost):
        await bucket.tell({7: ONLINE, 8: ONLINE})
    with pytest.raises(BucketLost):
        await read(bucket, 7)
    await bucket.ensure()
    assert 0 <= await bucket.read([], Ear()) < 5, "it is new"
    await bucket.tell({7: ONLINE, 8: ONLINE})
    assert len(await read(bucket, 7, 8)) == 2


async def test_a_bucket_made_by_hand_is_replaced(bus: Bus, subjects: Subjects, bucket: Bucket) -> None:
    name = str(bucket_config(subjects).name)
    await bus.jetstream.delete_stream(name)
    await bus.jetstream.add_stream(StreamConfig(name=name, subjects=[subjects.places], storage=StorageType.FILE))
    with pytest.raises(BucketLost):
        await bucket.tell({7: ONLINE})
    await bucket.ensure()
    await bucket.tell({7: ONLINE})
    assert len(await read(bucket, 7)) == 1


async def test_a_bucket_of_an_earlier_version_is_changed_and_keeps_what_it_holds(
    bus: Bus, subjects: Subjects, bucket: Bucket
) -> None:
    await bucket.tell({7: ONLINE})
    config = bucket_config(subjects)
    await bus.jetstream.update_stream(config.evolve(max_age=30))
    await bucket.ensure()
    assert (await bus.jetstream.stream_info(str(config.name))).config.max_age == config.max_age
    assert len(await read(bucket, 7)) == 1


async def test_more_replicas_than_there_are_nodes_are_refused_and_nothing_is_lost(
    bus: Bus, subjects: Subjects, bucket: Bucket
) -> None:
    await bucket.tell({7: ONLINE})
    with pytest.raises(PRESENCE_ERRORS):
        await Bucket(bus, subjects, "there", replicas=3).ensure()
    assert len(await read(bucket, 7)) == 1


@pytest.mark.parametrize("minutes", [-1, 1, 60])
async def test_the_clock_of_the_host_does_not_matter(
    bucket: Bucket, monkeypatch: pytest.MonkeyPatch, minutes: int
) -> None:
    right = time.time
    monkeypatch.setattr(time, "time", lambda: right() + minutes * 60)
    await bucket.tell({7: ONLINE, 8: Lease(state="online", seconds=0.2, seen=5)})

    async def has_lapsed() -> bool:
        lease = (await read(bucket, 8))[8, "here"]
        return lease is not None and lease.seconds == 0

    await until(has_lapsed, 2)
    assert 0 <= await bucket.read([], Ear()) < 5
    lease = (await read(bucket, 7))[7, "here"]
    assert lease is not None
    assert 17 < lease.seconds <= 20


async def test_what_nobody_understands_is_nobody_there(bus: Bus, subjects: Subjects, bucket: Bucket) -> None:
    ear = Ear()
    await bucket.listen(7, ear)
    for payload in (b"online", b'{"state":"asleep","seconds":1,"seen":1}', b"\xff"):
        await bus.jetstream.publish(subjects.place(7, "here"), payload)
        assert ear.heard == {(7, "here"): None}
        assert await read(bucket, 7) == {}
