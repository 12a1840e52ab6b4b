"""Guest codes: what a household lets its visitors see of its own cameras, for a while.

A guest's code names cameras one by one, the live picture alone unless looking back is allowed too, hours of the day,
how many phones and until when. It is the household's: any of its phones issues, lists and takes back. Whose cameras
those are is asked one layer up (``cameras.guests``).
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backend.lib.errors import Absent, BadInput, Conflict
from neighborhoods import audit, codes, hours
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.households import living_household
from neighborhoods.models import AccessCode, Household

MOST_DEVICES, DEVICES = 10, 2
MOST_LIVING = 20


def guest_codes_of(actor: Actor) -> QuerySet[AccessCode]:
    """The guest codes of the actor's household that are not over by being taken back, newest first."""
    if actor.home_id is None:
        return AccessCode.objects.none()
    rows = AccessCode.objects.select_related("household").order_by("-id")
    return rows.filter(household_id=actor.home_id, kind=AccessCode.Kind.GUEST, revoked_at=None)


def guest_code_issue(
    *,
    actor: Actor,
    camera_ids: Collection[UUID],
    replay: bool = False,
    hours_scope: Sequence[hours.Hours] = (),
    devices: int = DEVICES,
    expires_at: datetime | None = None,
    now: datetime,
) -> codes.Issued:
    """Issue a code for these cameras (of the household's own: the caller has asked), seven days if not said.

    Raises ``Absent`` for whoever has no household (a guest, staff), ``BadInput`` (no camera, devices, end, hours),
    ``Conflict`` (``too_many_guest_codes``).
    """
    if actor.home_id is None:
        raise Absent()
    if not camera_ids:
        reason = _("Choose at least one camera.")
        raise BadInput(reason, fields={"cameras": [reason]})
    if not 1 <= devices <= MOST_DEVICES:
        reason = _("A guest's code takes 1 to %(most)d phones.") % {"most": MOST_DEVICES}
        raise BadInput(reason, fields={"devices": [reason]})
    with transaction.atomic():
        household = living_household(actor.home_id)
        require(actor, Action.MANAGE_GUEST_CODES, _place(household))
        if guest_codes_of(actor).filter(expires_at__gt=now).count() >= MOST_LIVING:
            raise Conflict(_("Your household has twenty guest codes. Take one back first."),
                           code="too_many_guest_codes")  # fmt: skip
        ends = expires_at or now + codes.GUEST_VALID_FOR
        terms = codes.Terms(devices, ends, sorted(set(camera_ids)), hours_scope, replay)
        issued = codes.code_create(actor, household, AccessCode.Kind.GUEST, terms, now=now)
        codes.issued_record(actor, issued.code, now)
    return issued


def guest_code_revoke(*, actor: Actor, code_id: UUID, now: datetime) -> AccessCode:
    """Take a guest's code back: its phones lose the picture at once. Twice is once. Raises ``Absent``."""
    with transaction.atomic():
        found = AccessCode.objects.select_related("household__neighborhood", "neighborhood")
        code = found.filter(id=code_id, kind=AccessCode.Kind.GUEST).first()
        if code is None:
            raise Absent()
        require(actor, Action.MANAGE_GUEST_CODES, _place(code.household))
        if codes.code_end(code, now=now):
            audit.record(
                actor=actor,
                action="code.revoked",
                subject=("code", code.id),
                ward_id=code.neighborhood.ward_id,
                neighborhood_id=code.neighborhood_id,
                data={"household": code.household_id},
                now=now,
            )
    return code


def _place(household: Household) -> Place:
    return Place(
        ward_id=household.neighborhood.ward_id,
        neighborhood_id=household.neighborhood_id,
        owner_household_id=household.id,
    )
