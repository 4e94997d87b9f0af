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
        self._workers = workers
        if path:
            with Path(path).open("r+b") as file:
                self._bytes: mmap.mmap | bytearray = mmap.mmap(file.fileno(), workers * SLOT_BYTES)
        else:
            self._workers, self._offset = 1, 0
            self._bytes = bytearray(SLOT_BYTES)

    def write(self, ready: bool) -> None:
        """This worker is alive now; ``ready`` if it can serve pages and sockets."""
        _SLOT.pack_into(self._bytes, self._offset, time.time(), int(ready))

    def all_ready(self) -> bool:
        """Whether every worker of the unit is alive and ready."""
        oldest = time.time() - FRESH_SECONDS
        slots = (_SLOT.unpack_from(self._bytes, i * SLOT_BYTES) for i in range(self._workers))
        return all(beat > oldest and flags & 1 for beat, flags in slots)
