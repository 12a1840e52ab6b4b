"""What makes children die with the supervisor, even when it is killed with ``kill -9``.

Two lines of defence, because neither alone is enough. ``PR_SET_PDEATHSIG`` (prctl(2)) reaches a direct child but not
its own children. The *guardian* is a tiny forked process that holds a pipe from the supervisor: when the pipe ends it
kills every process group it was told of, grandchildren included.
"""

import contextlib
import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)


def with_parent(parent: int) -> Callable[[], None]:
    """A ``preexec_fn``: the child gets SIGKILL when the thread of ``parent`` that started it ends."""

    def arrange() -> None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return arrange


class Guardian:
    """Told of process groups while they live; kills those that are left when the supervisor is gone.

    ``start`` must be called before the supervisor opens anything the guardian should not hold.
    """

    def __init__(self) -> None:
        self.pid = 0
        self._pipe = -1

    def start(self) -> None:
        reading, self._pipe = os.pipe()
        self.pid = os.fork()
        if self.pid:
            os.close(reading)
            return
        try:
            os.close(self._pipe)
            _guard(reading)
        finally:
            os._exit(0)

    def watch(self, group: int) -> None:
        self._say(f"+{group}\n")

    def forget(self, group: int) -> None:
        self._say(f"-{group}\n")

    def stop(self) -> None:
        os.close(self._pipe)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.pid, 0)

    def _say(self, words: str) -> None:
        with contextlib.suppress(BrokenPipeError):  # somebody killed the guardian: the first line still holds
            os.write(self._pipe, words.encode())


def _guard(pipe: int) -> None:
    os.setsid()  # out of the terminal's group: Ctrl-C must not end the guardian before the others
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    groups: set[int] = set()
    with os.fdopen(pipe) as lines:
        for line in lines:
            group = int(line[1:])
            (groups.add if line[0] == "+" else groups.discard)(group)
    for group in groups:
        group_kill(group, signal.SIGKILL)


def group_kill(group: int, number: signal.Signals) -> None:
    """Signal every process of ``group``; one that is gone is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)
