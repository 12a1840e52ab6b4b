"""``make bench-demo``: what the demonstration's cameras cost while ten clients watch. Aim of the house: 2 % of a core.

The real server process with its eight painted films (made first where they are not there) and Digest; the clients are
the floor's reader, which sweeps twice a second as our recorder does.
"""

import argparse
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import Report, median
from bench.rig import gauge
from bench.rig.contenders import ROOT, end
from cameras.demo.street import PASSWORD, STREET, USER
from cameras.video import rtsp


def watch(port: int, path: str) -> socket.socket:
    """A client that plays, its handshake done blocking."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=10)
    auth = rtsp.ClientAuth(USER, PASSWORD, cnonce="bench")
    url = f"rtsp://127.0.0.1:{port}/{path}"
    fields: list[tuple[str, str]] = []
    transport = [("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")]
    steps = [("DESCRIBE", url, []), ("DESCRIBE", url, []), ("SETUP", f"{url}/trackID=0", transport), ("PLAY", url, [])]
    for number, (method, to, more) in enumerate(steps):
        sock.sendall(rtsp.format_request(method, to, number, [*more, *fields, *auth.header(method, to)]))
        data = bytearray()
        while (taken := rtsp.read_response(data)) is None:
            data += sock.recv(65536)
        if taken[0].status == 401:
            auth.challenged(taken[0])
        if method == "SETUP":
            fields = [("Session", rtsp.session_of(taken[0])[0])]
    sock.setblocking(False)
    return sock


def sweep(socks: list[socket.socket], buffer: bytearray, seconds: float) -> int:
    """Read everything twice a second; bytes read."""
    until, total = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        for sock in socks:
            try:
                total += sock.recv_into(buffer)
            except BlockingIOError:
                continue
        time.sleep(0.5)
    return total


def main() -> int:
    parser = argparse.ArgumentParser(prog="bench.demo", description="What the demonstration's cameras cost")
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--windows", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "matpho-bench-demo")
    options = parser.parse_args()
    serve = [sys.executable, "-m", "cameras.demo.serve", "--folder", str(options.folder)]
    began = time.monotonic()
    subprocess.run([*serve, "--paint"], cwd=ROOT, check=True)
    painted = time.monotonic() - began
    process = subprocess.Popen([*serve, "--port", "0"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    report = Report("demo", [("what", "what", "s"), ("value", "value", ".3f")])
    try:
        assert process.stdout is not None
        port = int(process.stdout.readline().split("127.0.0.1:")[1].split("/")[0])
        socks = [watch(port, STREET[number % len(STREET)].path) for number in range(options.clients)]
        buffer, shares, rates = bytearray(1 << 22), [], []
        sweep(socks, buffer, 3)
        for _ in range(options.windows):
            before, start = gauge.cpu_seconds([process.pid]), time.monotonic()
            total = sweep(socks, buffer, options.seconds)
            took = time.monotonic() - start
            shares.append(gauge.spent(before, gauge.cpu_seconds([process.pid])) / took * 100)
            rates.append(total * 8 / took / len(socks) / 1e6)
        memory = gauge.pss_bytes([process.pid]) / 1e6
    finally:
        end(process)
    report.row(what=f"processor, {options.clients} clients, % of a core", value=median(shares))
    report.row(what="memory of the server, PSS MB", value=memory)
    report.row(what="Mbit/s a camera", value=median(rates))
    report.row(what="seconds to paint and encode what was missing", value=painted)
    report.check(f"% of a core for {options.clients} clients", median(shares), 2.0, at_most=True)
    return report.finish()


if __name__ == "__main__":
    sys.exit(main())
