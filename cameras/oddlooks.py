"""Which odd uses an auditor has looked at: an entry of the ward's audit says up to which, so no row of its own is
needed, and it stands on record whether what was noticed was ever read.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from cameras.models import OddUse
from neighborhoods import audit
from neighborhoods.access import Action, Actor, Place, reach, require
from neighborhoods.models import AuditEntry

LOOKED = "odd_uses.looked_at"
PREFIX = "odd_use:"


def odd_uses_look(*, actor: Actor, now: datetime) -> int:
    """The auditor of a ward reads the list of its odd uses: on record where it holds anything new to them. Returns in
    how many wards. Of others, who read those of their own cameras, nothing is written."""
    acts = []
    for ward_id in sorted(reach(actor, Action.SEE_ODD_USES).ward_ids):
        newest = odd_uses_unlooked(actor, ward_id).order_by("-id").first()
        if newest is not None:
            acts.append(audit.Act(action=LOOKED, subject=("odd_use", newest.id), ward_id=ward_id))
    if acts:
        with transaction.atomic():
            audit.record_all(actor=actor, acts=acts, now=now)
    return len(acts)


def odd_uses_unlooked(actor: Actor, ward_id: UUID) -> QuerySet[OddUse]:
    """Those of the ward that came after this auditor's last look. Raises ``Absent``."""
    require(actor, Action.SEE_ODD_USES, Place(ward_id=ward_id))
    of_ward = OddUse.objects.filter(cameras__neighborhood__ward_id=ward_id).distinct()
    looks = AuditEntry.objects.filter(action=LOOKED, neighborhood_id=None, ward_id=ward_id, actor=actor.pseudonym)
    last = looks.order_by("-seq").values_list("subject", flat=True).first()
    return of_ward.filter(id__gt=UUID(last.removeprefix(PREFIX))) if last else of_ward
