"""Neither signing nor reading opens a socket: the kernel kills the process that tries (seccomp(2))."""

import platform
import signal
import subprocess
import sys
from pathlib import Path

from tests.cameras.evidence.packing import street

SOCKET = {"x86_64": 41, "aarch64": 198}
"""The number of socket(2)."""

CHILD = """
import ctypes, socket, struct, sys
from pathlib import Path
from tests.cameras.evidence.claims import CLAIMED, read
from tests.cameras.evidence.packing import pack, take
number, what, store, out = int(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
LOAD_NUMBER, IF_EQUAL, RETURN, KILL, ALLOW = 0x20, 0x15, 0x06, 0x80000000, 0x7FFF0000
steps = [(LOAD_NUMBER, 0, 0, 0), (IF_EQUAL, 0, 1, number), (RETURN, 0, 0, KILL), (RETURN, 0, 0, ALLOW)]
program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))
filters = ctypes.create_string_buffer(struct.pack("HxxxxxxP", len(steps), ctypes.addressof(program)))
libc = ctypes.CDLL(None, use_errno=True)
assert libc.prctl(38, 1, 0, 0, 0) == 0, "PR_SET_NO_NEW_PRIVS"
assert libc.prctl(22, 2, ctypes.c_void_p(ctypes.addressof(filters)), 0, 0) == 0, "PR_SET_SECCOMP"
if what == "connect":
    socket.socket()
folder = next(path for path in store.iterdir() if path.name not in ("init", "store.json"))
print(read(pack(out, [take(folder)], claims=CLAIMED) / "footage/K1.mp4").state)
"""


def ended(tmp_path: Path, what: str) -> "subprocess.CompletedProcess[str]":
    street(tmp_path / "store", 1)
    number = str(SOCKET[platform.machine()])
    command = [sys.executable, "-c", CHILD, number, what, str(tmp_path / "store"), str(tmp_path / "out")]
    return subprocess.run(command, cwd=Path.cwd(), capture_output=True, text=True)


def test_a_claim_is_made_and_read_without_a_socket(tmp_path: Path) -> None:
    found = ended(tmp_path, "claim")
    assert (found.returncode, found.stdout) == (0, "Trusted\n"), found.stderr


def test_who_opens_one_there_is_killed(tmp_path: Path) -> None:
    assert ended(tmp_path, "connect").returncode == -signal.SIGSYS
