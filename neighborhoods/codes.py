"""Access codes (mã truy cập): the leader's verbs. How they look: ``codeforms``; their sheets: ``codesheets``.

A code is redeemed into a device (``sessions.py``) and is never the long-term secret. It is shown once, when issued.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from neighborhoods import audit, codeforms, devices, heldcodes, hours, revocations
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.households import living_household
from neighborhoods.models import AccessCode, Device, Household, Revocation
from neighborhoods.places import within

VALID_FOR = timedelta(days=90)
LONGEST_VALID = timedelta(days=366)
GUEST_VALID_FOR, LONGEST_GUEST = timedelta(days=7), timedelta(days=30)
"""A guest's code, and every device born of it, ends by itself."""
MOST_SLOTS = 30


@dataclass(frozen=True, slots=True)
class Issued:
    """A code and its two secrets, which exist nowhere else. Never log or store it."""

    code: AccessCode
    typed: str
    qr: str

    def __repr__(self) -> str:
        return f"Issued({self.code.id}, …)"


def redeemable(now: datetime) -> Q:
    """Of the codes: those of which one more device may be born."""
    return Q(revoked_at=None, expires_at__gt=now, slots_used__lt=F("slots"))


def place_of(code: AccessCode) -> Place:
    return Place(ward_id=code.neighborhood.ward_id, neighborhood_id=code.neighborhood_id)


def codes_for(actor: Actor) -> QuerySet[AccessCode]:
    """The codes the actor may see, by the neighborhoods they lead."""
    return AccessCode.objects.select_related("household").filter(within(actor, Action.SEE_CODES)).order_by("id")


def code_issue(
    *,
    actor: Actor,
    household_id: UUID,
    now: datetime,
    kind: AccessCode.Kind | str = AccessCode.Kind.HOUSEHOLD,
    slots: int = 6,
    expires_at: datetime | None = None,
    camera_scope: Sequence[UUID] = (),
    hours_scope: Sequence[hours.Hours] = (),
    job_id: UUID | None = None,
) -> Issued:
    """Issue a code to a household: ``slots`` devices may be born of it until ``expires_at`` (90 days if not said,
    seven for a guest).

    ``camera_scope`` and ``hours_scope`` bound what its devices see; empty means everything of the neighborhood, always.
    ``job_id``: the job that prints its sheet. Raises ``Absent`` where the actor does not lead there, ``BadInput`` for
    slots, end or hours that make no sense.
    """
    with transaction.atomic():
        household = living_household(household_id)
        neighborhood = household.neighborhood
        require(actor, Action.MANAGE_CODES, Place(ward_id=neighborhood.ward_id, neighborhood_id=neighborhood.id))
        kind = AccessCode.Kind(kind)
        ends = expires_at or now + (GUEST_VALID_FOR if kind == AccessCode.Kind.GUEST else VALID_FOR)
        issued = code_create(actor, household, kind, Terms(slots, ends, camera_scope, hours_scope), now=now)
        heldcodes.hold(issued.code, heldcodes.Secrets(issued.typed, issued.qr), job_id=job_id, now=now)
        issued_record(actor, issued.code, now)
    return issued


@dataclass(frozen=True, slots=True)
class Terms:
    """What a code opens, for how many devices, until when."""

    slots: int
    expires_at: datetime
    camera_scope: Sequence[UUID] = ()
    hours_scope: Sequence[hours.Hours] = ()
    replay: bool = True


def code_create(
    actor: Actor,
    household: Household,
    kind: AccessCode.Kind,
    terms: Terms,
    *,
    now: datetime,
) -> Issued:
    """The row and its secrets, in a verb's transaction; who may, and the audit, are the verb's."""
    _check(slots=terms.slots, expires_at=terms.expires_at, kind=kind, now=now)
    typed, qr = codeforms.fresh(household.neighborhood.selector)
    code = AccessCode.objects.create(
        neighborhood=household.neighborhood,
        household=household,
        kind=kind,
        typed_hmac=codeforms.read(typed).digest,
        qr_hmac=codeforms.read(qr).digest,
        hint=typed[-2:],
        slots=terms.slots,
        camera_scope=[str(camera) for camera in terms.camera_scope],
        hours_scope=[dict(span) for span in hours.checked(terms.hours_scope, field="hours_scope")],
        replay=terms.replay,
        issued_by_id=actor.account_id,
        issued_at=now,
        expires_at=terms.expires_at,
    )
    return Issued(code, typed, qr)


def code_revoke(*, actor: Actor, code_id: UUID, now: datetime) -> AccessCode:
    """Take a code back: it redeems nothing more, and every device born of it ends. Twice is once. Raises ``Absent``."""
    with transaction.atomic():
        code = code_for(actor, code_id)
        if code_end(code, now=now):
            _record(actor, "code.revoked", code, now)
    return code


