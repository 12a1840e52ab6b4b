"""The legal record (hồ sơ pháp lý): who controls and who processes, signed before the first recording.

Law 91/2025 and Decree 356/2025 want the roles written down. Recording public places for order and safety asks for no
consent (Article 32), but people must be told by a sign, the purpose is limited and footage is kept no longer than
needed: so purposes, days and the sign's wording stand in the record. What an operator must do besides is in
``docs/legal.md``.

A record is never changed. A new one is signed, and ``Neighborhood.legal_record`` names the one in force;
``cameras.rules.may_record`` asks for it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_name
from neighborhoods import audit, nudges
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.models import LegalRecord, Neighborhood, Paper

PURPOSES = {
    "security": "an ninh, trật tự",
    "traffic": "giao thông",
    "urban_order": "trật tự đô thị",
    "environment": "môi trường",
    "disaster": "cháy nổ, lũ lụt, thiên tai",
}
"""What cameras of a street may be for, with its words on the sign. Watching residents for its own sake is none."""
LONGEST_RETENTION_DAYS = 90
SIGN_VERSION = 1
CHANNEL = "matpho:cameras"
"""The recorder's next look is brought forward (``cameras.registration.CHANNEL``): it may dial from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """What is filled in. ``document_id``: the paper with its signatures, where it was scanned."""

    controller: str
    controller_name: str
    processor_name: str
    purposes: Collection[str]
    retention_days: int
    contact: str
    document_id: UUID | None = None


def legal_sign(
    *, actor: Actor, neighborhood_id: UUID, facts: Facts, signed_name: str, sure: bool, now: datetime
) -> LegalRecord:
    """Sign the neighborhood's record: the signer types their name and says a second time that they mean it.

    The one before goes out of force and stays readable. Raises ``Absent``, ``BadInput`` with fields (``not_sure``
    without the second confirmation).
    """
    checked = _checked(facts)
    name = clean_name(signed_name, field="signed_name")
    if not sure:
        reason = _("Confirm that you have read the record and sign it.")
        raise BadInput(reason, code="not_sure", fields={"sure": [reason]})
    with transaction.atomic():
        place = Neighborhood.objects.select_for_update().filter(id=neighborhood_id).first()
        if place is None:
            raise Absent()
        require(actor, Action.SIGN_LEGAL_RECORD, Place(ward_id=place.ward_id, neighborhood_id=place.id))
        _require_paper(facts.document_id, place)
        record = LegalRecord.objects.create(
            neighborhood=place, sign_version=SIGN_VERSION, signed_name=name, signed_by_id=actor.account_id,
            signed_at=now, document_id=facts.document_id, **checked,
        )  # fmt: skip
        before, place.legal_record = place.legal_record_id, record
        place.save(update_fields=["legal_record"])
        nudges.on_commit(CHANNEL, str(place.id))
        audit.record(
            actor=actor,
            action="legal_record.signed",
            subject=("legal_record", record.id),
            ward_id=place.ward_id,
            neighborhood_id=place.id,
            data={
                "controller": record.controller, "purposes": record.purposes, "before": before,
                "retention_days": record.retention_days, "sign_version": record.sign_version,
            },
            now=now,
        )  # fmt: skip
    return record


def legal_record_of(actor: Actor, neighborhood_id: UUID) -> LegalRecord | None:
    """The record in force, for whoever may read it; None where none was signed. Raises ``Absent``."""
    place = Neighborhood.objects.select_related("legal_record").filter(id=neighborhood_id).first()
    if place is None:
        raise Absent()
    require(actor, Action.SEE_LEGAL_RECORD, Place(ward_id=place.ward_id, neighborhood_id=place.id))
    return place.legal_record


def legal_records_for(actor: Actor, neighborhood_id: UUID) -> QuerySet[LegalRecord]:
    """All that were ever signed there, the newest first. Raises ``Absent``."""
    legal_record_of(actor, neighborhood_id)
    return LegalRecord.objects.filter(neighborhood_id=neighborhood_id).order_by("-signed_at")


def require_record(neighborhood_id: UUID) -> None:
    """Raise ``Conflict`` (``legal_record_missing``) where no record is in force: then nothing may be recorded."""
    if not Neighborhood.objects.filter(id=neighborhood_id, legal_record__isnull=False).exists():
        raise Conflict(
            _("Nobody has signed yet who answers for the recordings here. The leader signs it under “Legal record”."),
            code="legal_record_missing",
        )


def sign_words(record: LegalRecord) -> list[str]:
    """The sign at the street's entrance, line by line, in Vietnamese whatever the reader's language: it hangs there.

    Law 91/2025, Article 32: people are told that they are recorded, for what, by whom and how long.
    """
    return [
        "KHU VỰC CÓ CAMERA GHI HÌNH",
        f"Mục đích: {'; '.join(PURPOSES[code] for code in record.purposes)}",
        f"Bên chịu trách nhiệm: {record.controller_name}",
        f"Hình được giữ tối đa {record.retention_days} ngày rồi xoá.",
        f"Hỏi, xem, khiếu nại: {record.contact}",
    ]


def _checked(facts: Facts) -> dict[str, object]:
    wrong: dict[str, list[str]] = {}
    if facts.controller not in LegalRecord.Controller.values:
        wrong["controller"] = [", ".join(LegalRecord.Controller.values)]
    purposes = sorted(set(facts.purposes), key=list(PURPOSES).index) if set(facts.purposes) <= set(PURPOSES) else []
    if not purposes:
        wrong["purposes"] = [_("Choose at least one of: %(all)s.") % {"all": ", ".join(PURPOSES)}]
    if not 1 <= facts.retention_days <= LONGEST_RETENTION_DAYS:
        wrong["retention_days"] = [_("From %(low)s to %(high)s.") % {"low": 1, "high": LONGEST_RETENTION_DAYS}]
    if wrong:
        raise BadInput(_("Some fields are not valid."), fields=wrong)
    return {
        "controller": facts.controller,
        "controller_name": clean_name(facts.controller_name, field="controller_name", longest=200),
        "processor_name": clean_name(facts.processor_name, field="processor_name", longest=200),
        "purposes": purposes,
        "retention_days": facts.retention_days,
        "contact": clean_name(facts.contact, field="contact", longest=200),
    }


def _require_paper(paper_id: UUID | None, place: Neighborhood) -> None:
    if paper_id is None:
        return
    if not Paper.objects.filter(id=paper_id, neighborhood=place, kind=Paper.Kind.LEGAL).exists():
        reason = _("There is no such paper here.")
        raise BadInput(reason, fields={"document": [reason]})
