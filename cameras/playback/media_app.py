"""The media application: everything under ``/hls/``, plain ASGI, no middleware, and no ORM on the way of a request.

    /hls/<token>/live.m3u8 | vod.m3u8 | clip.m3u8          playlists, never stored
    /hls/<token>/init/<sha256>.mp4                         what a playlist's EXT-X-MAP names
    /hls/<token>/<slice id>/<offset>-<length>.m4s          exactly one segment, or exactly one fragment
    /hls/<token>/frame.jpg | poster.jpg | poster/<camera id>.jpg
    /hls/<token>/alive                                     answers when the session is over, or after 25 s

Order of the questions: has the database confirmed lately (503), is the token ours (404), is the session in memory (once
per process a thread loads it), is it over (403), is the client's address one of its two (403), does the thing asked for
belong to it (404). Design and figures: ``docs/design/playback.md``.
"""

import asyncio
import logging
import re

from django.utils.translation import gettext as _

from backend.lib.errors import Absent, Forbidden, MatPhoError
from cameras.models import ViewSession
from cameras.playback import answers, rows, tokens
from cameras.playback.addresses import normal
from cameras.playback.answers import Receive, Scope, Send
from cameras.playback.media import Media, stale
from cameras.playback.pictures import Pictures
from cameras.playback.sessions import MAX_ADDRESSES, Watched
from cameras.playback.streams import Streams

log = logging.getLogger(__name__)

ALIVE_S = 25.0
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_NUMBER = r"0|[1-9]\d{0,14}"
_PATH = re.compile(
    rf"/hls/(?P<token>[A-Za-z0-9_-]{{{tokens.LENGTH}}})/(?:"
    rf"(?P<playlist>live|vod|clip)\.m3u8"
    rf"|init/(?P<init>[0-9a-f]{{64}})\.mp4"
    rf"|(?P<slice>{_UUID})/(?P<offset>{_NUMBER})-(?P<length>{_NUMBER})\.m4s"
    rf"|(?P<frame>frame)\.jpg"
    rf"|poster/(?P<poster>{_UUID})\.jpg"
    rf"|(?P<still>poster)\.jpg"
    rf"|(?P<alive>alive))"
)
PLAYLIST_OF = {
    ViewSession.Mode.LIVE: "live",
    ViewSession.Mode.PLAYBACK: "vod",
    ViewSession.Mode.SNAPSHOT: "clip",
}


class MediaApp:
    """ASGI application. ``startup`` and ``shutdown`` are called by the server's lifespan (see ``backend.asgi``)."""

    def __init__(self) -> None:
        self._media: Media | None = None

    async def startup(self) -> None:
        self._media = Media(asyncio.get_running_loop())
        await self._media.start()
        self._streams = Streams(self._media)
        self._pictures = Pictures(self._media)

    def drain(self) -> None:
        """The server is about to stop: let go of everybody who waits."""
        if self._media is not None:
            self._media.drain()

    async def shutdown(self) -> None:
        if self._media is not None:
            await self._media.stop()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self._handle(scope, receive, send)
        except MatPhoError as error:
            await answers.problem(scope, send, error)
        except Exception:
            # The path holds a token, so it is not logged; the traceback says where.
            log.exception("unhandled in the media application")
            await answers.problem(scope, send, MatPhoError())

    async def _handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        media = self._media
        if media is None or not media.sessions.fresh():
            raise stale()
        match = _PATH.fullmatch(bytes(scope.get("raw_path") or scope["path"].encode()).decode("latin-1"))
        if match is None:
            raise Absent()
        if scope["method"] not in ("GET", "HEAD"):
            raise answers.MethodNotAllowed()
        watched = await self._admit(media, match["token"], (scope.get("client") or ("",))[0])
        if match["slice"]:
            await self._streams.segment(
                watched, scope, send, match["slice"], int(match["offset"]), int(match["length"])
            )
        elif match["playlist"]:
            if PLAYLIST_OF.get(ViewSession.Mode(watched.mode)) != match["playlist"]:
                raise Absent()
            await self._streams.playlist(watched, scope, send)
        elif match["init"]:
            await self._streams.init(watched, scope, send, match["init"])
        elif match["poster"]:
            await self._pictures.poster(watched, scope, send, match["poster"])
        elif match["frame"]:
            await self._pictures.frame(watched, scope, send)
        elif match["still"]:
            await self._pictures.snapshot_poster(watched, scope, send)
        else:
            await self._alive(media, watched, scope, receive, send)

    async def _admit(self, media: Media, token: str, client: str) -> Watched:
        """The open session of ``token``, used now, by this client. The one check every media request passes."""
        session_id = tokens.token_parse(token, media.key)
        if session_id is None:
            raise Absent()
        watched = media.sessions.get(session_id)
        if watched is None:
            loaded = await media.ask_rows(rows.load, session_id, media.now())
            if loaded is None:
                raise Absent()
            watched = media.sessions.add(loaded)
        watched.require_open()
        if client not in watched.clients:
            await self._count_in(media, watched, client)
        media.sessions.touch(watched)
        return watched

    async def _count_in(self, media: Media, watched: Watched, client: str) -> None:
        """A client address not seen before: the second is taken in, a third is refused."""
        address = normal(client)
        if address not in watched.addresses:
            if len(watched.addresses) < MAX_ADDRESSES:
                watched.addresses = await media.ask_rows(rows.add_address, watched.id, address)
            if address not in watched.addresses:
                raise Forbidden(_("This viewing is already open at two places."), code="too_many_addresses")
        watched.clients.add(client)

    async def _alive(self, media: Media, watched: Watched, scope: Scope, receive: Receive, send: Send) -> None:
        """403 as soon as the session is over, 503 while the database is silent, else ``open`` after 25 s."""
        waits = {
            asyncio.ensure_future(watched.gone.wait()),
            asyncio.ensure_future(_disconnected(receive)),
            asyncio.ensure_future(media.closing.wait()),
        }
        try:
            until = media.monotonic() + ALIVE_S
            while media.monotonic() < until and media.sessions.fresh():
                done, _ = await asyncio.wait(waits, timeout=1.0, return_when=asyncio.FIRST_COMPLETED)
                media.sessions.touch(watched)
                if done:
                    break
        finally:
            for wait in waits:
                wait.cancel()
        watched.require_open()
        if not media.sessions.fresh():
            raise stale()
        head = [(b"content-type", b"application/json"), answers.NO_STORE]
        await answers.answer(scope, send, 200, head, b'{"state":"open"}')


async def _disconnected(receive: Receive) -> bool:
    while (await receive())["type"] != "http.disconnect":
        pass
    return True


application = MediaApp()
