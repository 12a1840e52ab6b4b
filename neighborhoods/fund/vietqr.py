"""VietQR: the QR of a bank transfer, EMVCo Merchant-Presented Mode (TLV) as NAPAS uses it. Pure.

The parser is strict. A transfer cannot be called back, so a text that two banks' apps could read differently (a length
that does not fit, a tag twice, bytes after the end, a checksum in small letters, which EMVCo does not write) is refused
rather than repaired. Every refusal names the tag and the offset in characters.
"""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass

import segno

from backend.lib.ascii import ascii_text

GUID = "A000000727"
TO_ACCOUNT, TO_CARD = "QRIBFTTA", "QRIBFTTC"
CURRENCY, COUNTRY = "704", "VN"
LONGEST_PURPOSE = 25
LONGEST_ACCOUNT = 19
MOST_DONG = 10**12

ACCOUNT = re.compile(r"[0-9A-Za-z]{1,19}")
BIN = re.compile(r"[0-9]{6}")
AMOUNT = re.compile(r"[1-9][0-9]{0,12}")
CRC = re.compile(r"[0-9A-F]{4}")

REQUIRED = ("00", "01", "38", "53", "58", "63")
OPTIONAL = ("52", "54", "59", "60", "61", "62")
"""52 merchant category, 59 name, 60 city, 61 postal code: other makers add them; they move no money."""


class VietQrError(ValueError):
    """What is wrong, in which tag (``38.01.00`` inside others) and where in the text."""

    def __init__(self, what: str, *, tag: str = "", offset: int = 0) -> None:
        super().__init__(f"{what} (tag {tag or '-'}, offset {offset})")
        self.what, self.tag, self.offset = what, tag, offset


@dataclass(frozen=True, slots=True)
class VietQr:
    """A transfer as its QR says it. ``amount`` is in đồng; without one the payer types it."""

    bank_bin: str
    account: str
    amount: int | None = None
    purpose: str = ""
    bill: str = ""
    service: str = TO_ACCOUNT


@dataclass(frozen=True, slots=True)
class Field:
    """One tag with its value, and where the value begins in the whole text."""

    tag: str
    value: str
    at: int


def build(qr: VietQr) -> str:
    """The text of the QR. Purpose and bill number are folded to ASCII; raises ``VietQrError`` for what does not fit."""
    if not BIN.fullmatch(qr.bank_bin):
        raise VietQrError("a bank's BIN has six digits", tag="38.01.00")
    if not ACCOUNT.fullmatch(qr.account):
        raise VietQrError("an account has 1 to 19 letters and digits", tag="38.01.01")
    if qr.service not in (TO_ACCOUNT, TO_CARD):
        raise VietQrError("the service is to an account or to a card", tag="38.02")
    if qr.amount is not None and not 1 <= qr.amount <= MOST_DONG:
        raise VietQrError("the amount is 1 to 1,000,000,000,000 dong", tag="54")
    bill, purpose = ascii_text(qr.bill), ascii_text(qr.purpose)
    if max(len(bill), len(purpose)) > LONGEST_PURPOSE:
        raise VietQrError(f"at most {LONGEST_PURPOSE} characters", tag="62")
    to = _tlv("00", GUID) + _tlv("01", _tlv("00", qr.bank_bin) + _tlv("01", qr.account)) + _tlv("02", qr.service)
    about = (_tlv("01", bill) if bill else "") + (_tlv("08", purpose) if purpose else "")
    text = _tlv("00", "01") + _tlv("01", "11" if qr.amount is None else "12") + _tlv("38", to) + _tlv("53", CURRENCY)
    text += "" if qr.amount is None else _tlv("54", str(qr.amount))
    text += _tlv("58", COUNTRY) + (_tlv("62", about) if about else "") + "6304"
    return f"{text}{crc(text):04X}"


def parse(text: str) -> VietQr:
    """The transfer that ``text`` says. Raises ``VietQrError`` for anything not exactly right."""
    for at, sign in enumerate(text):
        if not " " <= sign <= "~":
            raise VietQrError("not printable ASCII", offset=at)
    fields = _fields(text, 0, "")
    for tag in REQUIRED:
        if tag not in fields:
            raise VietQrError("a required tag is missing", tag=tag, offset=len(text))
    _checksum(text, fields)
    for tag, field in fields.items():
        if tag not in REQUIRED and tag not in OPTIONAL:
            raise VietQrError("a tag that no VietQR has", tag=tag, offset=field.at)
    _fixed(fields["00"], "01")
    if fields["01"].value not in ("11", "12"):
        raise VietQrError("11 or 12 expected", tag="01", offset=fields["01"].at)
    _fixed(fields["53"], CURRENCY)
    _fixed(fields["58"], COUNTRY)
    bank_bin, account, service = _to(fields["38"])
    bill, purpose = _about(fields.get("62"))
    return VietQr(bank_bin, account, _amount(fields.get("54")), purpose, bill, service)


