"""``make run``: start every part under the supervisor, say where it is, stop all on Ctrl-C.

``python -m backend.run``. Exit status: 0 after a stop, 1 where it could not start (a clear line says why).
"""

import errno
import logging
import os
import socket
import sys
import time
from pathlib import Path

from backend import banner, prepared, privacy, probe
from backend.lib import logs
from backend.lib.config import Config, private_folder
from backend.supervise import lock, parts
from backend.supervise.supervisor import PartFailed, Supervisor
from cameras.footage.limits import policy_of

log = logging.getLogger("matpho.supervisor")

SAY_EVERY_S = 15.0


class CannotStart(Exception):
    """Something about this machine or these settings; the text is for the person at the terminal."""


def main() -> int:
    config = Config.from_env()
    logs.configure("supervisor", config.LOG_LEVEL)
    os.umask(privacy.PRIVATE_UMASK)
    try:
        run_dir = _folders(config)
        lock.hold(run_dir)
        _check_port(config)
        _check_proxies(config)
        _check_authority(config)
        _check_footage(config)
        return _run(config)
    except (CannotStart, lock.AlreadyRunning, PartFailed) as trouble:
        print(trouble, file=sys.stderr)
        return 1


def _run(config: Config) -> int:
    begun = time.monotonic()
    demo_port = prepared.demo_port(config) if config.demo else None
    specs = parts.specs(config, prepare=prepared.due(config), demo_port=demo_port)
    supervisor = Supervisor(specs, parts.environment(config, demo_port=demo_port))
    supervisor.start()
    try:
        asking = probe.Readiness(banner.address(config))
        shown, said = False, begun
        while supervisor.turn():
            now = time.monotonic()
            if not shown and supervisor.parts["web"].alive and asking.ready():
                banner.show(config, seconds=now - begun)
                shown = True
            elif not shown and now - said > SAY_EVERY_S:
                said = now
                log.warning("not ready yet: %s", asking.missing() or "the web server does not answer")
    finally:
        supervisor.close()
    return 0


def _folders(config: Config) -> Path:
    """Make the data folder and ``run`` in it, for this user alone; returns the latter."""
    run_dir = config.data_dir / "run"
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
        for said in privacy.data_close(config.data_dir):
            log.warning(said)
        run_dir.mkdir(exist_ok=True, mode=0o700)
        private_folder(config.redis_socket.parent)
    except OSError as error:
        raise CannotStart(
            f"The data folder {config.data_dir} cannot be used: {error}. Choose another: DATA_DIR=…"
        ) from None
    return run_dir


def _check_port(config: Config) -> None:
    """Fail early and clearly where the port is taken; the web part binds it for real."""
    if not config.PORT.isdecimal() or not 0 < int(config.PORT) < 65536:
        raise CannotStart(f"PORT={config.PORT} is not a port number (1 to 65535).")
    family = socket.AF_INET6 if ":" in config.HOST else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as door:
        door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            door.bind((config.HOST, int(config.PORT)))
            door.listen(1)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                why = f"Port {config.PORT} on {config.HOST} is in use. Choose another: PORT=8081 make run"
            else:
                why = f"Cannot listen on {config.HOST}, port {config.PORT}: {error.strerror or error}."
            raise CannotStart(why) from None


def _check_proxies(config: Config) -> None:
    try:
        config.trusted_proxies  # noqa: B018  (reading it is the check)
    except ValueError as error:
        raise CannotStart(f"TRUSTED_PROXIES={config.TRUSTED_PROXIES} cannot be used: {error}.") from None


def _check_authority(config: Config) -> None:
    try:
        config.tsa  # noqa: B018  (reading it is the check)
    except ValueError as error:
        raise CannotStart(str(error)) from None


def _check_footage(config: Config) -> None:
    try:
        policy_of(config.FOOTAGE_LIMITS)
        config.duty_hours, config.ward_answers  # noqa: B018  (reading them is the check)
    except ValueError as error:
        raise CannotStart(str(error)) from None


if __name__ == "__main__":
    sys.exit(main())
