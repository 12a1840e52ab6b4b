"""The pipe between the recorder's parent and its workers: JSON, one message a line, over a socketpair.

Neither side ever blocks on it: what the other does not read waits in memory, and a side that has stopped reading for
8 MB is given up.
"""

import json
import socket
from collections.abc import Iterator
from typing import Any

Message = dict[str, Any]
MAX_WAITING = 8 * 1024 * 1024


class PipeEnded(Exception):
    """The other side is gone, or reads no more."""


class Pipe:
    """One end. ``send`` queues, ``flush`` writes what the socket takes, ``receive`` gives whole messages."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._in = bytearray()
        self._out = bytearray()

    def fileno(self) -> int:
        return self._sock.fileno()

    @property
    def waiting(self) -> bool:
        """True where bytes wait to be written."""
        return bool(self._out)

    def send(self, message: Message) -> None:
        self._out += json.dumps(message, separators=(",", ":")).encode() + b"\n"

    def flush(self) -> None:
        """Write what goes; raises PipeEnded."""
        try:
            while self._out:
                del self._out[: self._sock.send(self._out)]
        except BlockingIOError:
            if len(self._out) > MAX_WAITING:
                raise PipeEnded("the other side does not read") from None
        except OSError as error:
            raise PipeEnded(str(error)) from error

    def receive(self) -> Iterator[Message]:
        """Messages that have arrived; raises PipeEnded at the end (after the messages before it)."""
        ended = False
        while True:
            try:
                data = self._sock.recv(262_144)
            except BlockingIOError:
                break
            except OSError:
                data = b""
            if not data:
                ended = True
                break
            self._in += data
        *lines, rest = bytes(self._in).split(b"\n")
        self._in = bytearray(rest)
        for line in lines:
            yield json.loads(line)
        if ended:
            raise PipeEnded("closed")

    def close(self) -> None:
        self._sock.close()
