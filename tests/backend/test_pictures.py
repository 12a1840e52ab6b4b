"""Photographs: kept upright and bare, refused where they are none or too many megapixels."""

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from backend.lib.errors import BadInput
from backend.lib.pictures import LONGEST_SIDE, picture_clean


def photograph(size: tuple[int, int] = (400, 200), *, turned: int = 1, form: str = "JPEG") -> bytes:
    """Blue on the left quarter, red elsewhere, with what a phone writes beside it."""
    picture = Image.new("RGB", size, "red")
    picture.paste("blue", (0, 0, size[0] // 4, size[1]))
    notes = Image.Exif()
    notes[0x0112], notes[0x010F] = turned, "DIENTHOAI"
    words = {"comment": b"NHA-ONG-AN"} if form == "JPEG" else {}
    notes.get_ifd(0x8825)[1] = "N"  # GPSLatitudeRef
    out = io.BytesIO()
    picture.save(out, form, exif=notes, **words)
    return out.getvalue()


def kept(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(picture_clean(data)))


def refused(data: bytes) -> str:
    with pytest.raises(BadInput) as caught:
        picture_clean(data)
    return caught.value.code


def png_header(width: int, height: int) -> bytes:
    """The first bytes of a PNG of that size, and nothing of its picture."""
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [head, b"IDAT"]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk) - 4) + chunk + struct.pack(">I", zlib.crc32(chunk)) for chunk in chunks
    )


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_place_phone_and_words_are_not_kept(form: str) -> None:
    data = photograph(form=form)
    assert b"DIENTHOAI" in data
    clean = picture_clean(data)
    assert b"DIENTHOAI" not in clean
    assert b"NHA-ONG-AN" not in clean
    assert b"Exif" not in clean
    assert len(kept(data).getexif()) == 0


@pytest.mark.parametrize(
    ("turned", "size", "blue"),
    [(1, (400, 200), (10, 100)), (3, (400, 200), (390, 100)), (6, (200, 400), (100, 10)), (8, (200, 400), (100, 390))],
)
def test_it_stands_upright(turned: int, size: tuple[int, int], blue: tuple[int, int]) -> None:
    picture = kept(photograph(turned=turned))
    assert picture.size == size
    red, _green, blueness = picture.getpixel(blue)
    assert blueness > 200 > red


def test_it_is_no_larger_than_a_page_needs() -> None:
    assert kept(photograph((5000, 2500))).size == (LONGEST_SIDE, LONGEST_SIDE // 2)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_becomes_a_plain_jpeg(mode: str) -> None:
    out = io.BytesIO()
    Image.new(mode, (30, 20)).save(out, "PNG")
    picture = kept(out.getvalue())
    assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (30, 20))


def test_what_is_see_through_lies_on_white() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (30, 20), (0, 0, 0, 0)).save(out, "PNG")
    assert kept(out.getvalue()).getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize(
    "data",
    [b"", b"not a picture", b"\xff\xd8\xff", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"GIF89a" + bytes(50),
     b"%PDF-1.7\n%%EOF", photograph()[:-400], png_header(10, 10)],
    ids=["nothing", "text", "three bytes", "svg", "gif", "pdf", "cut off", "only a header"],
)  # fmt: skip
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert refused(data) == "picture_unreadable"


@pytest.mark.parametrize(("width", "height"), [(8000, 5001), (20_000, 10_000), (2**31 - 1, 2**31 - 1)])
def test_too_many_megapixels_are_refused_by_the_header_alone(width: int, height: int) -> None:
    """200 megapixels of PNG are 600 MB once decoded; here there is nothing but the header."""
    assert refused(png_header(width, height)) == "picture_too_large"


WHOLE = photograph((64, 48))


@pytest.mark.filterwarnings("ignore::UserWarning")  # Pillow tells of broken tags
@settings(max_examples=100)
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=20))
def test_broken_bytes_are_a_clear_refusal_or_a_picture(at: int, other: bytes) -> None:
    spoiled = WHOLE[:at] + other + WHOLE[at + len(other) :]
    try:
        assert picture_clean(spoiled).startswith(b"\xff\xd8")
    except BadInput as error:
        assert error.code in {"picture_unreadable", "picture_too_large"}
