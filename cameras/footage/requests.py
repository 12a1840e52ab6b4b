"""Asking for footage: one request for one case, held at once, put to the owners when nobody above has still to sign.

Before release its asker knows counts and shares and no camera. Nobody signs what they asked themselves, and nobody
looks back at what they signed: two people stand between asking and releasing, a third behind an urgent one.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.clock import VIETNAM
from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.text import clean_name, clean_words
from cameras import cases
from cameras.footage import coverage, holds, telling
from cameras.footage.area import MOST_CORNERS, Area, extent_km2
from cameras.footage.coverage import Coverage, Found
from cameras.footage.held import own_request_held, request_held
from cameras.footage.inforce import POLICY, figure, hours
from cameras.footage.packages import package_give_up
from cameras.footage.policy import limits_passed
from cameras.footage.vague import says_something
from cameras.models import Case, Extraction, FootageAsk, FootageRequest
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.models import Neighborhood
from neighborhoods.papers import paper_keep

State, Kind = FootageRequest.State, FootageRequest.Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an officer fills in."""

    kind: str
    document_number: str
    basis: str
    reason: str
    words: str
    area: Area
    starts_at: datetime
    ends_at: datetime
    urgent: bool = False
    delivery: str = FootageRequest.Delivery.COPY
    signatory: str = ""


def coverage_preview(
    *, actor: Actor, case_id: UUID, area: Area, starts_at: datetime, ends_at: datetime, now: datetime
) -> Coverage:
    """What an area and a window hold, as counts; nothing is held and nobody is asked. That it was asked is on record.

    Raises ``Absent``, ``BadInput`` with fields, ``Conflict`` (``case_closed``).
    """
    with transaction.atomic():
        case = _open_case(actor, case_id)
        found = _found(case, area, starts_at, ends_at, now)
        counted = coverage.coverage_of(found, starts_at, ends_at)
        telling.case_act(actor, "footage.previewed", case, now, cameras=counted.cameras)
    return counted


def request_make(*, actor: Actor, case_id: UUID, wanted: Wanted, now: datetime) -> FootageRequest:
    """Ask, and hold what is asked for at once. Cameras that have nothing of the window are not asked for.

    Raises ``Absent``; ``BadInput`` with fields; ``Conflict``: ``case_closed``, ``no_cameras``, ``no_footage`` (which
    says what is left), ``officer_quota``, ``hold_quota``.
    """
    if actor.account_id is None:
        raise Absent()
    facts = _checked(wanted)
    with transaction.atomic():
        case = _open_case(actor, case_id)
        found = _found(case, wanted.area, wanted.starts_at, wanted.ends_at, now, locked=True)
        if not found:
            raise Conflict(_("No camera stands there. Draw a larger area, or choose neighborhoods."), code="no_cameras")
        having = [one for one in found if one.spans]
        if not having:
            raise _nothing_left(found, wanted)
        passed = limits_passed(
            window=wanted.ends_at - wanted.starts_at, urgent=wanted.urgent, cameras=len(found), now=now,
            duty=settings.CONFIG.duty_hours, policy=POLICY,
            extent_km2=extent_km2(wanted.area.polygon) if wanted.area.polygon else 0.0, places=len(wanted.area.places),
        )  # fmt: skip
        request = FootageRequest.objects.create(
            case=case, area=wanted.area.plain(), starts_at=wanted.starts_at, ends_at=wanted.ends_at,
            urgent=wanted.urgent, over_limits=passed, state=State.UNSIGNED if passed else State.OPEN,
            asked_by_id=actor.account_id, asked_at=now, deadline_at=now + POLICY.held_for, **facts,
        )  # fmt: skip
        _hold(request, having, now)
        holds.quotas_require(actor.account_id, {one.camera.neighborhood_id for one in having}, now=now)
        telling.request_act(
            actor, "footage.asked", request, now, kind=request.kind, cameras=len(having), over=passed,
            asks=telling.put_to_owners(request) if request.state == State.OPEN else (),
        )  # fmt: skip
    return request


def request_sign(*, actor: Actor, request_id: UUID, now: datetime) -> FootageRequest:
    """The second signature. The owners are asked now; of an urgent request everything is released and they are told.

    Raises ``Absent``; ``Conflict``: ``not_oneself``, ``footage_settled``, ``footage_deadline``.
    """
    with transaction.atomic():
        request = request_held(actor, Action.SIGN_FOOTAGE, request_id)
        _require_another(actor, request)
        if request.state == State.UNSIGNED:
            _require_time(request, now)
            request.state, request.signed_by_id, request.signed_at = State.OPEN, actor.account_id, now
            request.save(update_fields=["state", "signed_by", "signed_at"])
            if request.urgent:
                _release_all(request, now)
            asks = telling.put_to_owners(request)
            telling.request_act(actor, "footage.signed", request, now, urgent=request.urgent, asks=asks)
        elif request.signed_by_id != actor.account_id:
            raise Conflict(_("There is nothing to sign here."), code="footage_settled")
    return request


