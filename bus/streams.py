"""The intake: a JetStream stream on disk that holds what operators publish until it is stored, and its one consumer.

Work-queue retention: an acknowledged message is gone. ``discard: new``: a full stream refuses the newest instead of
losing the oldest in silence.
"""

from typing import NamedTuple

from nats.errors import ConnectionClosedError, Error, TimeoutError
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DiscardPolicy,
    RetentionPolicy,
    StorageType,
    StreamConfig,
)
from nats.js.client import JetStreamContext
from nats.js.errors import APIError, NotFoundError

from bus.connection import Bus
from bus.subjects import Subjects

DURABLE = "natter"
MESSAGE_BYTES = 64 * 1024
STREAM_BYTES = 256 * 1024 * 1024
ACK_SECONDS = 1.5
FETCH_SECONDS = 2.0
LOOK_SECONDS = 2.0

STREAM_ERRORS = (Error, OSError)
"""What may be raised here while NATS is away or has lost the stream."""


def stream_config(subjects: Subjects, replicas: int = 1) -> StreamConfig:
    """The stream as it must be."""
    return StreamConfig(
        name=subjects.stream,
        subjects=[subjects.notify_all],
        retention=RetentionPolicy.WORK_QUEUE,
        discard=DiscardPolicy.NEW,
        storage=StorageType.FILE,
        max_bytes=STREAM_BYTES,
        max_msg_size=MESSAGE_BYTES,
        num_replicas=replicas,
    )


def consumer_config() -> ConsumerConfig:
    """One message at a time over all workers: that is what keeps the order of publication.

    A worker that dies with a message delays the next by ``ACK_SECONDS``; a slow one gets it delivered twice, which
    the id of the notification makes harmless.
    """
    return ConsumerConfig(
        durable_name=DURABLE,
        ack_policy=AckPolicy.EXPLICIT,
        ack_wait=ACK_SECONDS,
        max_ack_pending=1,
        max_deliver=-1,
    )


async def ensure(bus: Bus, subjects: Subjects, replicas: int = 1) -> JetStreamContext.PullSubscription:
    """Make the stream and its consumer if they are missing or differ; a subscription to pull from.

    Raises STREAM_ERRORS.
    """
    jetstream = bus.jetstream
    config = stream_config(subjects, replicas)
    try:
        await jetstream.add_stream(config)
    except APIError:
        # It exists with other settings, from an earlier version.
        await jetstream.update_stream(config)
    await jetstream.add_consumer(subjects.stream, consumer_config())
    return await jetstream.pull_subscribe_bind(DURABLE, subjects.stream)


async def waiting(bus: Bus, subjects: Subjects) -> int:
    """How many messages are still to be delivered. Raises STREAM_ERRORS; NotFoundError when the consumer is gone."""
    info = await bus.jetstream.consumer_info(subjects.stream, DURABLE)
    return info.num_pending or 0


class Held(NamedTuple):
    """What the intake holds: how many messages, and the numbers of the oldest and of the newest there ever was."""

    waiting: int
    first: int
    last: int


async def held(bus: Bus, subjects: Subjects) -> Held:
    """What waits to be stored. Raises STREAM_ERRORS soon; NotFoundError when there is no stream."""
    if not bus.connected:
        raise ConnectionClosedError
    state = (await bus.client.jetstream(timeout=LOOK_SECONDS).stream_info(subjects.stream)).state
    return Held(state.messages, state.first_seq, state.last_seq)


__all__ = ["STREAM_ERRORS", "Held", "NotFoundError", "TimeoutError", "ensure", "held", "waiting"]
