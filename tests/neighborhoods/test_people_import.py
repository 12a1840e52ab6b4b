"""A list is looked through, then put in: all of it or nothing, and only what the leader said yes to."""

import time
from datetime import timedelta

import pytest
from django.db import transaction

from backend.lib.errors import Absent, BadInput, Conflict
from backend.lib.tables import write_xlsx
from neighborhoods import households, jobs
from neighborhoods.access import Actor
from neighborhoods.erasure import member_erase
from neighborhoods.models import AuditEntry, Household, HouseholdImport, HouseholdRegistration, Job, Member
from neighborhoods.people_import import import_apply, import_read, import_start, imports_expire
from tests.cast import Cast
from tests.neighborhoods.conftest import NOW, actor, at_once
from tests.pace import allowed

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]

LIST = (
    "Địa chỉ,Chủ hộ,SĐT,Thành viên\n"
    "số 12 - tổ dân phố 7,Nguyễn Văn An,0912000001,Nguyễn Thị Bé\n"
    "Số 20,Đỗ Hữu Lượng,912000002,\n"
    "Số 20,Trần Thị Mận,,\n"
)
WRONG = LIST + "Số 21,Lò Văn Páo,12,\n"


def read(leader: Actor, cast: Cast, text: str = LIST) -> HouseholdImport:
    return import_read(actor=leader, neighborhood_id=cast.place.id, data=text.encode(), name="hộ.csv", now=NOW)


def test_reading_changes_nothing_and_tells_each_line(cast: Cast, leader: Actor) -> None:
    before = (Household.objects.count(), Member.objects.count())
    found = read(leader, cast, WRONG.replace("Thành viên", "CCCD"))
    assert (found.added, found.changed, found.same, found.refused) == (1, 1, 0, 1)
    assert [(one["line"], one["verdict"]) for one in found.report] == [
        (2, "changed"), (3, "added"), (4, "added"), (5, "refused"),
    ]  # fmt: skip
    assert found.unread == ["CCCD"] and "Bé" not in str(found.lines)
    assert (Household.objects.count(), Member.objects.count()) == before


def test_the_yes_puts_everything_in_with_one_entry(cast: Cast, leader: Actor) -> None:
    found = read(leader, cast)
    done = import_apply(actor=leader, import_id=found.id, now=NOW)
    assert done == {"added": 1, "changed": 1, "people": 3, "left_out": 0}
    an = cast.an.household
    assert dict(an.members.values_list("name", "phone")) == {"Nguyễn Văn An": "0912000001", "Nguyễn Thị Bé": ""}
    made = Household.objects.get(address="Số 20")
    assert (made.number, made.name, made.folded) == (13, "Hộ Đỗ Hữu Lượng", "ho do huu luong so 20 13")
    assert set(made.members.values_list("name", "phone")) == {("Đỗ Hữu Lượng", "0912000002"), ("Trần Thị Mận", "")}
    assert HouseholdRegistration.objects.get(household=made).reference == "Trần Thị Mận"
    entry = AuditEntry.objects.get(action="households.imported")
    assert entry.data == {"added": 1, "changed": 1, "same": 0, "refused": 0, "people": 3}
    found.refresh_from_db()
    assert found.applied_at == NOW and not found.lines and not found.report
    again = read(leader, cast)
    assert (again.added, again.changed, again.same) == (0, 0, 2)  # the same list a second time changes nothing
    with pytest.raises(Conflict) as caught:
        import_apply(actor=leader, import_id=again.id, now=NOW)
    assert caught.value.code == "import_empty"


def test_refused_lines_stop_it_unless_they_are_left_out_knowingly(cast: Cast, leader: Actor) -> None:
    found = read(leader, cast, WRONG)
    with pytest.raises(Conflict) as caught:
        import_apply(actor=leader, import_id=found.id, now=NOW)
    assert caught.value.code == "import_refused" and not Household.objects.filter(address="Số 20").exists()
    assert import_apply(actor=leader, import_id=found.id, now=NOW, without_refused=True)["left_out"] == 1
    assert Household.objects.filter(address="Số 20").exists() and not Household.objects.filter(address="Số 21").exists()


