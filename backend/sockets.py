"""The server's end of a WebSocket: uvicorn's protocol, made cheap to hold by the ten thousand and hard to abuse.

What it adds: ready frames straight to the transport (``write_frame``), closing and cutting from outside the application
(``end``, ``cut``), small kernel buffers, so that a phone that never reads costs little, and a limit on how much of our
time one peer's frames may take. Applications find it as ``scope["extensions"]["matpho.socket"]``.

What it takes away: queues, events and headers that uvicorn keeps for each socket and nobody needs here.
"""

import asyncio
import contextlib
import socket
import struct
from asyncio.transports import BaseTransport
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.http11 import Request
from websockets.protocol import State

from notifications.hub.codes import Close
from notifications.hub.listeners import Listener

SEND_BUFFER = 32 * 1024
"""Asked of the kernel, which doubles it for its own bookkeeping."""
HIGH_WATER = 64 * 1024
"""What the transport may hold beyond that before it counts as too full."""
SLICE = 1_024
"""Bytes looked at between two looks at the limit below: at most 170 of the smallest frames."""
FRAMES_PER_S, BURST = 20.0, 60.0
"""How many frames of any kind a peer may send."""
AFTER_CLOSE = 64 * 1024
"""Bytes that are still read once we have closed, in search of the peer's own close."""
CLOSE_S = 2.0
_RESET = struct.pack("ii", 1, 0)


class Inbox:
    """What uvicorn's protocol uses ``asyncio.Queue`` for, in 60 bytes instead of 2,600. One reader."""

    __slots__ = ("_messages", "_reader")

    def __init__(self) -> None:
        self._messages: list[Any] | None = None
        self._reader: asyncio.Future[None] | None = None

    def empty(self) -> bool:
        return not self._messages

    def put_nowait(self, message: Any) -> None:
        if self._messages is None:
            self._messages = []
        self._messages.append(message)
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    async def get(self) -> Any:
        while not self._messages:
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
        message = self._messages.pop(0)
        if not self._messages:
            self._messages = None
        return message


class Gate:
    """What it uses ``asyncio.Event`` for, without a queue of waiters while nobody waits."""

    __slots__ = ("_open", "_waiters")

    def __init__(self) -> None:
        self._open = True
        self._waiters: list[asyncio.Future[None]] | None = None

    def is_set(self) -> bool:
        return self._open

    def clear(self) -> None:
        self._open = False

    def set(self) -> None:
        self._open = True
        waiters, self._waiters = self._waiters, None
        for waiter in waiters or ():
            if not waiter.done():
                waiter.set_result(None)

    async def wait(self) -> bool:
        while not self._open:
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters = [*(self._waiters or ()), waiter]
            await waiter
        return True


class Socket(WebSocketsSansIOProtocol):
    """One connection. It is the ``Wire`` of ``notifications.hub.listeners``."""

    # Python keeps the attributes of an object with more than thirty in a dictionary of its own: 2 KB a socket.
    __slots__ = (
        "_allowance", "_counted_at", "_read_after_close", "app", "app_state", "asgi_version", "client", "close_sent",
        "close_timeout", "close_timer", "config", "conn", "connections", "curr_msg_data_type", "default_headers",
        "disconnected", "frames", "handshake_complete", "handshake_initiated", "initial_response", "last_ping_rtt",
        "listener", "logger", "loop", "pending_ping_payload", "ping_interval", "ping_sent_at", "ping_timeout",
        "ping_timer", "pong_timer", "queue", "read_paused", "request", "response", "root_path", "scheme", "scope",
        "server", "tasks", "transport", "writable",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.queue = Inbox()  # type: ignore[assignment]
        self.writable = Gate()  # type: ignore[assignment]
        self.close_timeout = CLOSE_S
        self.listener: Listener | None = None
        self._allowance = BURST
        self._counted_at = self.loop.time()
        self._read_after_close = 0

    # What the hub uses

    def is_full(self) -> bool:
        return not self.writable.is_set()

    def write_frame(self, frame: bytes) -> bool:
        if self.close_sent or self.disconnected or not self.handshake_complete:
            return False
        self.transport.write(frame)
        return True

    def end(self, code: int) -> None:
        if self.close_sent or self.disconnected or self.conn.state is not State.OPEN:
            return
        if self.is_full():
            self.cut()
            return
        self.queue.put_nowait({"type": "websocket.disconnect", "code": code, "reason": ""})
        self.conn.send_close(int(code))
        self.transport.write(b"".join(self.conn.data_to_send()))
        self.close_sent = True
        if self.read_paused:
            self.read_paused = False
            self.transport.resume_reading()
        self.close_timer = self.loop.call_later(self.close_timeout, self.cut)

    def cut(self) -> None:
        """Lingering is switched off first, so that the kernel drops what it has not sent yet."""
        sock: socket.socket | None = self.transport.get_extra_info("socket")
        if sock is not None and sock.family in (socket.AF_INET, socket.AF_INET6) and not self.disconnected:
            with contextlib.suppress(OSError):  # the peer has gone already
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self.transport.abort()

    async def drained(self) -> None:
        await self.writable.wait()

    # What the transport calls

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.set_write_buffer_limits(HIGH_WATER, 0)
        sock: socket.socket | None = transport.get_extra_info("socket")
        if sock is not None:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self.listener = None

    def pause_writing(self) -> None:
        super().pause_writing()
        if self.listener is not None:
            self.listener.stuck()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self.listener is not None:
            self.listener.drained()

    def data_received(self, data: bytes) -> None:
        if not self.handshake_complete:
            super().data_received(data)
            return
        for begin in range(0, len(data), SLICE):
            if self.disconnected or self.transport.is_closing():
                return
            if self.close_sent:
                self._read_after_close += SLICE
                if self._read_after_close > AFTER_CLOSE:
                    self.transport.pause_reading()  # the timer that ``end`` has set does the rest
                    return
            super().data_received(data[begin : begin + SLICE])

    def handle_events(self) -> None:
        if self.handshake_complete and not self.close_sent:
            now = self.loop.time()
            self._allowance = min(BURST, self._allowance + (now - self._counted_at) * FRAMES_PER_S)
            self._counted_at = now
            self._allowance -= len(self.conn.events)
            if self._allowance < 0:
                self.conn.events_received()  # forgotten
                self.end(Close.BAD_MESSAGE)
                return
        super().handle_events()

    # What uvicorn calls

    def handle_connect(self, event: Request) -> None:
        super().handle_connect(event)
        if self.response.status_code == 101:
            extensions: dict[str, Any] = self.scope["extensions"]
            extensions["matpho.socket"] = self

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.accept":
            self.scope.clear()  # type: ignore[attr-defined]
            del self.request, self.response

    def on_task_complete(self, task: asyncio.Task[None]) -> None:
        """The application has said goodbye. A peer that does not read would keep its connection for ever."""
        super().on_task_complete(task)
        if not self.disconnected:
            self.loop.call_later(CLOSE_S, self.cut)

    def shutdown(self) -> None:
        if not self.handshake_complete or self.close_sent:
            super().shutdown()
            return
        self.end(Close.RESTART)
        self.transport.close()