def crc(text: str) -> int:
    """CRC-16/CCITT-FALSE: polynomial 1021, from FFFF, nothing reflected. "123456789" gives 29B1."""
    value = 0xFFFF
    for byte in text.encode("ascii"):
        value ^= byte << 8
        for _bit in range(8):
            value = (value << 1) ^ 0x1021 if value & 0x8000 else value << 1
        value &= 0xFFFF
    return value


def svg(text: str) -> str:
    """The QR as an SVG that stands alone in an ``<img>`` or inline; black on white, whatever the page's colours are."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", border=4, scale=8, dark="#000", light="#fff", xmldecl=False, svgns=True, omitsize=True
    )
    return out.getvalue().decode()


def png(text: str, *, scale: int = 12) -> bytes:
    """The QR as a PNG, to be kept among a phone's pictures and opened from the bank's app."""
    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(out, kind="png", border=4, scale=scale)
    return out.getvalue()


def _tlv(tag: str, value: str) -> str:
    if len(value) > 99:
        raise VietQrError("a value is longer than 99 characters", tag=tag)
    return f"{tag}{len(value):02d}{value}"


def _fields(text: str, base: int, inside: str) -> dict[str, Field]:
    found: dict[str, Field] = {}
    for field in _walk(text, base, inside):
        if field.tag in found:
            raise VietQrError("a tag stands twice", tag=inside + field.tag, offset=field.at - 4)
        found[field.tag] = field
    return found


def _walk(text: str, base: int, inside: str) -> Iterator[Field]:
    at = 0
    while at < len(text):
        tag, length = text[at : at + 2], text[at + 2 : at + 4]
        if len(tag) < 2 or not tag.isdigit():
            raise VietQrError("a tag is two digits", tag=inside + tag, offset=base + at)
        if len(length) < 2 or not length.isdigit() or length == "00":
            raise VietQrError("a length is two digits, 01 to 99", tag=inside + tag, offset=base + at + 2)
        value = text[at + 4 : at + 4 + int(length)]
        if len(value) < int(length):
            said = f"the length says {int(length)}, {len(value)} are there"
            raise VietQrError(said, tag=inside + tag, offset=base + at + 2)
        yield Field(tag, value, base + at + 4)
        at += 4 + int(length)


def _checksum(text: str, fields: dict[str, Field]) -> None:
    if next(iter(fields)) != "00":
        raise VietQrError("the first tag is 00", tag=next(iter(fields)))
    said = fields["63"]
    if said.at + len(said.value) != len(text):
        raise VietQrError("something follows the checksum", tag="63", offset=said.at)
    if not CRC.fullmatch(said.value):
        raise VietQrError("the checksum is four digits 0-9 A-F", tag="63", offset=said.at)
    if int(said.value, 16) != crc(text[: said.at]):
        raise VietQrError("the checksum does not fit", tag="63", offset=said.at)


def _to(field: Field) -> tuple[str, str, str]:
    inner = _only(field, "38.", ("00", "01", "02"))
    _fixed(inner["00"], GUID, "38.")
    service = inner["02"]
    if service.value not in (TO_ACCOUNT, TO_CARD):
        raise VietQrError("an unknown service", tag="38.02", offset=service.at)
    holder = _only(inner["01"], "38.01.", ("00", "01"))
    for tag, form in (("00", BIN), ("01", ACCOUNT)):
        if not form.fullmatch(holder[tag].value):
            raise VietQrError("not a bank's BIN or account", tag=f"38.01.{tag}", offset=holder[tag].at)
    return holder["00"].value, holder["01"].value, service.value


def _about(field: Field | None) -> tuple[str, str]:
    if field is None:
        return "", ""
    inner = _fields(field.value, field.at, "62.")
    for tag, one in inner.items():
        if tag in ("01", "08") and len(one.value) > LONGEST_PURPOSE:
            raise VietQrError(f"at most {LONGEST_PURPOSE} characters", tag=f"62.{tag}", offset=one.at)
    return tuple(inner[tag].value if tag in inner else "" for tag in ("01", "08"))  # type: ignore[return-value]


def _amount(field: Field | None) -> int | None:
    if field is None:
        return None
    if not AMOUNT.fullmatch(field.value) or int(field.value) > MOST_DONG:
        raise VietQrError("an amount is whole dong, 1 to 1,000,000,000,000", tag="54", offset=field.at)
    return int(field.value)


def _only(field: Field, inside: str, tags: tuple[str, ...]) -> dict[str, Field]:
    """The fields inside ``field``: exactly these tags."""
    inner = _fields(field.value, field.at, inside)
    for tag in tags:
        if tag not in inner:
            raise VietQrError("a required tag is missing", tag=inside + tag, offset=field.at + len(field.value))
    for tag, one in inner.items():
        if tag not in tags:
            raise VietQrError("a tag that no VietQR has", tag=inside + tag, offset=one.at)
    return inner


def _fixed(field: Field, value: str, inside: str = "") -> None:
    if field.value != value:
        raise VietQrError(f"{value} expected", tag=inside + field.tag, offset=field.at)