def code_end(code: AccessCode, *, now: datetime) -> bool:
    """Revoke ``code`` and its devices, with one ``Revocation``; False where it was already. The caller audits."""
    if not AccessCode.objects.filter(id=code.id, revoked_at=None).update(revoked_at=now):
        return False
    code.revoked_at = now
    heldcodes.drop([code.id])
    Device.objects.filter(code=code, revoked_at=None).update(revoked_at=now)
    revocations.revoke(Revocation.Kind.CODE, code.id, now=now)
    return True


def code_reissue(
    *,
    actor: Actor,
    code_id: UUID,
    now: datetime,
    device_id: UUID | None = None,
    expires_at: datetime | None = None,
    job_id: UUID | None = None,
) -> Issued:
    """New secrets for a code: the old sheet is dead, every device goes on but the one chosen.

    The chosen device (a lost phone) ends, and one slot is opened in its stead. A code that is full gets one more: a
    fresh sheet always lets somebody in. Raises ``Absent``, ``Conflict`` for a
    revoked code or a household's own guest code, ``BadInput`` for an end that makes no sense.
    """
    with transaction.atomic():
        code = code_for(actor, code_id)
        if code.kind == AccessCode.Kind.GUEST and code.issued_by_id is None:  # its secrets are not the leader's to see
            raise Conflict(_("A guest's code is the household's own. It makes a new one."), code="guest_code")
        valid = GUEST_VALID_FOR if code.kind == AccessCode.Kind.GUEST else VALID_FOR
        ends = expires_at or max(code.expires_at, now + valid)
        _check(slots=1, expires_at=ends, kind=code.kind, now=now)  # lost phones may have opened many
        typed, qr = codeforms.fresh(code.neighborhood.selector)
        changed = AccessCode.objects.filter(id=code.id, revoked_at=None).update(
            typed_hmac=codeforms.read(typed).digest,
            qr_hmac=codeforms.read(qr).digest,
            hint=typed[-2:],
            expires_at=ends,
            slots=F("slots") + 1 if device_id else Greatest(F("slots"), F("slots_used") + 1),
        )
        if not changed:
            raise Conflict(_("This code was taken back. Issue a new one instead."), code="code_revoked")
        if device_id:
            device = Device.objects.filter(id=device_id, code=code).first()
            if device is None or not devices.device_end(device, now=now):
                raise Absent()
        code.refresh_from_db()
        heldcodes.hold(code, heldcodes.Secrets(typed, qr), job_id=job_id, now=now)
        _record(actor, "code.reissued", code, now, device=device_id, expires_at=ends)
    return Issued(code, typed, qr)


def device_reissue(*, actor: Actor, device_id: UUID, now: datetime) -> Issued:
    """A household's phone is lost: it ends, and the code it came by gets new secrets and one slot more.

    Raises ``Absent``, ``Conflict`` (``code_revoked``).
    """
    code_id = Device.objects.filter(id=device_id, code__isnull=False).values_list("code_id", flat=True).first()
    if code_id is None:
        raise Absent()
    return code_reissue(actor=actor, code_id=code_id, device_id=device_id, now=now)


def code_for(actor: Actor, code_id: UUID) -> AccessCode:
    """Load a code the actor may manage; absent and forbidden are the same ``Absent``."""
    code = AccessCode.objects.select_related("neighborhood", "household").filter(id=code_id).first()
    if code is None:
        raise Absent()
    require(actor, Action.MANAGE_CODES, place_of(code))
    return code


def _check(*, slots: int, expires_at: datetime, kind: str, now: datetime) -> None:
    if not 1 <= slots <= MOST_SLOTS:
        reason = _("A code takes 1 to %(most)d devices, not %(slots)d.") % {"most": MOST_SLOTS, "slots": slots}
        raise BadInput(reason, fields={"slots": [reason]})
    if kind == AccessCode.Kind.GUEST and not now < expires_at <= now + LONGEST_GUEST:
        reason = _("A guest's code ends after now and within 30 days.")
        raise BadInput(reason, fields={"expires_at": [reason]})
    if not now < expires_at <= now + LONGEST_VALID:
        reason = _("A code ends after now and within a year.")
        raise BadInput(reason, fields={"expires_at": [reason]})


def issued_record(actor: Actor, code: AccessCode, now: datetime) -> None:
    """The audit of an issue, last in its verb."""
    _record(actor, "code.issued", code, now, slots=code.slots, kind=code.kind, expires_at=code.expires_at)


def _record(actor: Actor, action: str, code: AccessCode, now: datetime, **facts: object) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=("code", code.id),
        ward_id=code.neighborhood.ward_id,
        neighborhood_id=code.neighborhood_id,
        data={"household": code.household_id, **facts},
        now=now,
    )
