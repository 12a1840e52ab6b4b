"""One supervised process: its command, its present life, and when it may live again."""

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, field

from backend.supervise.backoff import Backoff
from backend.supervise.death import group_kill, with_parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Spec:
    """What a part is. ``once`` parts are expected to end with 0 and are not started again."""

    name: str
    command: tuple[str, ...]
    after: tuple[str, ...] = ()
    """Names of parts that must be ready first (``once``: ended well; with a ``socket``: answering)."""
    socket: str = ""
    """Unix socket that exists once the part is ready; empty where being started is enough."""
    once: bool = False
    last: bool = False
    """Stopped only after all others have ended (they still use it)."""
    told: Mapping[str, str] = field(default_factory=dict)
    """Variables that this part alone is told."""


@dataclass(slots=True)
class Part:
    """The state of one ``Spec``. Times are monotonic seconds."""

    spec: Spec
    env: Mapping[str, str]
    backoff: Backoff = field(default_factory=Backoff)
    process: subprocess.Popen[bytes] | None = None
    pidfd: int = -1
    started_at: float = 0.0
    due_at: float = 0.0
    done: bool = False
    """A ``once`` part that ended well."""
    restarts: int = 0

    @property
    def name(self) -> str:
        return self.spec.name

    @property
    def alive(self) -> bool:
        return self.process is not None

    def start(self, now: float) -> int:
        """Start it in a process group of its own; returns the group, which is its process id."""
        self.process = subprocess.Popen(
            self.spec.command,
            env={**self.env, **self.spec.told},
            stdin=subprocess.DEVNULL,
            process_group=0,  # Ctrl-C in the terminal reaches only the supervisor, which stops parts in order
            preexec_fn=with_parent(os.getpid()),  # safe: the supervisor has one thread
        )
        self.pidfd = os.pidfd_open(self.process.pid)
        self.started_at = now
        return self.process.pid

    def tell(self, number: signal.Signals) -> None:
        """Signal the process. Not by ``Popen.send_signal``, which would reap it on the way and lose it for ``reap``."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, number)

    def reap(self) -> int | None:
        """The exit status where the process has ended (negative: the signal), otherwise None.

        What it started and left behind is killed first, while the unreaped process still keeps the group's number
        from being given to somebody else.
        """
        if self.process is None or os.waitid(os.P_PIDFD, self.pidfd, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return None
        group_kill(self.process.pid, signal.SIGKILL)
        return self.process.wait()

    def bury(self) -> int:
        """Forget the ended process; returns its group."""
        assert self.process is not None  # noqa: S101  (only called after ``reap`` gave a status)
        os.close(self.pidfd)
        group, self.process, self.pidfd = self.process.pid, None, -1
        return group
