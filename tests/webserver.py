"""The web process, really running on this test's database and Valkey."""

import os
import signal
import subprocess
import sys
import time

import httpx
from django.conf import settings
from django.db import connection

from backend.lib.config import ROOT
from tests import web
from tests.pace import PATIENCE_S
from tests.servers import free_port


class WebServer:
    """``python -m backend.serve`` as ``make run`` starts it, on a free port."""

    def __init__(self, **env: str) -> None:
        self.port = free_port()
        self.url = f"{'https' if 'TLS_CERT' in env else 'http'}://127.0.0.1:{self.port}"
        self.log = settings.CONFIG.data_dir / f"web.{self.port}.log"
        self.env = {**os.environ, "PORT": str(self.port), "HOST": "127.0.0.1", "DATABASE_URL": database_url(),
                    "DATA_DIR": str(settings.CONFIG.data_dir), "REDIS_URL": settings.CONFIG.REDIS_URL,
                    "DJANGO_SETTINGS_MODULE": "backend.settings", **env}  # fmt: skip
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "backend.serve"], env=self.env, cwd=ROOT, stdout=log, stderr=log
            )
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                answer = web.get(f"{self.url}/hls/x/alive", verify=False)
                if answer.status_code == 404:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.05)
        raise RuntimeError(f"the server did not start: {self.log.read_text()[-3000:]}")

    def stop(self) -> float:
        """Ask it to stop; gives how long it took."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGCONT)
            self.process.terminate()
            self.process.wait(15)
        return time.monotonic() - begun

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(5)


def database_url() -> str:
    """Where the test database of this run is, for a child process."""
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    host = str(found["HOST"]).replace("/", "%2F")
    port = f":{found['PORT']}" if found["PORT"] else ""
    return f"postgres://{found['USER']}@{host}{port}/{found['NAME']}"
