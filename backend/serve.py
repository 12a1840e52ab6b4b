"""The web server of ``make run``: uvicorn on uvloop and httptools, set up for many slow readers.

``python -m backend.serve``. HOST, PORT, TLS_CERT and TLS_KEY come from the settings. There is no access log: paths
under ``/hls/`` hold tokens, and the audit says who did what.
"""

import asyncio
import gc
import resource
import socket
import sys
import warnings
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from backend.asgi import application
from backend.lib import logs
from backend.lib.config import Config
from backend.sockets import Socket

BACKLOG = 4096
WS_MAX_SIZE = 65_536
GRACE_S = 1
SWITCH_S = 0.001
"""How long a thread may keep the event loop waiting for the interpreter; Python's own 5 ms, at each of a broadcast's 78
turns, would double it."""
HEAD_BYTES = 32 * 1024
"""Request line and headers together. The parser itself would take any amount."""
HEAD_S = 10.0
"""From connecting, or from the first byte of a request, to the end of its headers."""


class Protocol(HttpToolsProtocol):
    """Gives applications the transport and its flow control, and closes on endless or dawdling request heads."""

    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._head_timer = self.loop.call_later(HEAD_S, self._dawdled)

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_done()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._in_head():
            room = HEAD_BYTES - self._head_bytes
            self._head_bytes += len(data)
            if len(data) > room:  # a head may bring its body along, so the rest counts only if the head goes on
                super().data_received(data[:room])
                if self._in_head():
                    self.transport.abort()
                    return
                data = data[room:]
        super().data_received(data)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._head_timer is None:
            self._head_bytes = 0
            self._head_timer = self.loop.call_later(HEAD_S, self._dawdled)
        scope: dict[str, Any] = self.scope  # type: ignore[assignment]
        scope["extensions"] = {"matpho.transport": self.transport, "matpho.drain": self.flow.drain}

    def on_headers_complete(self) -> None:
        self._head_done()
        super().on_headers_complete()

    def handle_websocket_upgrade(self) -> None:
        """What spoke HTTP is needed no more; parser and protocol hold each other and would wait for the collector."""
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]
        self.scope, self.headers = None, None  # type: ignore[assignment]

    def _in_head(self) -> bool:
        return self._head_timer is not None

    def _head_done(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _dawdled(self) -> None:
        self._head_timer = None
        self.transport.abort()


class Server(uvicorn.Server):
    """Tells the applications before it waits for connections: long polls and transfers would outlast it."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        application.drain()
        await super().shutdown(sockets)


def settings_of(config: Config) -> uvicorn.Config:
    """What uvicorn is started with. Its own default believes every program on this machine about who the client is."""
    proxies = config.trusted_proxies
    return uvicorn.Config(
        application,
        host=config.HOST,
        port=int(config.PORT),
        ssl_certfile=config.TLS_CERT or None,
        ssl_keyfile=config.TLS_KEY or None,
        loop="uvloop",
        http=Protocol,
        ws=Socket,
        ws_max_size=WS_MAX_SIZE,
        ws_ping_interval=None,  # the hub's heartbeat says more, and is one timer for all
        ws_per_message_deflate=False,
        lifespan="on",
        backlog=BACKLOG,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        timeout_keep_alive=20,
        timeout_graceful_shutdown=GRACE_S,
    )


def main() -> int:
    config = Config.from_env()
    logs.configure("web", config.LOG_LEVEL)
    # WhiteNoise streams files in its own way; they are few, small and cached by hash, and Django says so at each start.
    warnings.filterwarnings("ignore", "StreamingHttpResponse must consume synchronous iterators")
    _raise_file_limit()
    server = Server(settings_of(config))
    gc.collect()
    gc.freeze()  # what is loaded now stays
    gc.set_threshold(100_000, 50, 50)
    sys.setswitchinterval(SWITCH_S)
    server.run()
    return 0 if server.started else 1


def _raise_file_limit() -> None:
    """A viewer is a descriptor; the usual soft limit of 1,024 is few."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 65_536 if hard == resource.RLIM_INFINITY else min(hard, 65_536)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


if __name__ == "__main__":
    sys.exit(main())
