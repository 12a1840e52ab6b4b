"""What a package's manifest says besides the footage: the request, who and what led to it, the cameras, the clocks.

Read from rows at the moment of packing. Suppliers are numbers here; who they are stands in the sealed annex.
"""

import tomllib
from collections.abc import Iterable, Sequence
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from django.db.models import Q

from backend.lib.clock import to_us
from backend.lib.clocksync import clock_sync
from backend.lib.config import ROOT
from cameras.evidence.manifest import instant
from cameras.models import Camera, EvidencePackage, FootageAsk, FootageRequest, Rendition
from neighborhoods import audit
from neighborhoods.models import Account, AuditEntry, RoleGrant

SENDER_REPORTS = "RTCP sender report (RFC 3550, 6.4.1), the largest of a minute"
OF_REQUEST = ("footage.asked", "footage.signed", "footage.extended", "footage.scanned", "footage.reviewed")
OF_CAMERA = (
    "footage.put_to_owner", "footage.put_to_school", "footage.put_to_leader", "footage.asked_back",
    "footage.answered_owner", "footage.answered_school", "footage.answered_leader", "footage.released",
    "footage.served",
)  # fmt: skip
"""What of the audit is told as operations."""


def facts_of(
    package: EvidencePackage, asks: Sequence[FootageAsk], proofs: Iterable[AuditEntry], *, now: datetime
) -> dict[str, Any]:
    """The manifest's members but for ``cameras`` and ``files``. ``proofs``: the entries that slices' proofs lead to."""
    request = package.request
    ward = request.case.ward
    head = AuditEntry.objects.filter(chain=audit.chain_of(ward.id)).order_by("-seq").values("seq", "hash").first()
    sync = clock_sync()
    return {
        "package": {"id": str(package.id), "number": package.number, "made_at": _utc(now), "software": software()},
        "request": _request(request),
        "ward": {"code": ward.code, "name": ward.name},
        "people": _people(package),
        "decisions": [_decision(ask) for ask in asks],
        "operations": _operations(request, asks),
        "server": {
            "synchronised": sync.synchronised, "estimated_error_us": sync.estimated_error_us,
            "maximum_error_us": sync.maximum_error_us, "how": sync.how,
        },
        "audit": {"head": head, "entries": [_entry(one) for one in proofs]},
    }  # fmt: skip


def camera_facts_of(camera: Camera) -> dict[str, Any]:
    """One camera's hardware, place, clock and masks."""
    main = Rendition.objects.filter(camera=camera, name=Rendition.Name.MAIN).first()
    error, at = (main.clock_error_ms, main.clock_measured_at) if main else (None, None)
    place = {"latitude": camera.latitude, "longitude": camera.longitude} if camera.latitude is not None else None
    return {
        "make": camera.make, "model": camera.model, "firmware": camera.firmware,
        "certificate": {"number": camera.certificate, "rule": camera.certificate_rule},
        "place": place, "bearing_deg": camera.bearing_deg, "purpose": camera.purpose,
        "clock": {
            "stamped_by": "server", "camera_error_ms": error, "measured_at": instant(to_us(at)) if at else None,
            "how": SENDER_REPORTS if at else "the camera does not tell its clock",
        },
        "masks": {"version": camera.mask_version, "areas": camera.masks},
    }  # fmt: skip


def software() -> str:
    """Name and version of what made a package."""
    return " ".join(product())


def product() -> tuple[str, str]:
    try:
        return "Mắt Phố", version("matpho")
    except PackageNotFoundError:  # run from its source, as it usually is
        return "Mắt Phố", str(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"])


def _request(request: FootageRequest) -> dict[str, Any]:
    said = {
        "id": str(request.id), "kind": request.kind, "case_number": request.case.case_number,
        "document_number": request.document_number, "basis": request.basis, "reason": request.reason,
        "words": request.words, "urgent": request.urgent, "asked_at": instant(to_us(request.asked_at)),
        "window": _span(request.starts_at, request.ends_at),
    }  # fmt: skip
    if request.kind == FootageRequest.Kind.DEMAND:
        said |= {"signatory": request.signatory, "scan_sha256": request.scan.sha256 if request.scan else None}
    return said


def _people(package: EvidencePackage) -> list[dict[str, str]]:
    request = package.request
    who = {
        "asked": request.asked_by, "signed": request.signed_by, "reviewed": request.reviewed_by,
        "ordered": package.ordered_by,
    }  # fmt: skip
    return [
        {"role": role, "name": str(account), "unit": _unit(account, request)}
        for role, account in who.items()
        if account
    ]


def _unit(account: Account, request: FootageRequest) -> str:
    grants = RoleGrant.objects.filter(account=account, ward=request.case.ward).exclude(unit="").order_by("-starts_at")
    return grants.values_list("unit", flat=True).first() or ""


def _decision(ask: FootageAsk) -> dict[str, Any]:
    assert ask.decided_at is not None  # noqa: S101  (a constraint of the table: it is released)
    return {
        "camera": f"K{ask.number}", "how": ask.how, "by": ask.decided_role, "at": instant(to_us(ask.decided_at)),
        "granted": _span(ask.starts_at, ask.ends_at), "objected": bool(ask.objection),
    }  # fmt: skip


def _operations(request: FootageRequest, asks: Sequence[FootageAsk]) -> list[dict[str, Any]]:
    """What stands in the audit about the request and these cameras: what it says of a household stays there."""
    names = {f"footage_ask:{ask.id}": f"K{ask.number}" for ask in asks}
    places = {ask.camera.neighborhood_id for ask in asks}
    of_request = Q(action__in=OF_REQUEST, neighborhood_id=None, subject=f"footage_request:{request.id}")
    of_camera = Q(action__in=OF_CAMERA, neighborhood_id__in=places, subject__in=names)
    rows = AuditEntry.objects.filter(of_request | of_camera, at__gte=request.asked_at).order_by("seq")
    return [
        {
            "what": row.action, "at": instant(to_us(row.at)), "camera": names.get(row.subject),
            "entry": {"seq": row.seq, "hash": row.hash}, "parents": [row.previous_hash], "results": [],
        }
        for row in rows
    ]  # fmt: skip


def _entry(row: AuditEntry) -> dict[str, Any]:
    return audit.entry_fields(row) | {"previous_hash": row.previous_hash, "hash": row.hash}


def _span(starts_at: datetime, ends_at: datetime) -> dict[str, Any]:
    return {"from": instant(to_us(starts_at)), "to": instant(to_us(ends_at))}


def _utc(at: datetime) -> str:
    return instant(to_us(at))["utc"]
