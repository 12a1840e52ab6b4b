"""Photographs that people send, made into plain JPEG: upright, no larger than a page needs, and nothing else in them.

A phone writes into a picture where and when it was taken, by which phone, and often a second, uncropped picture. None
of it is copied: what is kept is drawn anew from the pixels alone.
"""

import io
import struct
import threading
import zlib

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from backend.lib.errors import BadInput

Image.init()  # or the rarer formats are not known yet
FORMATS = ("JPEG", "PNG", "WEBP")
MOST_PIXELS = 40_000_000
"""Phones take 12 to 50 megapixels and send fewer; decoded, this many are 120 MB."""
LONGEST_SIDE = 2400
"""Small print of an A5 receipt stays readable."""
QUALITY = 82

# What Pillow raises for bytes that are not what their header says.
_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, EOFError, AttributeError, OverflowError,
    NotImplementedError, struct.error, zlib.error, UnidentifiedImageError,
)  # fmt: skip

_decoding = threading.BoundedSemaphore(2)
"""Several large pictures at once would take the machine's memory."""


def picture_clean(data: bytes) -> bytes:
    """``data`` (JPEG, PNG or WebP) as a JPEG of at most ``LONGEST_SIDE`` pixels a side, without metadata.

    Raises ``BadInput``: ``picture_unreadable`` for what is no picture, ``picture_too_large`` above 40 megapixels, which
    is read from the header before anything is decoded.
    """
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _too_large()
            with _decoding:
                return _redrawn(picture)
    except Image.DecompressionBombError:
        raise _too_large() from None
    except _BROKEN:
        reason = _("That is not a picture we can read. Send a JPEG, PNG or WebP photograph.")
        raise BadInput(reason, code="picture_unreadable", fields={"file": [reason]}) from None


def _redrawn(picture: Image.Image) -> bytes:
    orientation = picture.getexif().get(0x0112, 1)
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))  # a JPEG is decoded at half or a quarter where that is enough
    picture.load()
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    plain = Image.new("RGB", picture.size, "white")
    see_through = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    drawn = picture.convert("RGBA" if see_through else "RGB")
    plain.paste(drawn, mask=drawn.getchannel("A") if see_through else None)
    out = io.BytesIO()
    _upright(plain, orientation).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _upright(picture: Image.Image, orientation: object) -> Image.Image:
    """Turned as the phone was held (Exif 2.3, tag 0x0112)."""
    if orientation not in range(2, 9):
        return picture
    picture.getexif()[0x0112] = int(str(orientation))
    turned = ImageOps.exif_transpose(picture)
    turned.info.clear()
    return turned


def _too_large() -> BadInput:
    reason = _("The picture has more than 40 megapixels. Send a smaller one.")
    return BadInput(reason, code="picture_too_large", fields={"file": [reason]})
