"""The supervisor with real child processes: restarts, order, an end within five seconds, nothing left behind."""

import contextlib
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from backend.lib.config import ROOT
from backend.supervise import lock
from backend.supervise.backoff import Backoff
from backend.supervise.part import Spec
from backend.supervise.supervisor import PartFailed, Supervisor
from tests.pace import PATIENCE_S, allowed

SLEEP = "import time; time.sleep(600)"
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(600)"
PARENT = """
import subprocess, sys, time, pathlib
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
time.sleep(600)
"""


def part(name: str, code: str, *args: str, **more: object) -> Spec:
    return Spec(name=name, command=(sys.executable, "-S", "-c", code, *args), **more)  # type: ignore[arg-type]


@pytest.fixture
def supervise() -> Iterator[Callable[..., Supervisor]]:
    made: list[Supervisor] = []

    def start(*specs: Spec) -> Supervisor:
        supervisor = Supervisor(specs, os.environ)
        supervisor.start()
        made.append(supervisor)
        return supervisor

    yield start
    for supervisor in made:
        supervisor.close()


def turn_until(supervisor: Supervisor, true: Callable[[], object], seconds: float = PATIENCE_S) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        supervisor.turn(0.02)


def gone(pid: int) -> bool:
    """A zombie counts as gone: it holds nothing and whoever adopted it reaps it."""
    with contextlib.suppress(psutil.NoSuchProcess):
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    return True


def pid_of(supervisor: Supervisor, name: str) -> int:
    process = supervisor.parts[name].process
    assert process is not None
    return process.pid


def test_backoff_doubles_to_its_ceiling_and_forgets_after_a_steady_life() -> None:
    backoff = Backoff(first_s=0.5, ceiling_s=4, steady_s=30)
    assert [backoff.after(1) for _ in range(6)] == [0.5, 1, 2, 4, 4, 4]
    assert backoff.after(30) == 0.5
    assert backoff.after(29.9) == 1


def test_it_restarts_a_part_that_died_and_says_so(supervise, caplog) -> None:
    supervisor = supervise(part("web", SLEEP))
    first = pid_of(supervisor, "web")
    begun = time.monotonic()
    os.kill(first, signal.SIGKILL)
    turn_until(supervisor, lambda: supervisor.parts["web"].restarts == 1)
    turn_until(supervisor, lambda: supervisor.parts["web"].alive)
    assert 0.4 < time.monotonic() - begun < allowed(3)
    assert pid_of(supervisor, "web") != first
    assert "web was ended by SIGKILL" in caplog.text
    assert "starting it again in 0.5 s" in caplog.text


def test_it_waits_longer_each_time_a_part_dies_young(supervise, tmp_path) -> None:
    births = tmp_path / "births"
    code = "import sys, time; open(sys.argv[1], 'a').write(f'{time.monotonic()}\\n'); sys.exit(3)"
    supervisor = supervise(part("worker", code, str(births)))
    turn_until(supervisor, lambda: births.exists() and len(births.read_text().split()) == 4)
    at = [float(line) for line in births.read_text().split()]
    waits = [later - earlier for earlier, later in itertools.pairwise(at)]
    assert waits[0] >= 0.5
    assert waits[1] >= 1
    assert waits[2] >= 2


def test_a_part_waits_for_what_it_needs(supervise, tmp_path) -> None:
    mark = tmp_path / "done"
    slow = "import sys, time; time.sleep(0.4); open(sys.argv[1], 'w').close()"
    check = "import os, sys, time; assert os.path.exists(sys.argv[1]); time.sleep(600)"
    supervisor = supervise(
        part("web", check, str(mark), after=("prepare",)), part("prepare", slow, str(mark), once=True)
    )
    assert not supervisor.parts["web"].alive
    turn_until(supervisor, lambda: supervisor.parts["web"].alive)
    assert mark.exists()
    end = time.monotonic() + 0.5
    while time.monotonic() < end:
        supervisor.turn(0.05)
    assert supervisor.parts["web"].restarts == 0
    assert not supervisor.parts["prepare"].alive


def test_a_part_waits_until_a_socket_answers(supervise, tmp_path) -> None:
    path = tmp_path / "s"
    server = (
        "import socket, sys, time; time.sleep(0.3); door = socket.socket(socket.AF_UNIX); door.bind(sys.argv[1]);"
        "time.sleep(0.3); door.listen(); time.sleep(600)"
    )
    supervisor = supervise(part("store", server, str(path), socket=str(path)), part("web", SLEEP, after=("store",)))
    begun = time.monotonic()
    turn_until(supervisor, lambda: supervisor.parts["web"].alive)
    assert time.monotonic() - begun > 0.5


def test_failed_set_up_work_ends_the_start(supervise) -> None:
    supervisor = supervise(
        part("prepare", "import sys; sys.exit(7)", once=True), part("web", SLEEP, after=("prepare",))
    )
    with pytest.raises(PartFailed, match="prepare ended with 7"):
        turn_until(supervisor, lambda: False)


