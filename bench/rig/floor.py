"""The floor under any recorder in Python: read the sockets every half second, append to files, understand nothing.

``python -m bench.rig.floor PORT CAMERAS FOLDER``; a new file every two seconds, ten per camera in turn.
"""

import socket
import sys
import time
from pathlib import Path

from bench.rig.names import path_of
from cameras.video import rtsp

SWEEP_S = 0.5
SEGMENT_S = 2.0
KEEP = 10


def dial(port: int, path: str) -> socket.socket:
    """A camera that plays, its handshake done blocking."""
    sock = socket.create_connection(("127.0.0.1", port), timeout=10)
    url = f"rtsp://127.0.0.1:{port}/{path}"
    session: list[tuple[str, str]] = []
    track = f"{url}/trackID=0"
    transport = [("Transport", "RTP/AVP/TCP;unicast;interleaved=0-1")]
    for number, (method, to, fields) in enumerate(
        (("DESCRIBE", url, []), ("SETUP", track, transport), ("PLAY", url, []))
    ):
        sock.sendall(rtsp.format_request(method, to, number + 1, [*fields, *session]))
        data = bytearray()
        while (taken := rtsp.read_response(data)) is None:
            data += sock.recv(65536)
        if method == "SETUP":
            session = [("Session", rtsp.session_of(taken[0])[0])]
    sock.setblocking(False)
    return sock


class Sink:
    """One camera's files."""

    def __init__(self, sock: socket.socket, folder: Path) -> None:
        self.sock, self.folder, self.turn, self.until = sock, folder, 0, 0.0
        folder.mkdir(parents=True, exist_ok=True)
        self.file = (folder / "0").open("wb", buffering=0)

    def take(self, buffer: memoryview, now: float) -> None:
        if now >= self.until:
            self.file.close()
            self.turn, self.until = (self.turn + 1) % KEEP, now + SEGMENT_S
            self.file = (self.folder / str(self.turn)).open("wb", buffering=0)
        try:
            self.file.write(buffer[: self.sock.recv_into(buffer)])
        except BlockingIOError:
            return


def main() -> None:
    port, cameras, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    sinks = [Sink(dial(port, path_of(number)), folder / str(number)) for number in range(cameras)]
    buffer = memoryview(bytearray(1 << 22))
    print("ready", flush=True)
    due = time.monotonic()
    while True:
        now = time.monotonic()
        for sink in sinks:
            sink.take(buffer, now)
        due += SWEEP_S
        time.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    main()
