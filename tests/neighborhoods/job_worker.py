"""``python -m tests.neighborhoods.job_worker <job> <seconds>``: a worker that takes its time over each code."""

import sys
import time
from typing import Any
from uuid import UUID

import django

django.setup()

from backend.lib import clock  # noqa: E402
from neighborhoods import codes, jobs  # noqa: E402

_issue = codes.code_issue


def slow(**options: Any) -> codes.Issued:
    issued = _issue(**options)
    time.sleep(float(sys.argv[2]))
    return issued


if __name__ == "__main__":
    codes.code_issue = slow
    jobs.job_run(UUID(sys.argv[1]), now=clock.now, beating=True)
