"""Still pictures: the grid's posters, one frame of a camera, a snapshot's poster."""

import os
from datetime import datetime
from email.utils import formatdate
from pathlib import Path
from uuid import UUID

from django.utils.translation import gettext as _

from backend.lib.clock import from_us, to_us
from backend.lib.errors import Absent, Unavailable
from cameras import frames
from cameras.models import ViewSession
from cameras.playback import answers, rows
from cameras.playback.answers import Scope, Send
from cameras.playback.kept import poster_span
from cameras.playback.media import Media
from cameras.playback.sessions import Watched
from cameras.playback.viewjournal import HOUR_US, MINUTE_US

JPEG = (b"content-type", b"image/jpeg")
SHORT = (b"cache-control", b"private, max-age=2")


class Pictures:
    def __init__(self, media: Media) -> None:
        self._media = media

    async def poster(self, watched: Watched, scope: Scope, send: Send, camera_text: str) -> None:
        """The newest poster of one camera of the grid; whether the holder may see it is asked each time.

        404 where there is no poster yet, or none of an instant they may see: the look is marked, so that there soon is
        one.
        """
        camera_id = UUID(camera_text)
        media = self._media
        if watched.mode != ViewSession.Mode.GRID:
            raise Absent()
        hidden = await media.ask_rows(rows.poster_hidden, watched.device_id, camera_id, media.now())
        if hidden is None:
            raise Absent()
        media.looks.mark(camera_id)
        body, taken_at = await media.ask_disk(_read_dated, media.config.poster_dir / f"{camera_id}.jpg")
        if hidden(taken_at):
            raise Absent()
        self._note(watched, camera_id, to_us(media.now()), HOUR_US)
        age = (
            b"last-modified",
            formatdate(taken_at.timestamp(), usegmt=True).encode(),
        )  # the grid says how old the picture is
        await answers.answer(scope, send, 200, [JPEG, SHORT, age], body)

    async def frame(self, watched: Watched, scope: Scope, send: Send) -> None:
        """The session's one frame, decoded once."""
        if watched.mode != ViewSession.Mode.FRAME or watched.camera_id is None:
            raise Absent()
        media = self._media
        found: frames.Still | None = watched.memo.get("frame")
        if found is None:
            found = await media.ask_rows(
                frames.frame_jpeg,
                watched.camera_id,
                watched.rendition,
                at_us=watched.data["at_us"],
                width=watched.data["width"],
                mask_version=watched.mask_version,
                windows_us=watched.windows,
                away_us=watched.away,
            )
            watched.require_open()
            if found is None:
                raise Unavailable(_("The camera shows no picture just now."), code="no_picture", retry_after_s=2)
            watched.memo["frame"] = found
        self._note(watched, watched.camera_id, found.wall_us, MINUTE_US)
        await answers.answer(scope, send, 200, [JPEG, SHORT], found.jpeg)

    async def snapshot_poster(self, watched: Watched, scope: Scope, send: Send) -> None:
        """A kept moment's poster, where the frame it was made of may be shown: hours and masks may be newer than it."""
        if watched.moment_us is None or watched.camera_id is None:
            raise Absent()
        folder = self._media.config.snapshot_dir / watched.data["path"]
        span = await self._media.ask_disk(poster_span, folder, watched.moment_us, watched.mask_version)
        if span is None or not watched.allows(*span):
            raise Absent()
        body = await self._media.ask_disk(_read, folder / "poster.jpg")
        self._note(watched, watched.camera_id, span[0], MINUTE_US)
        await answers.answer(scope, send, 200, [JPEG, SHORT], body)

    def _note(self, watched: Watched, camera_id: UUID, at_us: int, step_us: int) -> None:
        try:
            self._media.journal.note(watched, camera_id, at_us, at_us + 1, to_us(self._media.now()), step_us)
        except OSError as error:
            raise Unavailable(_("Viewing cannot be written down just now."), code="journal_full") from error


def _read_dated(path: Path) -> tuple[bytes, datetime]:
    """A picture and its own time, both of the same file: the next one may take its name meanwhile."""
    try:
        with path.open("rb") as file:
            return file.read(), from_us(os.fstat(file.fileno()).st_mtime_ns // 1000)
    except FileNotFoundError:
        raise Absent() from None


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise Absent() from None