def test_a_list_that_was_changed_meanwhile_is_not_put_in(cast: Cast, leader: Actor) -> None:
    found = read(leader, cast)
    households.household_create(actor=leader, neighborhood_id=cast.place.id, name="Hộ khác", address="so 20", now=NOW)
    with pytest.raises(Conflict) as caught:
        import_apply(actor=leader, import_id=found.id, now=NOW)
    assert caught.value.code == "import_stale"
    found.refresh_from_db()
    assert found.applied_at is None and found.lines and Member.objects.count() == 2


def test_a_change_that_does_not_matter_does_not_stop_it(cast: Cast, leader: Actor) -> None:
    found = read(leader, cast)
    households.household_create(actor=leader, neighborhood_id=cast.place.id, name="Hộ khác", address="Số 99", now=NOW)
    assert import_apply(actor=leader, import_id=found.id, now=NOW)["added"] == 1
    assert set(cast.place.households.values_list("number", flat=True)) == {12, 13, 14}


def test_it_is_put_in_once(cast: Cast, leader: Actor) -> None:
    found = read(leader, cast)
    import_apply(actor=leader, import_id=found.id, now=NOW)
    with pytest.raises(Conflict) as caught:
        import_apply(actor=leader, import_id=found.id, now=NOW)
    assert caught.value.code == "import_applied"


def test_who_is_forgotten_does_not_come_back_with_a_waiting_list(cast: Cast, leader: Actor) -> None:
    an = cast.an.household
    noted = HouseholdRegistration.objects.create(household=an, kind="other", reference="Nguyễn Văn An")
    lodgers = HouseholdRegistration.objects.create(household=an, kind="temporary", reference="người thuê")
    Member.objects.create(household=an, name="Bé")
    read(leader, cast)
    member_erase(actor=leader, member_id=cast.an.member.id, now=NOW)
    assert not HouseholdImport.objects.exists()
    noted.refresh_from_db()
    lodgers.refresh_from_db()
    assert (noted.reference, lodgers.reference) == ("", "người thuê")
    assert "nguyen van an" not in Member.objects.get(id=cast.an.member.id).folded


def test_what_fails_half_way_leaves_nothing(cast: Cast, leader: Actor) -> None:
    found = read(leader, cast)

    def break_off(_result: object) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError), transaction.atomic():
        import_apply(actor=leader, import_id=found.id, now=NOW, settle=break_off)
    found.refresh_from_db()
    assert found.applied_at is None and not Household.objects.filter(address="Số 20").exists()


def test_households_may_exchange_their_addresses_in_turn(cast: Cast, leader: Actor) -> None:
    first, second = (
        households.household_create(
            actor=leader, neighborhood_id=cast.place.id, name=f"Hộ {n}", address=f"Số {n}", now=NOW
        )
        for n in (1, 2)
    )  # fmt: skip
    text = f"Mã hộ,Địa chỉ,Chủ hộ\n{first.number},,An\n{second.number},Số 3,Bé\n{first.number},Số 2,An\n,Số 1,Mới\n"
    import_apply(actor=leader, import_id=read(leader, cast, text).id, now=NOW)
    here = dict(cast.place.households.filter(left_at=None).values_list("address", "name"))
    assert (here["Số 3"], here["Số 2"], here["Số 1"]) == ("Hộ 2", "Hộ 1", "Hộ Mới")
    assert not cast.place.households.exclude(address_twin=0).exists()


def test_the_job_puts_it_in_and_says_what_came_of_it(cast: Cast, leader: Actor) -> None:
    found = read(leader, cast)
    job = import_start(actor=leader, import_id=found.id, now=NOW)
    with pytest.raises(Conflict):
        import_start(actor=leader, import_id=found.id, now=NOW)
    assert jobs.job_run(job.id, now=lambda: NOW)
    job.refresh_from_db()
    assert (job.state, job.result["added"]) == (Job.State.DONE, 1)
    with pytest.raises(Conflict):
        import_start(actor=leader, import_id=found.id, now=NOW)


