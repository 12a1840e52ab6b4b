"""Dispatchers that die by SIGKILL: forks of one process, so that Django is loaded once.

``python -m tests.notifications.dying_dispatchers`` reads a line for each: a step at which it kills itself (``before``
the transaction, in it once the row is ``claimed`` or the events are ``written``, once ``committed`` and before anything
is published), or ``after <ms>``, at which it is killed wherever it is. It answers with each one's exit code.
"""

import os
import signal
import sys
import time
from typing import Any

import django


def die(*args: Any, **kwargs: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def dispatch(step: str) -> None:
    from backend.lib.clock import now
    from notifications import dispatching

    def then_die(original: Any) -> Any:
        return lambda *args, **kwargs: (original(*args, **kwargs), die())

    if step == "before":
        dispatching._told = die
    elif step == "claimed":
        dispatching.outbox.row_claim = then_die(dispatching.outbox.row_claim)
    elif step == "written":
        dispatching._write = then_die(dispatching._write)
    tell = die if step == "committed" else dispatching._to_nobody
    dispatching.dispatch_once(now=now(), tell=tell)
    while step == "after":
        dispatching.dispatch_once(now=now())


def main() -> None:
    django.setup()
    for line in sys.stdin:
        step, *after = line.split()
        child = os.fork()
        if not child:
            dispatch(step)
            os._exit(0)
        if after:
            time.sleep(float(after[0]) / 1000)
            os.kill(child, signal.SIGKILL)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
