"""Playlists, init segments and segments of a session."""

import gzip
from functools import partial
from uuid import UUID

from django.utils.translation import gettext as _

from backend.lib.clock import from_us, to_us
from backend.lib.errors import Absent, Unavailable
from cameras import rules
from cameras.models import ViewSession
from cameras.playback import answers
from cameras.playback.answers import Headers, Scope, Send
from cameras.playback.footage import LiveTail, OpenSlice, Past, open_slice
from cameras.playback.kept import kept_past
from cameras.playback.media import Media, newest_slices
from cameras.playback.sending import Wire, send_file
from cameras.playback.sessions import Watched
from cameras.playback.viewjournal import MINUTE_US
from cameras.store import catalog
from cameras.store.journal import Segment
from cameras.store.playlists import live_playlist, target_of, vod_playlist

FOLLOW_EVERY_S = 0.1
"""However many viewers a camera has, its journal is read at most this often."""
LIVE_MAX_AGE_US = 60_000_000
"""A picture older than this is not called live."""
GZIP_FROM = 16 * 1024
MEDIA_TYPE = (b"content-type", b"video/mp4")
PLAYLIST_TYPE = (b"content-type", b"application/vnd.apple.mpegurl")
KEEP = (b"cache-control", b"private, max-age=600")


class _Urls:
    """Addresses relative to a playlist; none of them depends on the session."""

    def segment(self, segment: Segment) -> str:
        return f"{segment.slice_id}/{segment.offset}-{segment.length}.m4s"

    def init(self, init_hash: str) -> str:
        return f"init/{init_hash}.mp4"


URLS = _Urls()


class Streams:
    def __init__(self, media: Media) -> None:
        self._media = media

    async def playlist(self, watched: Watched, scope: Scope, send: Send) -> None:
        """A session's one playlist, made anew each time. 503 where a live camera shows nothing just now."""
        if watched.mode == ViewSession.Mode.LIVE:
            body, zipped = (await self._live_text(watched)).encode(), False
        else:
            past = await self._past(watched)
            zipping = b"gzip" in answers.header(scope, b"accept-encoding")
            body, zipped = await self._media.ask_disk(_vod, past, watched, zipping)
        headers: Headers = [PLAYLIST_TYPE, answers.NO_STORE, (b"vary", b"Accept-Encoding")]
        if zipped:
            headers.append((b"content-encoding", b"gzip"))
        await answers.answer(scope, send, 200, headers, body)

    async def init(self, watched: Watched, scope: Scope, send: Send, init_hash: str) -> None:
        """The init segment of one of the session's own slices. It stands at the head of every slice."""
        one = await self._slice_with_init(watched, init_hash)
        if one is None:
            raise Absent()
        body = bytes(await self._media.reader.read(one.fd, 0, one.init_length))
        await answers.answer(scope, send, 200, [MEDIA_TYPE, KEEP], body)

    async def segment(
        self, watched: Watched, scope: Scope, send: Send, slice_text: str, offset: int, length: int
    ) -> None:  # fmt: skip
        """Exactly one segment, or exactly one fragment, of a slice that belongs to the session."""
        one = await self._find(watched, UUID(slice_text))
        span = one.pieces.get((offset, length)) if one else None
        if one is not None and span is None and one.journal.close is None:
            await self._media.ask_disk(one.refresh)
            span = one.pieces.get((offset, length))
        if one is None or span is None or not watched.allows(*span) or one.gone():
            raise Absent()
        part = answers.range_of(answers.header(scope, b"range"), length)
        first, count = part or (0, length)
        headers: Headers = [
            (b"content-length", str(count).encode()), MEDIA_TYPE, KEEP, (b"accept-ranges", b"bytes"), *answers.ALWAYS,
        ]  # fmt: skip
        if part:
            headers.append((b"content-range", b"bytes %d-%d/%d" % (first, first + count - 1, length)))
        head = scope["method"] == "HEAD"
        if not head:
            self._note(watched, span)
        await send({"type": "http.response.start", "status": 206 if part else 200, "headers": headers})
        if head:
            await send({"type": "http.response.body", "body": b""})
            return
        sessions, reader = self._media.sessions, self._media.reader
        await send_file(watched, sessions, Wire.of(scope), send, reader, one.fd, offset + first, count)

    def _note(self, watched: Watched, span: tuple[int, int]) -> None:
        """Write down what is about to be shown; what cannot be written down is not shown."""
        if watched.camera_id is None:
            raise Absent()
        try:
            self._media.journal.note(watched, watched.camera_id, *span, to_us(self._media.now()), MINUTE_US)
        except OSError as error:
            raise Unavailable(_("Viewing cannot be written down just now."), code="journal_full") from error

    async def _live_text(self, watched: Watched) -> str:
        tail = await self._follow(watched)
        oldest_us = to_us(self._media.now()) - LIVE_MAX_AGE_US
        segments = [
            segment for segment in tail.segments() if segment.end_us > oldest_us and self._shows(watched, tail, segment)
        ]
        if not segments:
            raise Unavailable(_("The camera shows no picture just now."), code="no_picture", retry_after_s=2)
        target_s = watched.memo.setdefault("target_s", max(watched.target_s, target_of(segments[-6:])))
        return live_playlist(segments, target_s=target_s, url=URLS)

    def _shows(self, watched: Watched, tail: LiveTail, segment: Segment) -> bool:
        one = tail.find(segment.slice_id)
        return one is not None and _masked(watched, one) and watched.allows(segment.wall_us, segment.end_us)

    async def _follow(self, watched: Watched) -> LiveTail:
        """The camera's live tail, read on where that is 100 ms ago. One reader at a time, the others wait for it."""
        media = self._media
        assert watched.camera_id is not None  # noqa: S101  (a live session has a camera)
        tail = media.tail_of(watched.camera_id, watched.rendition)
        async with tail.reading:
            if media.monotonic() - tail.followed_at > FOLLOW_EVERY_S:
                if not tail.known():
                    tail.offer(await media.ask_rows(newest_slices, tail.camera_id, tail.rendition, media.now()))
                await media.ask_disk(tail.follow)
        return tail

    async def _find(self, watched: Watched, slice_id: UUID) -> OpenSlice | None:
        media = self._media
        if watched.mode == ViewSession.Mode.LIVE:
            assert watched.camera_id is not None  # noqa: S101
            tail = media.tail_of(watched.camera_id, watched.rendition)
            found = tail.find(slice_id) or (await self._follow(watched)).find(slice_id)
            return found if found is not None and _masked(watched, found) else None
        past = await self._past(watched)
        path = past.media.get(slice_id)
        if path is None:
            return None
        one = media.shelf.get(slice_id)
        if one is None or one.gone():
            one = await media.ask_disk(open_slice, path, ended=slice_id in past.ended)
            if one is not None:
                media.shelf.put(slice_id, one)
        return one

    async def _slice_with_init(self, watched: Watched, init_hash: str) -> OpenSlice | None:
        if watched.mode == ViewSession.Mode.LIVE:
            return (await self._follow(watched)).with_init(init_hash)
        known: dict[str, UUID] = watched.memo.setdefault("inits", {})
        if init_hash not in known:
            for slice_id in (await self._past(watched)).media:
                one = await self._find(watched, slice_id)
                if one is not None:
                    known.setdefault(one.journal.header.init_hash, slice_id)
                if init_hash in known:
                    break
        return await self._find(watched, known[init_hash]) if init_hash in known else None

    async def _past(self, watched: Watched) -> Past:
        """The slices of a replay or a snapshot; asked once per session and process."""
        found: Past | None = watched.memo.get("past")
        if found is None:
            if watched.mode == ViewSession.Mode.PLAYBACK:
                found = await self._media.ask_rows(_recorded, watched)
            elif watched.mode == ViewSession.Mode.SNAPSHOT:
                folder = self._media.config.snapshot_dir / watched.data["path"]
                found = await self._media.ask_disk(kept_past, folder, watched.mask_version)
            else:
                raise Absent()
            watched.memo["past"] = found
        return found


