"""The intake's stream: made as it must be, mended when it differs, made again when it is lost."""

from uuid import uuid4

from nats.js.api import RetentionPolicy, StorageType

from bus import streams
from bus.connection import Bus
from bus.subjects import Subjects


async def test_the_stream_is_on_disk_and_refuses_instead_of_forgetting(bus: Bus) -> None:
    subjects = Subjects(f"test{uuid4().hex}.")
    await streams.ensure(bus, subjects)
    info = await bus.jetstream.stream_info(subjects.stream)
    assert info.config.storage == StorageType.FILE
    assert info.config.retention == RetentionPolicy.WORK_QUEUE
    assert str(info.config.discard).endswith("new") or info.config.discard.value == "new"  # type: ignore[union-attr]
    assert info.config.subjects == [subjects.notify_all]
    consumer = await bus.jetstream.consumer_info(subjects.stream, streams.DURABLE)
    assert (consumer.config.max_ack_pending, consumer.config.max_deliver) == (1, -1)
    await bus.jetstream.delete_stream(subjects.stream)


async def test_it_is_found_again_mended_and_made_anew_with_what_waits(bus: Bus) -> None:
    subjects = Subjects(f"test{uuid4().hex}.")
    await streams.ensure(bus, subjects)
    await bus.jetstream.publish(subjects.notify("alice"), b"waiting")
    config = streams.stream_config(subjects)
    config.max_bytes = 1024 * 1024
    await bus.jetstream.update_stream(config)
    subscription = await streams.ensure(bus, subjects)
    assert (await bus.jetstream.stream_info(subjects.stream)).config.max_bytes == streams.STREAM_BYTES
    assert await streams.waiting(bus, subjects) == 1
    (message,) = await subscription.fetch(1, timeout=5)
    assert message.data == b"waiting"
    await message.ack()
    await bus.jetstream.delete_stream(subjects.stream)
    await streams.ensure(bus, subjects)
    assert await streams.waiting(bus, subjects) == 0
    await bus.jetstream.delete_stream(subjects.stream)
