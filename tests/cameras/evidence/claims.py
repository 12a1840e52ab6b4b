"""Packages whose files carry claims, and what C2PA's own reader says of them."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import c2pa

from cameras.evidence import c2pa_claim
from cameras.evidence.package import Claims
from tests.cameras.evidence.packing import FACTS, KEY

CLAIMED: Claims = c2pa_claim.claims_of(FACTS, key=KEY, product=("Mắt Phố", "0.1.0"))
EXTRAS = {c2pa_claim.ANCHOR: c2pa_claim.anchor_of(KEY)}


@dataclass
class Reading:
    state: str
    manifest: dict[str, Any]
    codes: dict[str, list[str]]
    """Of the claim: ``success``, ``informational`` and ``failure``."""

    def assertion(self, label: str) -> dict[str, Any]:
        (found,) = [one["data"] for one in self.manifest["assertions"] if one["label"] == label]
        return found


def read(file: Path, anchor: bytes | None = EXTRAS[c2pa_claim.ANCHOR]) -> Reading:
    """Without a network. ``anchor``: the root that is trusted. Raises ``C2paError`` where there is no claim."""
    trust = {"trust": {"user_anchors": anchor.decode()}} if anchor else {}
    with (
        c2pa.Context.from_dict({**c2pa_claim.OFFLINE, **trust}) as context,
        file.open("rb") as opened,
        c2pa.Reader(c2pa_claim.FORMAT, opened, context=context) as reader,
    ):
        said = json.loads(reader.json())
    found = said["validation_results"]["activeManifest"]
    codes = {kind: [one["code"] for one in found[kind]] for kind in ("success", "informational", "failure")}
    return Reading(said["validation_state"], said["manifests"][said["active_manifest"]], codes)