def _masked(watched: Watched, one: OpenSlice) -> bool:
    return rules.same_masks(one.journal.header.mask_version, watched.mask_version)


def _recorded(watched: Watched) -> Past:
    """In a thread that asks rows."""
    if watched.camera_id is None or not watched.windows:
        return Past({}, list)
    starts_at, ends_at = from_us(watched.windows[0][0]), from_us(watched.windows[-1][1])
    files = catalog.slices_between(watched.camera_id, watched.rendition, starts_at, ends_at)
    newest = max(((one.generation, one.media_sequence) for one in files), default=(0, 0))
    shown = [one for one in files if rules.same_masks(one.mask_version, watched.mask_version)]
    return Past(
        {one.slice_id: one.media for one in shown},
        partial(catalog.read_segments, shown),
        frozenset(one.slice_id for one in shown if (one.generation, one.media_sequence) < newest),
    )


def _vod(past: Past, watched: Watched, zipping: bool) -> tuple[bytes, bool]:
    """In a thread: an hour is sixty journals."""
    segments = [segment for segment in past.segments() if watched.allows(segment.wall_us, segment.end_us)]
    # A recorded playlist must not change (RFC 8216, 4.3.3.5), and a range up to the present is still growing: what was
    # whole at the first reading is what the session shows.
    until_us: int = watched.memo.setdefault("until_us", max((segment.end_us for segment in segments), default=0))
    segments = [segment for segment in segments if segment.end_us <= until_us]
    text = vod_playlist(segments, url=URLS).encode()
    if zipping and len(text) >= GZIP_FROM:
        return gzip.compress(text, compresslevel=4, mtime=0), True
    return text, False