def test_only_who_manages_the_households_reads_and_applies(cast: Cast, leader: Actor) -> None:
    for other in (cast.hoa, cast.an, cast.dung):
        with pytest.raises(Absent):
            read(actor(other), cast)
    with pytest.raises(Absent):
        import_read(actor=leader, neighborhood_id=cast.other_place.id, data=LIST.encode(), name="x.csv", now=NOW)
    found = read(leader, cast)
    with pytest.raises(Absent):
        import_apply(actor=actor(cast.hoa), import_id=found.id, now=NOW)


@pytest.mark.parametrize("text", ["", "Tên,Tuổi\nAn,5\n", "Địa chỉ,Chủ hộ\n", "Địa chỉ,Chủ hộ\n,\n"])
def test_a_file_without_households_is_refused(cast: Cast, leader: Actor, text: str) -> None:
    with pytest.raises(BadInput) as caught:
        read(leader, cast, text)
    assert caught.value.code == "table_unreadable" and not HouseholdImport.objects.exists()


def test_numbers_of_identity_cards_are_not_kept_in_names(cast: Cast, leader: Actor) -> None:
    text = "Số nhà,Chủ hộ,Thành viên\n5,Lê Văn Tám 001079123456,\n7,Bà Bảy,Trần Chín - 079123456789\n9,Bà Mười,Tí\n"
    found = read(leader, cast, text)
    assert [one["verdict"] for one in found.report] == ["refused", "refused", "added"]
    assert "001079" not in str(found.report) + str(found.lines) and "079123" not in str(found.report) + str(found.lines)


def test_two_addresses_for_one_household_are_not_chosen_between(cast: Cast, leader: Actor) -> None:
    found = read(leader, cast, "Mã hộ,Địa chỉ,Thành viên\nH012,Số 50,Bé\nH012,Số 51,Tí\nH012,so 50,Na\n")
    assert [one["verdict"] for one in found.report] == ["changed", "refused", "changed"]
    assert found.report[1]["notes"] == [["other_address", "Số 50"]]


def test_lists_are_forgotten_after_a_day(cast: Cast, leader: Actor) -> None:
    read(leader, cast)
    assert imports_expire(now=NOW + timedelta(hours=23)) == 0
    assert imports_expire(now=NOW + timedelta(hours=25)) == 1


def test_five_hundred_households_take_less_than_five_seconds(cast: Cast, leader: Actor) -> None:
    rows = [[f"Số {n}, ngõ {n % 40}", f"Nguyễn Văn Số {n}", 912000000 + n, f"Vợ {n}; Con {n}"] for n in range(500)]
    data = write_xlsx(["Địa chỉ", "Chủ hộ", "SĐT", "Thành viên"], rows, "Hộ")
    begun = time.monotonic()
    found = import_read(actor=leader, neighborhood_id=cast.place.id, data=data, name="hộ.xlsx", now=NOW)
    done = import_apply(actor=leader, import_id=found.id, now=NOW)
    assert time.monotonic() - begun < allowed(5)
    assert (done["added"], done["people"]) == (500, 1500)
    assert Member.objects.get(name="Nguyễn Văn Số 7").phone == "0912000007"


@pytest.mark.django_db(transaction=True)
def test_of_several_who_say_yes_at_once_one_puts_it_in(live_cast: Cast) -> None:
    leader = actor(live_cast.binh)
    found = read(leader, live_cast)
    results = at_once(lambda _n: import_apply(actor=leader, import_id=found.id, now=NOW), 4)
    assert sum(isinstance(one, dict) for one in results) == 1
    assert {one.code for one in results if isinstance(one, Conflict)} == {"import_applied"}
    assert live_cast.place.households.count() == 2
    assert AuditEntry.objects.filter(action="households.imported").count() == 1