def test_what_a_dead_part_started_does_not_outlive_it(supervise, tmp_path) -> None:
    note = tmp_path / "pid"
    supervisor = supervise(part("recorder", PARENT, str(note)))
    turn_until(supervisor, lambda: note.exists() and note.read_text())
    grandchild = int(note.read_text())
    os.kill(pid_of(supervisor, "recorder"), signal.SIGKILL)
    turn_until(supervisor, lambda: gone(grandchild))


def test_it_ends_within_five_seconds_though_a_part_is_deaf_or_stopped(supervise, tmp_path) -> None:
    supervisor = Supervisor([part("deaf", DEAF), part("stopped", SLEEP), part("last", DEAF, last=True)], os.environ)
    supervisor.start()
    pids = [pid_of(supervisor, name) for name in supervisor.parts]
    time.sleep(0.3)  # until the deaf ones are deaf
    os.kill(pids[1], signal.SIGSTOP)
    begun = time.monotonic()
    supervisor.close()
    assert time.monotonic() - begun < allowed(5)
    assert all(map(gone, pids))


def test_the_last_part_ends_after_the_others(supervise, tmp_path) -> None:
    note = tmp_path / "order"
    code = (
        "import signal, sys, time\n"
        "def end(*_):\n    time.sleep(float(sys.argv[3])); open(sys.argv[1], 'a').write(sys.argv[2]); sys.exit()\n"
        "signal.signal(signal.SIGTERM, end); open(sys.argv[1] + sys.argv[2], 'w').close(); time.sleep(600)"
    )
    supervisor = Supervisor(
        [part("v", code, str(note), "v", "0", last=True), part("w", code, str(note), "w", "0.5")], os.environ
    )
    supervisor.start()
    turn_until(supervisor, lambda: Path(f"{note}v").exists() and Path(f"{note}w").exists())
    supervisor.close()
    assert note.read_text() == "wv"


def test_a_part_that_ends_just_as_it_is_told_to_is_no_trouble() -> None:
    for _ in range(20):
        supervisor = Supervisor([part("brief", "pass")], os.environ)
        supervisor.start()
        pid = pid_of(supervisor, "brief")
        while psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
            time.sleep(0.002)
        supervisor.close()
        assert not psutil.pid_exists(pid)


WHOLE = """
import os, sys
sys.path.insert(0, sys.argv[1])
from backend.supervise.part import Spec
from backend.supervise.supervisor import Supervisor
sleep = (sys.executable, "-S", "-c", "import time; time.sleep(600)")
deep = (sys.executable, "-S", "-c", sys.argv[2], sys.argv[3])
supervisor = Supervisor([Spec(name="a", command=sleep), Spec(name="b", command=deep)], os.environ)
supervisor.start()
print(*(part.process.pid for part in supervisor.parts.values()), flush=True)
try:
    while supervisor.turn():
        pass
finally:
    supervisor.close()
"""


@pytest.fixture
def whole(tmp_path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A supervisor in a process of its own; the ids of its parts and of a part's own child."""
    note = tmp_path / "pid"
    process = subprocess.Popen(
        [sys.executable, "-c", WHOLE, str(ROOT), PARENT, str(note)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    pids = [int(word) for word in process.stdout.readline().split()]
    end = time.monotonic() + PATIENCE_S
    while not (note.exists() and note.read_text()):
        assert time.monotonic() < end
        time.sleep(0.02)
    yield process, [*pids, int(note.read_text())]
    process.kill()
    process.wait()
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def all_gone_within(pids: list[int], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not all(map(gone, pids)):
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything(whole, number) -> None:
    process, pids = whole
    process.send_signal(number)
    assert process.wait(5) == 0
    assert all_gone_within(pids, 0.5)


def test_killing_the_supervisor_leaves_no_process(whole) -> None:
    process, pids = whole
    guardian = [child.pid for child in psutil.Process(process.pid).children() if child.pid not in pids]
    assert len(guardian) == 1
    process.kill()
    assert all_gone_within([*pids, *guardian], 3)


def test_killing_the_guardian_too_still_ends_every_part(whole) -> None:
    process, pids = whole
    parts, grandchild = pids[:-1], pids[-1]
    for child in psutil.Process(process.pid).children():
        if child.pid not in pids:
            child.kill()
    process.kill()
    assert all_gone_within(parts, 3)
    os.kill(grandchild, signal.SIGKILL)


def test_one_supervisor_per_data_folder(tmp_path) -> None:
    run_dir = tmp_path / "run"
    run_dir.mkdir()
    handle = lock.hold(run_dir)
    with pytest.raises(lock.AlreadyRunning, match=rf"{tmp_path} \(process {os.getpid()}\)"):
        lock.hold(run_dir)
    os.close(handle)
    os.close(lock.hold(run_dir))
