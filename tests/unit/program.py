"""A unit around a tiny program in place of the application: the tests start it as a process of its own."""

import os
import signal
import socket
import struct
import sys
import time

import unit.workers
from unit.run import main
from unit.supervisor import Commands

SLOT = struct.Struct("<dB")


def work() -> None:
    """Answer every connection with our pid, and write the board, until SIGTERM."""
    index = int(os.environ["WORKER"])
    board = os.open(os.environ["UNIT_BOARD"], os.O_RDWR)
    server = socket.socket()
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    server.bind((os.environ["HOST"], int(os.environ["PORT"])))
    server.listen()
    server.settimeout(0.1)
    signal.signal(signal.SIGTERM, signal.SIG_IGN if "DEAF" in os.environ else lambda *_: sys.exit(0))
    while True:
        os.pwrite(board, SLOT.pack(time.time(), 1), index * 64)
        try:
            connection, _ = server.accept()
        except TimeoutError:
            continue
        with connection:
            connection.sendall(str(os.getpid()).encode())


def this(role: str) -> list[str]:
    return [sys.executable, __file__, role]


if __name__ == "__main__":
    match sys.argv[1]:
        case "worker":
            work()
        case "migrate":
            sys.exit(os.environ.get("MIGRATION_FAILS"))
        case "demo":
            print("alice, bob: password natter-demo")
        case "broken":
            sys.exit("this worker does not start")
        case role:
            unit.workers.SILENCE = float(os.environ.get("SILENCE", unit.workers.SILENCE))
            worker = this("broken" if role == "hopeless" else "worker")
            main(sys.argv[2:], Commands(worker, this("migrate"), this("demo")))
