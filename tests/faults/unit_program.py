"""A unit as bin/run makes it, whose workers may be spoilt on purpose: ``python -m tests.faults.unit_program``."""

import os
import sys

from unit.run import main
from unit.supervisor import Commands

if __name__ == "__main__":
    spoilt = os.environ.get("NATTER_CONTROL")
    worker = (sys.executable, "-m", "tests.faults.spoilt_worker") if spoilt else Commands.worker
    main([], Commands(worker=worker))
