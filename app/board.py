"""The unit's board: a small shared file where each worker writes that it is alive and ready.

The supervisor makes it (64 bytes a worker) and reads it too. Layout of a slot: the time of the last heartbeat as a
little-endian double (Unix seconds), then one byte of flags (bit 0: ready).
"""

import mmap
import struct
import time
from pathlib import Path

SLOT_BYTES = 64
FRESH_SECONDS = 3.0
_SLOT = struct.Struct("<dB")


class Board:
    """One worker's view of its unit. Without a file (a worker run alone) it stands for itself only."""

    def __init__(self, path: str, workers: int, worker: int) -> None:
        self._offset = worker * SLOT_BYTES
        self.workers = workers
        if path:
            with Path(path).open("r+b") as file:
                self._bytes: mmap.mmap | bytearray = mmap.mmap(file.fileno(), workers * SLOT_BYTES)
        else:
            self.workers, self._offset = 1, 0
            self._bytes = bytearray(SLOT_BYTES)

    def write(self, ready: bool) -> None:
        """This worker is alive now; ``ready`` if it can serve pages and sockets."""
        _SLOT.pack_into(self._bytes, self._offset, time.time(), int(ready))

    @property
    def ready(self) -> int:
        """How many workers of the unit are alive and ready."""
        return sum(self.lives(worker) and self._slot(worker)[1] & 1 for worker in range(self.workers))

    def lives(self, worker: int) -> bool:
        """Whether a worker of the unit has written its slot just now. The supervisor empties that of a dead one."""
        return self._slot(worker)[0] > time.time() - FRESH_SECONDS

    def _slot(self, worker: int) -> tuple[float, int]:
        beat, flags = _SLOT.unpack_from(self._bytes, worker * SLOT_BYTES)
        return beat, flags
