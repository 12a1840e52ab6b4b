"""The supervisor's loop: one thread, woken by dying children (pidfd), signals (wake-up pipe) and due times."""

import contextlib
import logging
import os
import selectors
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from backend.lib.clock import Monotonic, monotonic
from backend.supervise.death import Guardian, group_kill
from backend.supervise.part import Part, Spec

log = logging.getLogger("matpho.supervisor")

STOP_S = 3.2
"""How long parts have after SIGTERM; then SIGKILL. With ``LAST_S`` the whole stays below five seconds."""
LAST_S = 1.0
TICK_S = 0.1
"""Between looks at things no file descriptor tells of: sockets that appear, readiness."""


class PartFailed(Exception):
    """A ``once`` part (set-up work) ended badly; nothing can start."""


class Supervisor:
    """Explicit life: ``start``, then ``turn`` until it says stop, then ``close``."""

    def __init__(self, specs: Sequence[Spec], env: Mapping[str, str], *, clock: Monotonic = monotonic) -> None:
        self.parts = {spec.name: Part(spec, env) for spec in specs}
        self.stopping = False
        self._clock = clock
        self._guardian = Guardian()
        self._selector = selectors.DefaultSelector()
        self._wake: tuple[int, int] = (-1, -1)
        self._restored: list[Callable[[], object]] = []

    def start(self) -> None:
        self._guardian.start()
        self._listen_for_signals()
        self._start_due()

    def turn(self, timeout_s: float = TICK_S) -> bool:
        """Wait for news at most ``timeout_s``, act on it; False once a signal asked to stop."""
        self._wait(timeout_s)
        for part in self.parts.values():
            self._look_at(part)
        if not self.stopping:
            self._start_due()
        return not self.stopping

    def stop(self) -> None:
        """Ask the next ``turn`` to end."""
        self.stopping = True

    def close(self) -> None:
        """Stop every part within ``STOP_S + LAST_S`` and leave no process. A second signal on the way cuts it short."""
        self.stopping = False  # from here on it means: hurry
        self._end([part for part in self.parts.values() if not part.spec.last], STOP_S)
        self._end([part for part in self.parts.values() if part.spec.last], LAST_S)
        for restore in self._restored:
            restore()
        self._selector.close()
        self._guardian.stop()
        for fd in self._wake:
            os.close(fd)

    def ready(self, name: str) -> bool:
        """Whether what waits for part ``name`` may start."""
        part = self.parts[name]
        if part.spec.once:
            return part.done
        return part.alive and (not part.spec.socket or _answers(part.spec.socket))

    def _listen_for_signals(self) -> None:
        self._wake = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        self._selector.register(self._wake[0], selectors.EVENT_READ, None)
        before = signal.set_wakeup_fd(self._wake[1], warn_on_full_buffer=False)
        self._restored.append(lambda: signal.set_wakeup_fd(before))
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            handler = signal.signal(number, lambda *_: self.stop())
            self._restored.append(partial(signal.signal, number, handler))

    def _start_due(self) -> None:
        now = self._clock()
        for part in self.parts.values():
            if part.alive or part.done or part.due_at > now or not all(map(self.ready, part.spec.after)):
                continue
            try:
                group = part.start(now)
            except OSError as error:
                part.due_at = now + part.backoff.after(0)
                log.error("%s cannot be started: %s", part.name, error)
                continue
            self._guardian.watch(group)
            self._selector.register(part.pidfd, selectors.EVENT_READ, part)
            if part.restarts:
                log.warning("%s started again (process %d)", part.name, group)

    def _look_at(self, part: Part) -> None:
        status = part.reap()
        if status is None:
            return
        self._bury(part)
        if part.spec.once:
            if status:
                raise PartFailed(f"{part.name} {_how(status)}")
            part.done = True
            return
        now = self._clock()
        wait = part.backoff.after(now - part.started_at)
        part.due_at = now + wait
        part.restarts += 1
        log.error(
            "%s %s after %.0f s; starting it again in %.1f s", part.name, _how(status), now - part.started_at, wait
        )

    def _bury(self, part: Part) -> None:
        self._selector.unregister(part.pidfd)
        self._guardian.forget(part.bury())

    def _end(self, parts: list[Part], seconds: float) -> None:
        for part in parts:
            if part.process:
                group_kill(part.process.pid, signal.SIGCONT)
                part.tell(signal.SIGTERM)
        deadline = self._clock() + seconds
        while (alive := [part for part in parts if part.alive]) and self._clock() < deadline and not self.stopping:
            self._wait(min(TICK_S, max(0.0, deadline - self._clock())))
            for part in alive:
                if part.reap() is not None:
                    self._bury(part)
        for part in parts:
            if part.process:
                log.warning("%s did not end in %.1f s and was killed", part.name, seconds)
                group_kill(part.process.pid, signal.SIGKILL)
                part.process.wait()
                self._bury(part)

    def _wait(self, timeout_s: float) -> None:
        for key, _ in self._selector.select(timeout_s):
            if key.data is None:
                os.read(self._wake[0], 64)


def _how(status: int) -> str:
    if status < 0:
        return f"was ended by {signal.Signals(-status).name}"
    return f"ended with {status}"


def _answers(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as door, contextlib.suppress(OSError):
        door.settimeout(0.2)
        door.connect(path)
        return Path(path).is_socket()
    return False
