"""The supervisor's side of the board: the small file in which workers say that they live and are ready."""

from __future__ import annotations

import os
import struct
from pathlib import Path

SLOT_BYTES = 64
# Time of the last heartbeat in Unix seconds, then flags; bit 0: ready to serve.
SLOT = struct.Struct("<dB")


class Board:
    """One slot of 64 bytes per worker. The workers map the file, so it is never replaced while they live."""

    def __init__(self, path: Path, workers: int) -> None:
        self.path = path
        path.unlink(missing_ok=True)
        path.write_bytes(bytes(SLOT_BYTES * workers))
        self.file = os.open(path, os.O_RDWR | os.O_CLOEXEC)

    def clear(self, worker: int) -> None:
        """Empty the slot of a worker that is about to be started."""
        os.pwrite(self.file, bytes(SLOT_BYTES), worker * SLOT_BYTES)

    def beat(self, worker: int) -> float:
        """When the worker last wrote its slot by its own clock; 0 when it never did.

        Only a change of it means anything.
        """
        return self.slot(worker)[0]

    def is_ready(self, worker: int) -> bool:
        """Whether the worker said that it serves."""
        return bool(self.slot(worker)[1] & 1)

    def slot(self, worker: int) -> tuple[float, int]:
        """Heartbeat and flags of a worker."""
        beat, flags = SLOT.unpack(os.pread(self.file, SLOT.size, worker * SLOT_BYTES))
        return beat, flags

    def close(self) -> None:
        """Take the file away."""
        os.close(self.file)
        self.path.unlink(missing_ok=True)
