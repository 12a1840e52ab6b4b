"""The footage requests of the walk: a voluntary one for An's camera, released in danger, and a legal demand."""

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from cameras.evidence.package import package_write
from cameras.footage.annex import annex_seal
from cameras.footage.inforce import POLICY
from cameras.footage.packages import root
from cameras.models import Camera, Case, EvidenceLink, EvidencePackage, FootageAsk, FootageRequest, Hold
from neighborhoods.access import Grant, Role, system
from neighborhoods.papers import paper_keep
from tests.architecture.ask import Ask
from tests.architecture.fund_asks import PDF
from tests.cameras.evidence.packing import FACTS, KEY
from tests.cast import Cast, Person

OF_THE_HOUSEHOLD_OR_THE_WARD = frozenset({"resident", "officer", "supervisor", "auditor"})
"""A voluntary request for a household's camera is no business of whoever leads."""


def make_footage(cast: Cast, chief: Person, camera_id: uuid.UUID, case_id: uuid.UUID) -> dict[str, uuid.UUID]:
    moment = timezone.now()
    office = system("walk", Grant(Role.OFFICER, ward_id=cast.ward.id))
    scan = paper_keep(actor=office, ward_id=cast.ward.id, kind="demand", data=PDF, name="lenh.pdf", now=moment)
    common = {
        "case": Case.objects.get(id=case_id), "document_number": "1", "basis": "criminal", "reason": "vehicle",
        "words": "Xe máy màu xanh", "area": {"places": [str(cast.place.id)]}, "starts_at": moment - timedelta(hours=1),
        "ends_at": moment, "asked_by": cast.dung.account, "deadline_at": moment + POLICY.held_for, "state": "open",
    }  # fmt: skip
    signed = {"urgent": True, "signed_by": chief.account, "signed_at": moment}
    voluntary = FootageRequest.objects.create(kind="voluntary", **signed, **common)
    demand = FootageRequest.objects.create(kind="demand", signatory="Đại tá Nam", scan=scan, **common)
    camera = Camera.objects.get(id=camera_id)
    for request in (voluntary, demand):
        window = {"starts_at": request.starts_at, "ends_at": request.ends_at}
        hold = Hold.objects.create(camera=camera, expires_at=request.deadline_at, reason="footage_request", **window)
        FootageAsk.objects.create(
            request=request, camera=camera, number=1, hold=hold, question="Xe nào?", asked_back_at=moment, **window
        )
    package = _package(voluntary, camera, moment)
    link = EvidenceLink.objects.create(package=package, device=cast.dung.device, expires_at=moment + timedelta(hours=1))
    return {"footage_id": voluntary.id, "demand_id": demand.id, "package_id": package.id, "link_id": link.id}


def _package(request: FootageRequest, camera: Camera, moment: datetime) -> EvidencePackage:
    """One that is made, of no camera: a package of the urgent request, with its files."""
    package = EvidencePackage.objects.create(
        request=request, number=1, node=camera.node, ordered_by=request.asked_by, annex=annex_seal([]),
        made_at=moment, manifest_sha256="0" * 64,
    )  # fmt: skip
    said = FACTS | {"decisions": [], "audit": {"head": None, "entries": []}}
    root().mkdir(parents=True, exist_ok=True, mode=0o700)
    package_write(root() / str(package.id), [], said, key=KEY)
    return package


def footage_asks(ids: dict[str, uuid.UUID], moment: datetime) -> dict[str, Ask]:
    camera = {"camera": str(ids["camera_id"])}
    window = {"from": (moment - timedelta(minutes=30)).isoformat(), "to": moment.isoformat()}
    where = {"case": str(ids["case_id"]), "area": {"places": [str(ids["neighborhood_id"])]}, **window}
    wanted = {"kind": "voluntary", "document_number": "2", "basis": "traffic", "reason": "vehicle",
              "words": "Ô tô trắng bỏ chạy"}  # fmt: skip
    one = "/api/v1/footage-requests/<uuid:footage_id>/"
    demand = "/api/v1/footage-requests/<uuid:demand_id>/"
    return {
        "POST /api/v1/footage-requests/": Ask(201, where | wanted, names=True),
        "POST /api/v1/footage-requests/preview/": Ask(200, where, names=True),
        f"GET {one}": Ask(200, only=OF_THE_HOUSEHOLD_OR_THE_WARD),
        f"POST {one}sign/": Ask(200),
        f"POST {one}extend/": Ask(200),
        f"POST {one}withdraw/": Ask(200),
        f"POST {one}packages/": Ask(409),  # nothing of it is released
        f"POST {one}views/": Ask(404, {"number": 1}),  # nothing of it is released
        f"POST {one}conclusion/": Ask(200, {"copies_deleted": True}),
        "POST /api/v1/footage-packages/<uuid:package_id>/links/": Ask(201),
        "POST /api/v1/footage-packages/<uuid:package_id>/allow/": Ask(409),  # it can still be fetched
        "POST /api/v1/footage-packages/<uuid:package_id>/annex/": Ask(200, {"words": "Tòa yêu cầu làm chứng"}),
        f"POST {one}answers/": Ask(200, {"number": 1, "words": "Xe Wave"}),
        f"POST {one}review/": Ask(200, {"justified": True, "words": "Có người bị nạn"}),
        f"POST {one}decisions/": Ask(200, camera | {"decision": "deny"}, only=frozenset({"resident"})),
        f"POST {demand}service/": Ask(200, camera),
        f"GET {demand}scan/": Ask(200, only=OF_THE_HOUSEHOLD_OR_THE_WARD | {"leader", "deputy"}),
        f"POST {demand}scan/": Ask(409, file=PDF),  # what its owners were shown is not exchanged
    }
