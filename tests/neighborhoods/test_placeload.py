"""The official list: 34 provinces, 3,321 communes, zero-padded text, loaded as often as one likes."""

from collections import Counter
from io import StringIO

import pytest
from django.core.management import call_command

from backend.lib.errors import Absent
from neighborhoods import official
from neighborhoods.access import Actor, Grant, Role, system
from neighborhoods.models import AuditEntry, PlaceHistory, Province, Ward
from neighborhoods.placeload import places_load
from tests.cast import Cast
from tests.neighborhoods.conftest import NOW

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

ADMIN = system("places", Grant(Role.ADMINISTRATOR))


def test_the_list_has_every_province_and_commune() -> None:
    wards = list(official.wards())
    assert (len(official.provinces()), len(wards), len({one.code for one in wards})) == (34, 3321, 3321)
    assert all(len(one.code) == 5 and one.code.isdigit() for one in wards)
    assert all(len(code) == 2 and code.isdigit() for code in official.provinces())
    kinds = Counter(one.kind for one in wards)
    assert kinds["zone"] == 13 and kinds["ward"] + kinds["commune"] == 3308
    named = {one.code: one for one in wards}
    assert (named["00691"].name, named["00691"].province.code) == ("Phường Hà Giang 2", "08")
    assert named["00004"].name == "Phường Ba Đình" and named["00691"].decision == "1684/NQ-UBTVQH15"


def test_it_is_loaded_once_and_then_nothing_changes(cast: Cast) -> None:
    Ward.objects.create(code="99999", name="Xã Không Còn", province_code="08", province_name="Tuyên Quang")
    first = places_load(actor=ADMIN, now=NOW)
    assert (first.provinces, first.added, first.renamed, first.unknown) == (34, 3320, 0, ["99999"])
    assert (Province.objects.count(), Ward.objects.count()) == (34, 3322)
    kept = Ward.objects.get(code="00691")
    assert kept.id == cast.ward.id and kept.neighborhoods.count() == 2
    entries = AuditEntry.objects.filter(action="places.loaded")
    again = places_load(actor=ADMIN, now=NOW)
    assert (again.added, again.renamed, again.unchanged) == (0, 0, 3321)
    assert entries.count() == 1 and not PlaceHistory.objects.exists()
    assert Ward.objects.get(code="00694").folded == "phuong ha giang 1 tuyen quang 00694"


def test_what_the_list_calls_otherwise_is_renamed_and_the_old_name_kept(cast: Cast) -> None:
    Ward.objects.filter(id=cast.ward.id).update(name="Phường Trần Phú", folded="phuong tran phu")
    out = StringIO()
    call_command("load_places", stdout=out)
    assert "34 provinces; wards: 3320 added, 1 renamed, 0 unchanged." in out.getvalue()
    cast.ward.refresh_from_db()
    assert cast.ward.name == "Phường Hà Giang 2" and "ha giang 2" in cast.ward.folded
    past = PlaceHistory.objects.get(ward=cast.ward)
    assert (past.name, past.code, past.decision) == ("Phường Trần Phú", "00691", "1684/NQ-UBTVQH15")


def test_only_an_administrator_loads_it(leader: Actor) -> None:
    with pytest.raises(Absent):
        places_load(actor=leader, now=NOW)
