"""Bytes of a file to a player that may be slow, until somebody takes them back.

At most one chunk per reader is in our memory: the transport says that it is full as soon as the kernel takes no more,
and the next chunk is read when it is empty again. A reader that made us wait gets small ones, since what it has not
taken stays with us. A revocation does not wait for any of that: ``Sessions`` cuts the connection.
"""

import asyncio
import contextlib
import errno
import os
import socket
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass

from cameras.playback.answers import Scope, Send
from cameras.playback.sessions import Sessions, State, Watched, cut

CHUNK = 64 * 1024
SLOW_CHUNK = 16 * 1024
SLOW_S = 0.02
SEND_BUFFER = 96 * 1024
"""Asked of the kernel, which doubles it: enough for 6 Mbit/s at 150 ms, little enough to be gone at once."""


class FileReader:
    """Reads that never block the loop: from the page cache at once, from the disk in a thread."""

    def __init__(self, threads: Executor) -> None:
        self._threads = threads
        self._nowait = os.RWF_NOWAIT

    async def read(self, fd: int, offset: int, length: int) -> bytearray:
        """``length`` bytes; fewer only at the end of the file. Raises ``OSError``."""
        buffer = bytearray(length)
        done = self._from_cache(fd, buffer, offset) if self._nowait else 0
        if done < length:
            loop = asyncio.get_running_loop()
            done += await loop.run_in_executor(self._threads, _read_rest, fd, memoryview(buffer)[done:], offset + done)
            if done < length:
                return buffer[:done]
        return buffer

    def _from_cache(self, fd: int, buffer: bytearray, offset: int) -> int:
        try:
            return os.preadv(fd, [buffer], offset, self._nowait)
        except BlockingIOError:
            return 0
        except OSError as error:
            if error.errno in (errno.EOPNOTSUPP, errno.EINVAL):  # this file system cannot say: threads from now on
                self._nowait = 0
                return 0
            raise


def _read_rest(fd: int, view: memoryview, offset: int) -> int:
    done = 0
    while done < len(view):
        count = os.preadv(fd, [view[done:]], offset + done)
        if count == 0:
            break
        done += count
    return done


@dataclass(frozen=True, slots=True)
class Wire:
    """What our protocol puts into the scope beside ASGI's own: the connection, and waiting until it has room."""

    transport: asyncio.Transport
    drain: Callable[[], Awaitable[None]]

    @classmethod
    def of(cls, scope: Scope) -> "Wire":
        extensions = scope["extensions"]
        return cls(extensions["matpho.transport"], extensions["matpho.drain"])


def prepare(transport: asyncio.Transport) -> None:
    """Small buffers on both sides of the kernel, once per connection."""
    _low, high = transport.get_write_buffer_limits()
    if high == 1:
        return
    transport.set_write_buffer_limits(high=1, low=0)  # not 0: uvloop's TLS transport would pause for ever
    sock: socket.socket | None = transport.get_extra_info("socket")
    if sock is not None:
        with contextlib.suppress(OSError):
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)


async def send_file(
    watched: Watched,
    sessions: Sessions,
    wire: Wire,
    send: Send,
    reader: FileReader,
    fd: int,
    offset: int,
    length: int,
) -> int:
    """Send ``length`` bytes as the body; gives how many were handed to the transport.

    The head has been sent. Looks at the session before every chunk; whoever ends it in between aborts the transport.
    """
    transport = wire.transport
    prepare(transport)
    watched.transfers.add(transport)
    sent = 0
    try:
        while sent < length:
            begun = time.monotonic()
            await wire.drain()
            size = CHUNK if time.monotonic() - begun < SLOW_S else SLOW_CHUNK
            chunk = await reader.read(fd, offset + sent, min(size, length - sent))
            if watched.state is not State.OPEN or not sessions.fresh() or len(chunk) == 0:
                cut(transport)
            if transport.is_closing():
                break
            sent += len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": sent < length})
    finally:
        watched.transfers.discard(transport)
    return sent
