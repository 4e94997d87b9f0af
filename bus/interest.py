"""A light subscription: no task and no queue of its own, the handler is called where the bytes are parsed.

nats-py spends a task and a queue (5–12 KB) on every subscription; a worker listens to ten thousand topics. So a topic
is an Interest, put where nats-py keeps its subscriptions, which also restores it after a reconnect.
"""

from collections.abc import Callable

Handler = Callable[[bytes, bytes], None]
"""Takes subject and payload as they came: anybody may publish to any bytes. Synchronous by contract: it may not wait,
and an error in it is only logged."""


class Interest:
    """What nats-py asks of an entry in its table of subscriptions, and the handler. Use ``Bus.listen``."""

    __slots__ = ("_id", "_received", "_subject", "handler")
    _queue = ""
    _max_msgs = 0
    _wait_for_msgs_task = None
    _message_iterator = None
    _pending_next_msgs_calls = None

    def __init__(self, number: int, subject: str, handler: Handler) -> None:
        self._id = number
        self._subject = subject
        self._received = 0
        self.handler = handler
