"""Cases and extractions: the officer's register. The audit gets each act and never a case's number.

Footage itself is asked for, decided on and handed over elsewhere; here stands that it was looked through, for which
case, of which camera, by whom and why, and what came of it.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_name
from cameras.models import Camera, Case, Extraction
from neighborhoods import audit
from neighborhoods.access import Action, Actor, Place, reach, require
from neighborhoods.models import Ward

HELPS = ("vehicle", "place", "time", "person", "other")
"""What of the footage helped. Thanh Hoá's police name the first three."""
LONGEST_SPAN = timedelta(hours=24)
"""Of one extraction: a whole week of a street is no case's footage, it is everybody's."""


def cases_for(actor: Actor) -> QuerySet[Case]:
    """The cases of the wards whose register the actor may see, newest first."""
    to = reach(actor, Action.SEE_CASES)
    rows = Case.objects.select_related("ward").order_by("-id")
    return rows if to.everywhere else rows.filter(ward_id__in=to.ward_ids)


def case_for(actor: Actor, action: Action, case_id: UUID) -> Case:
    """Load and authorise; absent and forbidden are the same ``Absent``."""
    case = Case.objects.select_related("ward").filter(id=case_id).first()
    if case is None:
        raise Absent()
    require(actor, action, Place(ward_id=case.ward_id))
    return case


def extractions_of(actor: Actor, case_id: UUID) -> QuerySet[Extraction]:
    """What was taken for a case, newest first. Raises ``Absent``."""
    case = case_for(actor, Action.SEE_CASES, case_id)
    return Extraction.objects.select_related("camera").filter(case=case).order_by("-id")


def case_open(*, actor: Actor, ward_id: UUID, case_number: str, kind: str, now: datetime) -> Case:
    """Enter a case under the number the police gave it.

    Raises ``Absent``, ``BadInput`` with fields, ``Conflict`` (``case_exists``).
    """
    require(actor, Action.RECORD_CASES, Place(ward_id=ward_id))
    number = clean_name(case_number, field="case_number", longest=40)
    one_of("kind", kind, Case.Kind.values)
    with transaction.atomic():
        ward = Ward.objects.filter(id=ward_id).first()
        if ward is None:
            raise Absent()
        try:
            with transaction.atomic():
                case = Case.objects.create(
                    ward=ward,
                    series=ward.code,
                    case_number=number,
                    kind=kind,
                    opened_by_id=actor.account_id,
                    opened_at=now,
                )
        except IntegrityError:
            raise Conflict(_("That case number is in the register already."), code="case_exists") from None
        _record(actor, "case.opened", case, now, kind=kind)
    return case


def case_resolve(*, actor: Actor, case_id: UUID, outcome: str, offence_found: bool = False, now: datetime) -> Case:
    """What became of the case. Another outcome later corrects it. Raises ``Absent``, ``BadInput``."""
    one_of("outcome", outcome, Case.Outcome.values)
    if offence_found and outcome != Case.Outcome.CLARIFIED:
        reason = _("Only a case that is clarified has found an offence.")
        raise BadInput(reason, fields={"offence_found": [reason]})
    with transaction.atomic():
        case = _held(actor, case_id)
        if (case.outcome, case.offence_found) != (outcome, offence_found):
            case.outcome, case.outcome_at, case.offence_found = outcome, now, offence_found
            case.save(update_fields=["outcome", "outcome_at", "offence_found"])
            _record(actor, "case.resolved", case, now, outcome=outcome, offence_found=offence_found)
    return case


