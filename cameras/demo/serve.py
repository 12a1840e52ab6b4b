"""``python -m cameras.demo.serve``: the demonstration's eight cameras on one loopback port, a path for each.

At the first start the scenes are drawn and encoded, two at a time, into ``<DATA_DIR>/demo``; a camera serves as soon as
its own film is there and answers 503 until then. One process for all: one port is one line of the allow list.
"""

import argparse
import hashlib
import logging
import multiprocessing
import os
import shutil
import signal
import sys
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from pathlib import Path

from backend.lib import logs
from backend.lib.config import Config
from cameras.demo import loop
from cameras.demo.rtsp_server import CameraServer
from cameras.demo.street import PASSWORD, STREET, USER

FPS = 15
LOOP_S = 20
PORT = 18554
PAINTERS = 2
log = logging.getLogger("cameras.demo")


@cache
def version() -> str:
    """Changes with anything that changes a picture: the films of another version are thrown away."""
    here = Path(__file__).parent
    sources = sorted([*here.glob("paint/*.py"), here / "film.py", Path(__file__)])
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:12]


def film_path(folder: Path, scene: str) -> Path:
    return folder / version() / f"{scene}.h264"


def make(folder: Path, scene: str) -> None:
    """Draw and encode one scene, where its film is not there yet. About 5 s of one core."""
    target = film_path(folder, scene)
    if target.exists():
        return
    # Only a painter needs these; a server whose films are ready starts without them, in a third of the memory.
    from cameras.demo import film  # noqa: PLC0415
    from cameras.demo.paint.scenes import SCENES  # noqa: PLC0415

    film.store(target, film.encode(SCENES[scene]().pictures(FPS * LOOP_S), fps=FPS))


def _painter() -> None:
    os.nice(5)  # the rest of the first start is waiting for the same two cores
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def serve(server: CameraServer, folder: Path, scenes: list[str]) -> None:
    """Serve until told to stop, painting what is missing beside it."""
    missing = []
    for number, scene in enumerate(scenes):
        path = film_path(folder, scene)
        server.add(scene)
        if path.exists():
            _show(server, path, scene, number)
        else:
            missing.append((number, scene))
    painters = _paint(server, folder, missing) if missing else None
    try:
        server.run()
    finally:
        if painters is not None:
            _dismiss(painters)


def _show(server: CameraServer, path: Path, scene: str, number: int) -> None:
    server.add(scene, loop.cut(path.read_bytes(), FPS), offset=number * 37)


def _paint(server: CameraServer, folder: Path, missing: list[tuple[int, str]]) -> ProcessPoolExecutor:
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        if old.is_dir() and old.name != version():
            shutil.rmtree(old, ignore_errors=True)
    context = multiprocessing.get_context("spawn")
    painters = ProcessPoolExecutor(PAINTERS, mp_context=context, initializer=_painter)
    for number, scene in missing:

        def done(future: "Future[None]", number: int = number, scene: str = scene) -> None:
            if future.cancelled():
                return
            error = future.exception()
            if isinstance(error, BrokenProcessPool):  # most often we are stopping; the next start makes it anew
                log.info("the film of %s was not finished", scene)
            elif error:
                log.error("the film of %s failed: %s", scene, error)
            else:
                server.call(lambda: _show(server, film_path(folder, scene), scene, number))

        painters.submit(make, folder, scene).add_done_callback(done)
    return painters


def _dismiss(painters: ProcessPoolExecutor) -> None:
    """Stop now: a film half made is made anew at the next start."""
    processes = list((painters._processes or {}).values())
    painters.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.terminate()
    for process in processes:
        process.join(2)


def main(arguments: list[str] | None = None) -> int:
    config = Config.from_env()
    scenes = [camera.path for camera in STREET]
    parser = argparse.ArgumentParser(prog="cameras.demo.serve", description="The demonstration's street cameras")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=PORT, help="0 takes a free one")
    parser.add_argument("--folder", type=Path, default=config.data_dir / "demo", help="where the films are kept")
    parser.add_argument("--only", default="", help=f"comma-separated, of {', '.join(scenes)}")
    parser.add_argument("--paint", action="store_true", help="make the films and end")
    options = parser.parse_args(arguments)
    wanted = [scene for scene in scenes if not options.only or scene in options.only.split(",")]
    logs.configure("cameras", config.LOG_LEVEL)
    if options.paint:
        with ProcessPoolExecutor(PAINTERS, mp_context=multiprocessing.get_context("spawn")) as painters:
            list(painters.map(make, [options.folder] * len(wanted), wanted))
        return 0
    server = CameraServer(host=options.host, port=options.port, user=USER, password=PASSWORD, fps=FPS)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    print(f"cameras at rtsp://{options.host}:{server.port}/{{{','.join(wanted)}}}", flush=True)
    serve(server, options.folder, wanted)
    return 0


if __name__ == "__main__":
    sys.exit(main())