def request_extend(*, actor: Actor, request_id: UUID, now: datetime) -> FootageRequest:
    """Hold longer, and let the owners answer as long. A superior's act, a few times at the most (``Policy``).

    Raises ``Absent``; ``Conflict``: ``not_oneself``, ``footage_settled``, ``footage_deadline``.
    """
    with transaction.atomic():
        request = request_held(actor, Action.SIGN_FOOTAGE, request_id)
        _require_another(actor, request)
        _require_time(request, now)
        longest = request.asked_at + POLICY.held_for + POLICY.most_extensions * POLICY.extended_by
        until = request.deadline_at + POLICY.extended_by
        if request.state == State.WITHDRAWN or until > longest:
            raise Conflict(_("It cannot be held any longer. Ask anew."), code="footage_settled")
        request.deadline_at = until
        request.save(update_fields=["deadline_at"])
        holds.holds_extend(request, until=until)
        telling.request_act(actor, "footage.extended", request, now, until=until)
    return request


def request_withdraw(*, actor: Actor, request_id: UUID, now: datetime) -> FootageRequest:
    """Take it back: nothing is held any more and nobody has to answer. Twice is once.

    Raises ``Absent``; ``Conflict`` (``footage_taken``) once something of it has left: then it is concluded.
    """
    with transaction.atomic():
        request = own_request_held(actor, request_id)
        if request.asks.exclude(extraction=None).exists():
            raise Conflict(_("Footage of it was handed over: say what came of it instead."), code="footage_taken")
        if request.state != State.WITHDRAWN:
            for package in request.packages.filter(withdrawn_at=None):
                package_give_up(package, now=now)
            request.state, request.withdrawn_at = State.WITHDRAWN, now
            request.save(update_fields=["state", "withdrawn_at"])
            holds.holds_release(request, now=now)
            telling.request_act(actor, "footage.withdrawn", request, now)
    return request


def request_scan(*, actor: Actor, request_id: UUID, data: bytes, name: str, now: datetime) -> FootageRequest:
    """Keep the scan of a legal demand, once: what its owners were shown is not exchanged later.

    Raises ``Absent``, ``TooLarge``, ``BadInput`` (``picture_unreadable``, ``picture_too_large``), ``Conflict``
    (``footage_settled``).
    """
    found = FootageRequest.objects.select_related("case").filter(id=request_id, kind=Kind.DEMAND).first()
    if found is None or found.asked_by_id != actor.account_id:
        raise Absent()
    paper = paper_keep(
        actor=actor, ward_id=found.case.ward_id, kind="demand", data=data, name=name, now=now
    )  # decodes: outside the transaction
    with transaction.atomic():
        request = own_request_held(actor, request_id)
        if request.scan_id is not None or request.state == State.WITHDRAWN:
            raise Conflict(_("The scan is there already and is not exchanged."), code="footage_settled")
        request.scan = paper
        request.save(update_fields=["scan"])
        telling.request_act(actor, "footage.scanned", request, now, paper=paper.id)
    return request


def request_review(*, actor: Actor, request_id: UUID, justified: bool, words: str, now: datetime) -> FootageRequest:
    """Look back at an urgent release: was it life in danger? Once, by somebody who neither asked nor signed.

    After its time (``Policy.review_within``) it still counts, and the record shows when. Raises ``Absent``,
    ``BadInput`` with fields, ``Conflict`` (``not_oneself``, ``footage_settled``).
    """
    said = clean_words(words, field="words", longest=400)
    if not said:
        raise _wrong("words", _("Say what you found."))
    with transaction.atomic():
        request = request_held(actor, Action.REVIEW_FOOTAGE, request_id)
        if not request.urgent or request.signed_at is None:
            raise Absent()
        if actor.account_id in (request.asked_by_id, request.signed_by_id):
            raise Conflict(_("You cannot do this to yourself. Ask an administrator."), code="not_oneself")
        if request.reviewed_at is not None:
            raise Conflict(_("Somebody has looked back at it already."), code="footage_settled")
        request.reviewed_by_id, request.reviewed_at = actor.account_id, now
        request.review_justified, request.review_words = justified, said
        request.save(update_fields=["reviewed_by", "reviewed_at", "review_justified", "review_words"])
        telling.request_act(actor, "footage.reviewed", request, now, justified=justified)
    return request


def _open_case(actor: Actor, case_id: UUID) -> Case:
    case = Case.objects.select_for_update(of=("self",), no_key=True).select_related("ward").filter(id=case_id).first()
    if case is None:
        raise Absent()
    require(actor, Action.ASK_FOOTAGE, Place(ward_id=case.ward_id))
    if case.outcome is not None:
        raise Conflict(_("The case is closed. Open it under its new number first."), code="case_closed")
    return case


def _found(
    case: Case, area: Area, starts_at: datetime, ends_at: datetime, now: datetime, *, locked: bool = False
) -> list[Found]:
    """The cameras of the area with what they have of the window; ``locked``: nothing of them is deleted meanwhile."""
    _check_window(starts_at, ends_at, now)
    _check_area(case, area)
    cameras = coverage.cameras_in(case.ward_id, area, ends_at)
    if len(cameras) > POLICY.most_cameras:
        raise _wrong("area", _("%(n)d cameras stand there, and %(most)d are the most. Draw a smaller area.")
                     % {"n": len(cameras), "most": POLICY.most_cameras})  # fmt: skip
    if locked:
        holds.cameras_lock(camera.id for camera in cameras)
    return coverage.found_in(cameras, starts_at, ends_at)