def extraction_record(
    *, actor: Actor, case_id: UUID, camera_id: UUID, starts_at: datetime, ends_at: datetime, reason: str, now: datetime
) -> Extraction:
    """Footage of ``[starts_at, ends_at)`` of a camera of the ward was looked through for the case.

    Raises ``Absent``, ``BadInput`` with fields, ``Conflict`` (``case_closed``).
    """
    one_of("reason", reason, Extraction.Reason.values)
    _check_span(starts_at, ends_at, now)
    with transaction.atomic():
        case = _held(actor, case_id)
        if case.outcome is not None:
            raise Conflict(_("The case is closed. Open it under its new number first."), code="case_closed")
        camera = Camera.objects.filter(
            id=camera_id, neighborhood__ward_id=case.ward_id, approved_at__lt=ends_at
        ).first()
        if camera is None:
            wrong = _("No camera of this ward had recorded by then.")
            raise BadInput(wrong, fields={"camera": [wrong]})
        extraction = Extraction.objects.create(
            case=case, camera=camera, starts_at=starts_at, ends_at=ends_at, reason=reason,
            taken_by_id=actor.account_id, taken_at=now,
        )  # fmt: skip
        audit.record(
            actor=actor,
            action="extraction.recorded",
            subject=("extraction", extraction.id),
            ward_id=case.ward_id,
            neighborhood_id=camera.neighborhood_id,
            data={"case": case.id, "camera": camera.id, "reason": reason, "from": starts_at, "to": ends_at},
            now=now,
        )
    return extraction


def extraction_outcome(
    *, actor: Actor, extraction_id: UUID, outcome: str, what_helped: Collection[str] = (), now: datetime
) -> Extraction:
    """Whether the footage was of use, and what of it helped (``HELPS``). Another outcome later corrects it.

    Raises ``Absent``, ``BadInput`` with fields.
    """
    one_of("outcome", outcome, Extraction.Outcome.values)
    helped = [word for word in HELPS if word in what_helped]
    if len(helped) != len(set(what_helped)) or bool(helped) != (outcome == Extraction.Outcome.USED):
        reason = _("Say what helped, and only where it was used: %(all)s.") % {"all": ", ".join(HELPS)}
        raise BadInput(reason, fields={"what_helped": [reason]})
    with transaction.atomic():
        extraction = (
            Extraction.objects.select_for_update(of=("self",), no_key=True)
            .select_related("case", "camera")
            .filter(id=extraction_id)
            .first()
        )
        if extraction is None:
            raise Absent()
        require(actor, Action.RECORD_CASES, Place(ward_id=extraction.case.ward_id))
        if (extraction.outcome, extraction.what_helped) != (outcome, helped):
            extraction.outcome, extraction.what_helped, extraction.outcome_at = outcome, helped, now
            extraction.save(update_fields=["outcome", "what_helped", "outcome_at"])
            audit.record(
                actor=actor,
                action="extraction.judged",
                subject=("extraction", extraction.id),
                ward_id=extraction.case.ward_id,
                neighborhood_id=extraction.camera.neighborhood_id,
                data={"case": extraction.case_id, "outcome": outcome, "helped": helped},
                now=now,
            )
    return extraction


def cases_of_ward(actor: Actor, ward_id: UUID | None, *, still_open: bool | None = None) -> QuerySet[Case]:
    """``cases_for`` of one ward, of those that have no outcome yet (or have one)."""
    wanted = Q() if ward_id is None else Q(ward_id=ward_id)
    if still_open is not None:
        wanted &= Q(outcome__isnull=still_open)
    return cases_for(actor).filter(wanted)


def _held(actor: Actor, case_id: UUID) -> Case:
    """The case, its row held, so that nothing is entered while it is closed."""
    held = Case.objects.select_for_update(of=("self",), no_key=True).select_related("ward")
    case = held.filter(id=case_id).first()
    if case is None:
        raise Absent()
    require(actor, Action.RECORD_CASES, Place(ward_id=case.ward_id))
    return case


def one_of(field: str, word: str, words: Collection[str]) -> None:
    if word not in words:
        raise BadInput(_("Choose one of the list."), fields={field: [", ".join(words)]})


def _check_span(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if not starts_at < ends_at <= now:
        reason = _("Footage ends after it begins, and not in the future.")
        raise BadInput(reason, fields={"to": [reason]})
    if ends_at - starts_at > LONGEST_SPAN:
        reason = _("At most 24 hours at once: name the time more closely.")
        raise BadInput(reason, fields={"to": [reason]})


def _record(actor: Actor, action: str, case: Case, now: datetime, **facts: object) -> None:
    audit.record(
        actor=actor, action=action, subject=("case", case.id), ward_id=case.ward_id, neighborhood_id=None, data=facts,
        now=now,
    )  # fmt: skip
