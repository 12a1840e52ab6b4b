"""What processes cost, read from /proc: processor time of all their threads, memory, kernel socket buffers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

PAGE = 4096


@dataclass(frozen=True, slots=True)
class Cost:
    cpu_s: float
    """On the processor, user and system, since each thread began (/proc/PID/task/*/schedstat: nanoseconds)."""
    pss_bytes: int
    """Memory, with shared pages shared out among their users (smaps_rollup)."""


def family(pid: int) -> list[int]:
    """The process and all that descend from it."""
    found, queue = [], [pid]
    while queue:
        parent = queue.pop()
        found.append(parent)
        for children in Path(f"/proc/{parent}/task").glob("*/children"):
            try:
                queue += [int(word) for word in children.read_text().split()]
            except OSError:
                continue
    return found


def cpu_seconds(pids: Iterable[int]) -> dict[str, float]:
    """By thread, so that one that ended between two readings is not counted backwards."""
    out = {}
    for pid in pids:
        for stat in Path(f"/proc/{pid}/task").glob("*/schedstat"):
            try:
                out[stat.parent.name] = int(stat.read_text().split()[0]) / 1e9
            except (OSError, IndexError):
                continue
    return out


def pss_bytes(pids: Iterable[int]) -> int:
    total = 0
    for pid in pids:
        try:
            match = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        except OSError:
            continue
        total += int(match[1]) * 1024 if match else 0
    return total


def tcp_bytes() -> int:
    """Kernel memory of all TCP sockets of this network namespace, the simulator's ends included."""
    match = re.search(r"^TCP:.* mem (\d+)", Path("/proc/net/sockstat").read_text(), re.MULTILINE)
    return int(match[1]) * PAGE if match else 0


def spent(before: dict[str, float], after: dict[str, float]) -> float:
    """Processor seconds between two readings of ``cpu_seconds``."""
    return sum(seconds - before.get(thread, 0.0) for thread, seconds in after.items())


def send_queues(port: int) -> list[int]:
    """Bytes the kernel still has to send on each connection of a local port whose peer has not taken all (IPv4)."""
    out = []
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        words = line.split()
        if int(words[1].split(":")[1], 16) == port and words[3] == "01":
            queued = int(words[4].split(":")[0], 16)
            if queued:
                out.append(queued)
    return out
