"""Loading the official list of provinces and communes: ``manage.py load_places``. Doing it again changes nothing.

Rows are matched by code. What was renamed keeps its id and gets a line of history; what the list no longer has is told
and left alone, for a neighborhood may hang on it: the administrator merges it (``wards.ward_merge``).
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from backend.lib.clock import vietnam_day
from neighborhoods import audit, official
from neighborhoods.access import Action, Actor, Place, require
from neighborhoods.history import Change, past_of
from neighborhoods.models import PlaceHistory, Province, Ward

BATCH = 500


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows were added, renamed and left as they were; the codes here that the list does not have."""

    provinces: int
    added: int
    renamed: int
    unchanged: int
    unknown: list[str]


def places_load(*, actor: Actor, now: datetime) -> Loaded:
    """Bring provinces and wards up to the official list, all or nothing, with one audit entry."""
    require(actor, Action.MANAGE_PLATFORM, Place())
    with transaction.atomic():
        for one in official.provinces().values():
            Province.objects.update_or_create(code=one.code, defaults={"name": one.name, "kind": one.kind})
        here = {ward.code: ward for ward in Ward.objects.select_for_update().filter(closed_at=None)}
        gone = set(Ward.objects.exclude(closed_at=None).values_list("code", flat=True))
        listed = {one.code: one for one in official.wards() if one.code not in gone}
        new = [_made(one, now) for code, one in listed.items() if code not in here]
        Ward.objects.bulk_create(new, batch_size=BATCH)
        renamed = [here[code] for code, one in listed.items() if code in here and _differs(here[code], one)]
        _rename(renamed, listed, now)
        loaded = Loaded(
            provinces=len(official.provinces()),
            added=len(new),
            renamed=len(renamed),
            unchanged=len(listed) - len(new) - len(renamed),
            unknown=sorted(here.keys() - listed.keys()),
        )
        if new or renamed:
            audit.record(
                actor=actor,
                action="places.loaded",
                subject=("places", "official"),
                ward_id=None,
                neighborhood_id=None,
                data={"added": loaded.added, "renamed": loaded.renamed, "unknown": len(loaded.unknown)},
                now=now,
            )
    return loaded


def _made(one: official.OfficialWard, now: datetime) -> Ward:
    return Ward(
        code=one.code, name=one.name, kind=one.kind, province_code=one.province.code, province_name=one.province.name,
        created_at=now,
    )  # fmt: skip


def _differs(ward: Ward, one: official.OfficialWard) -> bool:
    listed = (one.name, one.kind, one.province.code, one.province.name)
    return listed != (ward.name, ward.kind, ward.province_code, ward.province_name)


def _rename(wards: list[Ward], listed: dict[str, official.OfficialWard], now: datetime) -> None:
    past = []
    for ward in wards:
        one = listed[ward.code]
        if ward.name != one.name:
            day = vietnam_day(now)
            past.append(past_of(ward, Change.RENAMED, until=day, decision=one.decision, now=now))
        ward.name, ward.kind = one.name, Ward.Kind(one.kind)
        ward.province_code, ward.province_name = one.province.code, one.province.name
        ward.derive()
    PlaceHistory.objects.bulk_create(past, batch_size=BATCH)
    Ward.objects.bulk_update(wards, ["name", "kind", "province_code", "province_name", "folded"], batch_size=BATCH)
