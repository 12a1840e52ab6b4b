"""``make bench-ingest``: what recording costs, ours complete against one ffmpeg per camera, and the floor under both.

    python -m bench.ingest                     50 cameras at 1.2 Mbit/s, then 10 at 4 and 10 at 8 Mbit/s; 5 windows each
    python -m bench.ingest --quick             50 cameras, one window
    python -m bench.ingest --cameras 10 --bitrate 8
    python -m bench.ingest --fsync-delay-ms 100

Windows of the three take turns and the median counts. Processor time is that of every thread of every process
(schedstat), memory is PSS, kernel TCP memory is the machine's (both ends of every connection). Ours is counted with
hashing, journal, fsync, leases and rows; its cost without cameras is measured apart. After each of its windows every
frame that was sent must be stored, once and in order; a simulator that was ever more than 50 ms late spoils the window.
"""

import argparse
import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.report import Report, median
from bench.rig import contenders, gauge, slowdisk
from bench.rig.contenders import Cameras, Ours

LATEST_MS = 50.0
SETTLE_S = 5.0
TRIES = 3
MB = 1_000_000


@dataclass(slots=True)
class Window:
    cpu_s: float
    """Per camera and minute."""
    pss: int
    tcp: int
    late_ms: float
    lost: int = 0
    disorder: int = 0
    checked: int = 0


@dataclass(slots=True)
class Load:
    """One camera load and what was measured under it."""

    cameras: int
    mbit: float
    windows: dict[str, list[Window]] = field(default_factory=dict)
    fixed: list[Window] = field(default_factory=list)

    def middle(self, who: str, what: str) -> float:
        return median([getattr(window, what) for window in self.windows[who]])


def measure(cameras: Cameras, pids: list[int], seconds: float, per: int) -> Window:
    time.sleep(SETTLE_S)
    cameras.ask("reset")
    before, began = gauge.cpu_seconds(pids), time.monotonic()
    tcp = []
    while time.monotonic() < began + seconds:
        time.sleep(min(1.0, max(0.05, began + seconds - time.monotonic())))
        tcp.append(gauge.tcp_bytes())
    spent, took = gauge.spent(before, gauge.cpu_seconds(pids)), time.monotonic() - began
    late = float(cameras.ask("state")["worst_late_ms"])
    return Window(spent / took * 60 / per, gauge.pss_bytes(pids), int(median(tcp)), late)


def our_window(cameras: Cameras, ours: Ours, seconds: float, count: int) -> Window:
    with ours.running() as pids:
        window = measure(cameras, pids, seconds, count)
        sent = cameras.ask("state")["sent"]
        time.sleep(2.0)  # the last fragment of what was sent by now is written when the next begins
    compare(window, ours, sent)
    return window


def compare(window: Window, ours: Ours, sent: list[dict[str, Any]]) -> None:
    """Frame numbers sent = frame numbers stored. What the camera could not send, we did not read in time: lost, too."""
    for each in sent:
        stored = [n for n in ours.stored(each["camera"]) if each["first"] <= n <= each["last"]]
        wanted = range(each["first"], each["last"] + 1)
        window.checked += len(wanted)
        window.lost += len(set(wanted) - set(stored))
        window.disorder += stored != sorted(set(stored))


def timely(window: Callable[[], Window]) -> Window:
    """A window in which the cameras kept time; others tell nothing about the recorder and are done again."""
    for _ in range(TRIES):
        found = window()
        if found.late_ms <= LATEST_MS:
            break
        print(f"  the simulator was {found.late_ms:.0f} ms late: once more", file=sys.stderr)
    return found


@contextlib.contextmanager
def prepared(cameras: Cameras, count: int) -> Iterator[Ours]:
    ours = Ours(cameras, count)
    try:
        ours.prepare()
        yield ours
    finally:
        ours.close()


