"""The smallest server that plays a store: playlists from journals, one URL a segment. Only for the players' proof; the
product's own server is ``cameras.playback``."""

import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType

from backend.lib.config import ROOT
from cameras.store.journal import Journal, Segment
from cameras.store.playlists import live_playlist, target_of, undoubled, vod_playlist
from tests.cameras.store.footage import indexes

HLS_JS = ROOT / "build" / "vendor" / "hls.light.min.mjs"
_TYPES = {".m3u8": "application/vnd.apple.mpegurl", ".html": "text/html", ".mjs": "text/javascript"}


class Urls:
    def segment(self, segment: Segment) -> str:
        return f"{segment.slice_id}/{segment.offset}-{segment.length}.m4s"

    def init(self, init_hash: str) -> str:
        return f"init/{init_hash}.mp4"


def segments(root: Path) -> list[Segment]:
    journals = [Journal.open(path) for path in indexes(root)]
    newest = max((one.header.media_sequence for one in journals), default=0)
    return undoubled(
        segment for one in journals for segment in one.segments(ended=one.header.media_sequence < newest)
    )  # fmt: skip


class Served:
    """``with Served(root) as url``: ``/live.m3u8``, ``/vod.m3u8``, ``/page.html``."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.asked: list[str] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        return f"http://127.0.0.1:{self._server.server_port}"

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def body(self, path: str) -> bytes:
        match path.strip("/").split("/"):
            case ["page.html"]:
                return Path(__file__).with_name("page.html").read_bytes()
            case ["hls.mjs"]:
                return HLS_JS.read_bytes()
            case ["live.m3u8"]:
                known = segments(self.root)
                return live_playlist(known, target_s=target_of(known), url=Urls()).encode()
            case ["vod.m3u8"]:
                return vod_playlist(segments(self.root), url=Urls()).encode()
            case ["init", name]:
                return (self.root / "init" / name).read_bytes()
            case [slice_id, name]:
                offset, _, length = name.removesuffix(".m4s").partition("-")
                [media] = self.root.glob(f"*/*/*/{slice_id}.g*.mp4")
                return media.read_bytes()[int(offset) :][: int(length)]
        raise FileNotFoundError(path)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        body: Callable[[str], bytes] = self.body
        asked = self.asked

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append(self.path)
                try:
                    answer = body(self.path)
                except (FileNotFoundError, ValueError):
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Type", _TYPES.get(Path(self.path).suffix, "video/mp4"))
                self.send_header("Content-Length", str(len(answer)))
                self.send_header("Cache-Control", "no-store")
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: object) -> None:
                """Quiet: tests read ``asked``."""

        return Handler
