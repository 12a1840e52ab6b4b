"""Which column of a list is what, by its heading: Vietnamese as people write it, in any order and spelling. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend.lib.text import folded


class Field(StrEnum):
    NUMBER = "number"
    HOUSE = "house"
    LANE = "lane"
    STREET = "street"
    ADDRESS = "address"
    HEAD = "head"
    NAME = "name"
    RELATION = "relation"
    PHONE = "phone"
    MEMBERS = "members"
    REGISTRATION = "registration"


HEADINGS: dict[Field, tuple[str, ...]] = {
    Field.NUMBER: ("ma ho", "ma so ho", "so ho", "ho so", "number"),
    Field.HOUSE: ("so nha", "nha so", "sn", "house number"),
    Field.LANE: ("ngo", "ngach", "hem", "kiet", "ngo ngach", "ngo hem", "ngach ngo", "lane"),
    Field.STREET: ("duong", "pho", "duong pho", "ten duong", "thon", "xom", "ap", "khu", "street"),
    Field.ADDRESS: ("dia chi", "dia chi nha", "dia chi nha o", "dia chi thuong tru", "dia chi cu tru",
                    "dia chi hien tai", "noi o",
                    "noi o hien tai", "noi cu tru", "noi thuong tru", "cho o", "cho o hien tai", "address"),
    Field.HEAD: ("chu ho", "ten chu ho", "ho ten chu ho", "ho va ten chu ho", "ten ho", "dai dien ho", "nguoi dai dien",
                 "dai dien", "ho gia dinh", "household", "head"),
    Field.NAME: ("ho ten", "ho va ten", "ten", "ho va ten nhan khau", "ho ten nhan khau", "name", "full name"),
    Field.RELATION: ("quan he", "quan he voi chu ho", "quan he chu ho", "relation"),
    Field.PHONE: ("dien thoai", "so dien thoai", "sdt", "so dt", "dt", "dtdd", "di dong", "so di dong",
                  "dien thoai di dong", "dien thoai chu ho", "sdt chu ho", "so dien thoai chu ho", "phone", "tel"),
    Field.MEMBERS: ("thanh vien", "cac thanh vien", "thanh vien trong ho", "thanh vien khac", "nguoi trong ho",
                    "nhan khau", "nhan khau khac", "members"),
    Field.REGISTRATION: ("loai cu tru", "dang ky", "loai dang ky", "cu tru", "hinh thuc cu tru", "registration"),
}  # fmt: skip
"""Folded, without signs."""

OF_HEADING = {heading: field for field, headings in HEADINGS.items() for heading in headings}
SENSITIVE = ("cccd", "cmnd", "cmt", "can cuoc", "dinh danh", "chung minh", "passport", "ho chieu")


@dataclass(frozen=True, slots=True)
class Columns:
    """Where each field stands, and the headings that nobody reads. Numbers of identity cards are never read."""

    places: dict[Field, int]
    unread: list[str]
    sensitive: list[str]

    def of(self, cells: Sequence[str], field: Field) -> str:
        place = self.places.get(field)
        return cells[place] if place is not None and place < len(cells) else ""


def plain(heading: str) -> str:
    """A heading without accents, signs and what stands in brackets: ``SĐT (nếu có) *`` is ``sdt``."""
    text = folded(heading.partition("(")[0])
    return " ".join("".join(sign if sign.isalnum() else " " for sign in text).split())


def columns_of(headings: Sequence[str]) -> Columns:
    """The first column of each kind counts; a second of the same kind is not read, and told."""
    places: dict[Field, int] = {}
    unread, sensitive = [], []
    for place, heading in enumerate(headings):
        name = plain(heading)
        if any(word in name for word in SENSITIVE):
            sensitive.append(heading)
            continue
        field = OF_HEADING.get(name)
        if field is not None and field not in places:
            places[field] = place
        elif name and name not in ("stt", "tt", "so tt", "so thu tu", "no", "ghi chu"):
            unread.append(heading)
    return Columns(places, unread, sensitive)


def is_heading(cells: Sequence[str]) -> bool:
    """Whether this line can head a list of households: it says where they live, or by which number they go, and
    something else beside it."""
    found = columns_of(cells).places.keys()
    where = {Field.ADDRESS, Field.HOUSE, Field.NUMBER}
    return bool(found & where) and len(found) >= 2