def _hold(request: FootageRequest, having: list[Found], now: datetime) -> None:
    for number, one in enumerate(having, start=1):
        window = (request.starts_at, request.ends_at)
        hold = holds.hold_make(one.camera, *window, until=request.deadline_at, now=now)
        FootageAsk.objects.create(
            request=request, camera=one.camera, number=number, hold=hold, starts_at=window[0], ends_at=window[1]
        )


def _release_all(request: FootageRequest, now: datetime) -> None:
    request.asks.filter(state=FootageAsk.State.PENDING).update(
        state=FootageAsk.State.RELEASED, how=FootageAsk.How.URGENT, decided_role="supervisor", decided_at=now
    )
    holds.holds_extend(request, until=now + POLICY.kept_after_release)


def _require_another(actor: Actor, request: FootageRequest) -> None:
    if actor.account_id == request.asked_by_id:
        raise Conflict(_("You cannot sign what you asked yourself."), code="not_oneself")


def _require_time(request: FootageRequest, now: datetime) -> None:
    if now >= request.deadline_at:
        raise Conflict(_("Its time is over and nothing is held any more. Ask anew."), code="footage_deadline")


def _checked(wanted: Wanted) -> dict[str, Any]:
    """The fields of the row that need no camera. Raises ``BadInput``."""
    for field, value, words in (
        ("kind", wanted.kind, Kind.values), ("basis", wanted.basis, FootageRequest.Basis.values),
        ("reason", wanted.reason, Extraction.Reason.values),
        ("delivery", wanted.delivery, FootageRequest.Delivery.values),
    ):  # fmt: skip
        cases.one_of(field, value, words)
    said = clean_words(wanted.words, field="words", longest=400)
    if not says_something(said):
        raise _wrong("words", _("Say what is looked for: which vehicle, person or act. “Investigation” says nothing."))
    signatory = clean_name(wanted.signatory, field="signatory") if wanted.kind == Kind.DEMAND else ""
    if wanted.kind == Kind.VOLUNTARY and wanted.signatory.strip():
        raise _wrong("signatory", _("Only a legal demand has a signatory."))
    return {
        "kind": wanted.kind, "basis": wanted.basis, "reason": wanted.reason, "delivery": wanted.delivery, "words": said,
        "document_number": clean_name(wanted.document_number, field="document_number", longest=60),
        "signatory": signatory,
    }  # fmt: skip


def _check_window(starts_at: datetime, ends_at: datetime, now: datetime) -> None:
    if not starts_at < ends_at:
        raise _wrong("to", _("It ends before it begins."))
    if ends_at > now:
        raise _wrong("to", _("That has not happened yet: footage can be asked for up to now."))
    if ends_at - starts_at > POLICY.longest_window:
        raise _wrong("to", _("At most %(hours)s hours at once: name the time more closely.")
                     % {"hours": hours(POLICY.longest_window)})  # fmt: skip


def _check_area(case: Case, area: Area) -> None:
    if bool(area.polygon) == bool(area.places):
        raise _wrong("area", _("Draw an area on the map, or choose neighborhoods: one of the two."))
    if area.places:
        there = Neighborhood.objects.filter(id__in=area.places, ward_id=case.ward_id, closed_at=None).count()
        if there != len(set(area.places)) or there > POLICY.most_places:
            raise _wrong("area", _("Choose at most %(most)d neighborhoods of the case's ward.")
                         % {"most": POLICY.most_places})  # fmt: skip
        return
    if not 3 <= len(area.polygon) <= MOST_CORNERS:
        raise _wrong("area", _("An area has 3 to %(most)d corners.") % {"most": MOST_CORNERS})
    if not all(-90 <= latitude <= 90 and -180 <= longitude <= 180 for latitude, longitude in area.polygon):
        raise _wrong("area", _("That place is not on the map."))
    if extent_km2(area.polygon) > POLICY.largest_km2:
        raise _wrong("area", _("The area is too large: draw at most %(most)s km² around the place.")
                     % {"most": figure(POLICY.largest_km2)})  # fmt: skip


def _nothing_left(found: list[Found], wanted: Wanted) -> Conflict:
    oldest = coverage.coverage_of(found, wanted.starts_at, wanted.ends_at).oldest_kept_at
    if oldest is None:
        return Conflict(_("Nothing of these cameras is on record."), code="no_footage")
    left = _("Nothing of that time is left. The oldest footage of these cameras is of %(oldest)s.")
    return Conflict(left % {"oldest": f"{oldest.astimezone(VIETNAM):%H:%M %d/%m/%Y}"}, code="no_footage")


def _wrong(field: str, reason: str) -> BadInput:
    return BadInput(reason, fields={field: [reason]})
