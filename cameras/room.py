"""How many moments one household keeps: what is kept apart from retention still has to fit on the disk.

Counted over all phones of a household, its guests' included, because a code takes many phones; of staff over all
devices of the person. 86 households at 2 GiB are 172 GiB at the very most; a moment of half a minute takes 5 MB.
"""

from uuid import UUID

from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from backend.lib.errors import Conflict, TooMany
from cameras.models import Snapshot
from neighborhoods.households import living_household
from neighborhoods.models import Account, Device

UNFINISHED = (Snapshot.Status.WAITING, Snapshot.Status.READY_TO_CUT, Snapshot.Status.CUTTING)
MOST_UNFINISHED = 5
"""Of one device. Their bytes are not known yet, so a household may pass ``MOST_BYTES`` by what these turn out to be."""
MOST_KEPT = 100
MOST_BYTES = 2 << 30
MOST_UNFINISHED_OF_ALERTS = 24
"""In one neighborhood: a worker cuts one in a second, and a night of trouble has ten alerts of two cameras."""
MOST_BYTES_OF_ALERTS = 8 << 30


def room_require(device_id: UUID) -> None:
    """One more moment for this device, in the verb's transaction; its holder's row is locked until the end of it.

    Raises ``Absent`` (the household has left), ``TooMany`` (five unfinished), ``Conflict`` (``too_many_snapshots``).
    """
    holders = _locked(device_id)
    if Snapshot.objects.filter(device_id=device_id, status__in=UNFINISHED).count() >= MOST_UNFINISHED:
        raise TooMany(_("Five moments are still being kept. Wait for one of them."), retry_after_s=10)
    kept = Snapshot.objects.filter(holders)
    if kept.count() >= MOST_KEPT or (kept.aggregate(sum=Sum("bytes"))["sum"] or 0) >= MOST_BYTES:
        raise Conflict(_("There is no room for another moment. Delete one of yours."), code="too_many_snapshots")


def has_room_for_alert(neighborhood_id: UUID) -> bool:
    """Whether the neighborhood keeps one more moment of an alert. Those are no household's, so no household's room is
    asked; a flood of alerts fills neither the worker nor the disk."""
    kept = Snapshot.objects.filter(camera__neighborhood_id=neighborhood_id, device=None)
    if kept.filter(status__in=UNFINISHED).count() >= MOST_UNFINISHED_OF_ALERTS:
        return False
    return (kept.aggregate(sum=Sum("bytes"))["sum"] or 0) < MOST_BYTES_OF_ALERTS


def _locked(device_id: UUID) -> Q:
    """Whose room it is, as a condition on snapshots. Two that ask at once are answered one after the other."""
    device = Device.objects.only("household_id", "account_id").get(id=device_id)
    if device.household_id is not None:
        living_household(device.household_id)
        return Q(device__household_id=device.household_id)
    Account.objects.select_for_update(of=("self",), no_key=True).get(devices=device_id)
    return Q(device__account_id=device.account_id)
