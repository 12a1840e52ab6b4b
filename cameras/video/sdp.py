"""Reading a camera's session description (RFC 8866; for H.264 RFC 6184, section 8.2.1). Pure.

Cameras write these by hand, so nothing here raises: a line that makes no sense is passed over, a parameter set that is
not base64 is as good as none (the ones in the stream win anyway).
"""

import base64
import binascii
import re
from dataclasses import dataclass, field

_STATIC = {0: ("PCMU", 8000), 8: ("PCMA", 8000), 26: ("JPEG", 90000), 32: ("MPV", 90000)}
"""Payload types that need no rtpmap (RFC 3551, section 6)."""
MAX_PARAMETER_SET = 4096


@dataclass(slots=True)
class Format:
    """One payload type of a media section."""

    payload_type: int
    encoding: str = ""
    """Upper case, such as ``H264``, ``H265``, ``PCMA``; empty where the camera never says."""
    clock_rate: int = 90000
    params: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Media:
    """One ``m=`` section."""

    kind: str
    """``video``, ``audio``, ``application`` …"""
    formats: list[Format]
    control: str = ""
    fps: float = 0.0
    """What the camera says, which need not be what it sends; 0 where it says nothing."""


@dataclass(slots=True)
class Session:
    media: list[Media]
    control: str = "*"


@dataclass(frozen=True, slots=True)
class VideoTrack:
    """The stream we record."""

    codec: str
    """``H264``, ``H265`` or another encoding name in upper case."""
    payload_type: int
    clock_rate: int
    control: str
    """Relative or absolute: see ``rtsp.control_url``."""
    parameter_sets: tuple[bytes, ...]
    """NAL units (SPS, PPS) sent out of band; may be none, and may be wrong."""
    fps: float


def parse(body: bytes | str) -> Session:
    """Read a description; at worst it has no media."""
    text = body if isinstance(body, str) else body.decode("utf-8", "replace")
    session = Session(media=[])
    for raw in text.replace("\r", "\n").split("\n"):
        key, eq, value = raw.strip().partition("=")
        if not eq:
            continue
        if key == "m":
            session.media.append(_media(value))
        elif key == "a":
            _attribute(session, value)
    return session


def _media(value: str) -> Media:
    kind, *rest = value.split() or [""]
    types = dict.fromkeys(_payload_type(word) for word in rest[2:])  # each once, in their order
    return Media(kind.lower(), [Format(pt, *_STATIC.get(pt, ("", 90000))) for pt in types if pt is not None])


def _payload_type(word: str) -> int | None:
    """None where it is not one: 0 to 127 (RFC 3550, 5.1)."""
    number = int(word) if re.fullmatch(r"[0-9]{1,3}", word) else None
    return number if number is not None and number < 128 else None


def _attribute(session: Session, value: str) -> None:
    name, _, content = value.partition(":")
    name, content = name.strip().lower(), content.strip()
    media = session.media[-1] if session.media else None
    if name == "control":
        if media is None:
            session.control = content or "*"
        else:
            media.control = content
    elif media is None:
        return
    elif name == "rtpmap":
        _rtpmap(media, content)
    elif name == "fmtp":
        _fmtp(media, content)
    elif name in ("framerate", "x-framerate"):
        match = re.match(r"\d+(\.\d+)?", content)
        media.fps = float(match[0]) if match else 0.0


def _format(media: Media, payload_type: str) -> Format | None:
    number = _payload_type(payload_type)
    return next((f for f in media.formats if f.payload_type == number), None)


def _rtpmap(media: Media, content: str) -> None:
    match = re.match(r"(\d{1,3})\s+([\w.-]+)\s*(?:/\s*(\d{1,9}))?", content)
    found = _format(media, match[1]) if match else None
    if match is None or found is None:
        return
    found.encoding = match[2].upper()
    rate = int(match[3] or 0)
    found.clock_rate = rate if 1_000 <= rate <= 1_000_000 else 90_000  # a clock rate of 0 would divide by zero later


def _fmtp(media: Media, content: str) -> None:
    payload_type, _, rest = content.partition(" ")
    found = _format(media, payload_type)
    if found is None:
        return
    for part in rest.split(";"):
        name, eq, value = part.strip().partition("=")
        if eq:
            found.params[name.strip().lower()] = value.strip().strip('"')


def parameter_sets(sprop: str) -> tuple[bytes, ...]:
    """NAL units of ``sprop-parameter-sets``; those that are not base64, are empty or absurdly long are left out."""
    out = []
    for word in sprop.split(","):
        word = word.strip().rstrip("=")
        try:
            nal = base64.b64decode(word + "=" * (-len(word) % 4), validate=True)  # cameras forget the padding
        except (binascii.Error, ValueError):
            continue
        nal = nal.removeprefix(b"\x00\x00\x00\x01").removeprefix(b"\x00\x00\x01")  # Annex B where it has no business
        if 1 < len(nal) <= MAX_PARAMETER_SET:
            out.append(nal)
    return tuple(out)


def video_track(session: Session) -> VideoTrack | None:
    """The stream to record: the first H.264 video section, else the first video section, else None.

    A camera may announce several (main and sub in one description, or a thumbnail in JPEG first).
    """
    candidates = [(media, form) for media in session.media if media.kind == "video" for form in media.formats]
    if not candidates:
        return None
    media, form = next(((m, f) for m, f in candidates if f.encoding == "H264"), candidates[0])
    if not form.encoding and form.payload_type >= 96 and form.params.keys() & _H264_ONLY:
        form.encoding = "H264"  # no rtpmap, but only H.264 has these parameters
    return VideoTrack(
        codec=form.encoding,
        payload_type=form.payload_type,
        clock_rate=form.clock_rate,
        control=media.control,
        parameter_sets=parameter_sets(form.params.get("sprop-parameter-sets", "")),
        fps=media.fps,
    )


_H264_ONLY = {"packetization-mode", "profile-level-id", "sprop-parameter-sets"}