def run(load: Load, windows: int, seconds: float) -> None:
    """All windows of one load, the contenders by turns."""
    count = load.cameras
    with (
        Cameras(count, round(load.mbit * MB)) as cameras,
        prepared(cameras, count) as ours,
        prepared(cameras, 0) as idle,
    ):

        def of(contender: Callable[[Cameras, int], contextlib.AbstractContextManager[list[int]]]) -> Window:
            with contender(cameras, count) as pids:
                return measure(cameras, pids, seconds, count)

        for turn in range(windows):
            print(f"{count} cameras at {load.mbit:g} Mbit/s, window {turn + 1} of {windows}", file=sys.stderr)
            with idle.running() as pids:
                load.fixed.append(measure(cameras, pids, min(seconds, 10.0), 1))
            for who, window in (
                ("ours", lambda: our_window(cameras, ours, seconds, count)),
                ("ffmpeg", lambda: of(contenders.ffmpeg)),
                ("floor", lambda: of(contenders.floor)),
            ):
                load.windows.setdefault(who, []).append(timely(window))


def tell(report: Report, load: Load) -> None:
    fixed_pss = median([window.pss for window in load.fixed])
    fixed_cpu = median([window.cpu_s for window in load.fixed])
    report.row(who="ours, no camera", load="", cpu=fixed_cpu, pss=None, all=fixed_pss / MB, tcp=None, late=None)
    for who in ("ours", "ffmpeg", "floor"):
        report.row(
            who=who, load=f"{load.cameras} × {load.mbit:g}", cpu=load.middle(who, "cpu_s"),
            pss=load.middle(who, "pss") / load.cameras / MB, all=load.middle(who, "pss") / MB,
            tcp=load.middle(who, "tcp") / MB, late=max(window.late_ms for window in load.windows[who]),
        )  # fmt: skip
    name = f"{load.cameras} × {load.mbit:g} Mbit/s"
    ours = load.windows["ours"]
    report.check(f"{name}: frames sent but not stored", sum(w.lost for w in ours), 0, at_most=True)
    report.check(f"{name}: cameras with frames doubled or out of order", sum(w.disorder for w in ours), 0, at_most=True)
    report.check(f"{name}: worst lateness of the cameras, ms", max(w.late_ms for w in ours), LATEST_MS, at_most=True)
    report.note(f"{name}: {sum(w.checked for w in ours)} frames compared by number")
    if load.cameras >= 50:
        cpu = load.middle("ffmpeg", "cpu_s") / load.middle("ours", "cpu_s")
        memory = load.middle("ffmpeg", "pss") / load.middle("ours", "pss")
        added = (load.middle("ours", "pss") - fixed_pss) / load.cameras / MB
        report.check(f"{name}: times less processor than ffmpeg, everything counted", cpu, 3.5, at_most=False, aim=4.5)
        report.check(f"{name}: times less memory than ffmpeg, everything counted", memory, 8.0, at_most=False, aim=12)
        report.check(f"{name}: MB for each camera added", added, 0.5, at_most=True)
        each = load.middle("ours", "cpu_s") - fixed_cpu / load.cameras
        report.note(f"{name}: {each:.4f} CPU-s a camera-minute without the fixed cost")


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.ingest", description="What recording costs")
    parser.add_argument("--cameras", type=int, help="one load of this many cameras")
    parser.add_argument("--bitrate", type=float, default=1.2, help="Mbit/s of each, with --cameras")
    parser.add_argument("--windows", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--quick", action="store_true", help="one window of 10 s, 50 cameras")
    parser.add_argument("--fsync-delay-ms", type=float, default=0.0, help="every fsync takes this much longer")
    options = parser.parse_args()
    if options.fsync_delay_ms:
        return slowdisk.run(options.cameras or 50, options.bitrate, options.fsync_delay_ms, options.seconds)
    if options.quick:
        options.windows, options.seconds = 1, 10.0
    loads = [Load(options.cameras or 50, options.bitrate)]
    if not options.quick and options.cameras is None:
        loads += [Load(10, 4.0), Load(10, 8.0)]
    report = Report(
        "ingest",
        [("who", "", "s"), ("load", "cameras × Mbit/s", "s"), ("cpu", "CPU-s / camera-min", ".4f"),
         ("pss", "PSS MB / camera", ".2f"), ("all", "PSS MB in all", ".1f"), ("tcp", "kernel TCP MB", ".1f"),
         ("late", "cameras late ms", ".1f")],
    )  # fmt: skip
    for load in loads:
        run(load, options.windows, options.seconds)
        tell(report, load)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
