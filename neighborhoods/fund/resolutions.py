"""Resolutions (nghị quyết): what the households decided, recorded as it stands on paper. No vote happens here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from backend.lib.errors import BadInput
from backend.lib.text import clean_name, clean_words
from neighborhoods.access import Action, Actor
from neighborhoods.fund.amounts import past_day
from neighborhoods.fund.campaigns import campaign_held, record
from neighborhoods.models import Household, Paper, Resolution
from neighborhoods.papers import paper_of

SIGNS = ("leader", "front", "household", "secretary", "other")
MOST_SIGNATORIES = 12
MOST_HOUSEHOLDS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """Households: all of them, those that came or handed in a ballot, those that did not, those in favour."""

    total: int
    present: int
    absent: int
    in_favour: int


def resolution_record(
    *,
    actor: Actor,
    campaign_id: UUID,
    held_on: date,
    count: Count,
    form: Resolution.Form | str,
    content: str,
    now: datetime,
    signatories: Sequence[Mapping[str, str]] = (),
    scan_id: UUID | None = None,
) -> Resolution:
    """Record the decision behind a campaign; one recorded before is superseded and stays.

    Raises ``Absent``, ``BadInput`` with ``resolution_count`` where the households do not add up, ``Conflict``.
    """
    past_day(held_on, now=now, field="held_on")
    _adds_up(count)
    words = clean_words(content, field="content", longest=4000)
    names = [_signatory(one) for one in signatories[: MOST_SIGNATORIES + 1]]
    if not words or len(names) > MOST_SIGNATORIES:
        reason = _("Write what was decided, and at most twelve signatories.")
        raise BadInput(reason, fields={"content" if not words else "signatories": [reason]})
    with transaction.atomic():
        campaign = campaign_held(actor, Action.PLAN_FUND, campaign_id)
        scan = paper_of(campaign.neighborhood_id, Paper.Kind.RESOLUTION, scan_id, field="scan")
        campaign.resolutions.filter(superseded_at=None).update(superseded_at=now)
        resolution = Resolution.objects.create(
            campaign=campaign, held_on=held_on, households_total=count.total, households_present=count.present,
            households_absent=count.absent, in_favour=count.in_favour, form=Resolution.Form(form), content=words,
            signatories=names, scan=scan, recorded_by_id=actor.account_id, recorded_at=now,
        )  # fmt: skip
        record(
            actor, "resolution.recorded", campaign, now, resolution=resolution.id, total=count.total,
            present=count.present, in_favour=count.in_favour, passed=resolution.passed, scan=scan and scan.id,
        )  # fmt: skip
    return resolution


def hints(resolution: Resolution) -> list[str]:
    """What whoever recorded it should look at again. Nothing of it stops anybody: paper is what it is.

    ``households_differ``: another number of households lives here; ``signatures_missing``: the law asks for the leader,
    the head of the Front committee and two households; ``scan_missing``.
    """
    found = []
    here = Household.objects.filter(neighborhood_id=resolution.campaign.neighborhood_id, left_at=None).count()
    if here != resolution.households_total:
        found.append("households_differ")
    roles = [one["role"] for one in resolution.signatories]
    if not ({"leader", "front"} <= set(roles) and roles.count("household") >= 2):
        found.append("signatures_missing")
    if resolution.scan_id is None:
        found.append("scan_missing")
    return found


def _adds_up(count: Count) -> None:
    if not 0 < count.total <= MOST_HOUSEHOLDS or count.present < 0 or count.absent < 0 or count.in_favour < 0:
        reason = _("Count the households: at least one, and none of the numbers below nought.")
    elif count.present + count.absent != count.total:
        reason = _("%(present)d present and %(absent)d absent are not %(total)d households.") % {
            "present": count.present, "absent": count.absent, "total": count.total,
        }  # fmt: skip
    elif count.in_favour > count.present:
        reason = _("More households in favour than were present.")
    else:
        return
    raise BadInput(reason, code="resolution_count", fields={"households_present": [reason]})


def _signatory(one: Mapping[str, Any]) -> dict[str, str]:
    role = str(one.get("role", ""))
    if role not in SIGNS:
        reason = _("There is no such kind of signatory.")
        raise BadInput(reason, fields={"signatories": [reason]})
    return {"role": role, "name": clean_name(str(one.get("name", "")), field="signatories")}
