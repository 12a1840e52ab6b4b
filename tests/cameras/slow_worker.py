"""``python -m tests.cameras.slow_worker <seconds>``: the product's worker on a disk whose every fsync takes long."""

import os
import sys
import time
from typing import Any

from backend import worker

_fsync = os.fsync


def slow(fd: Any) -> None:
    time.sleep(float(sys.argv[1]))
    _fsync(fd)


if __name__ == "__main__":
    os.fsync = slow
    worker.main()
