"""Fetching a package: once, in one session, from any byte on; and what is refused goes on record."""

import zipfile
from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest

from backend.lib.errors import Absent, BadInput, Conflict
from cameras.footage import links, outcomes
from cameras.footage.inforce import POLICY
from cameras.models import EvidenceLink, EvidencePackage, Extraction, FootageAsk, Hold, ViewMinute
from neighborhoods.access import Role
from neighborhoods.devices import actor_for, device_revoke
from neighborhoods.models import AuditEntry
from tests.cameras.footage.parcels import approved, asked, fetched, ordered, packed, read, verdict
from tests.cameras.footage.street import Street
from tests.cast import make_staff

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db]


@pytest.fixture
def package(filmed: Street) -> EvidencePackage:
    return packed(filmed, filmed.gate, filmed.corner)


def link(street: Street, package: EvidencePackage, *, later: timedelta = timedelta()) -> EvidenceLink:
    return links.link_make(actor=street.dung, package_id=package.id, now=street.moment + later)


def opened(street: Street, one: EvidenceLink, *, later: timedelta = timedelta()) -> links.Fetch:
    return links.link_open(actor=street.dung, link_id=one.id, now=street.moment + later)


def code_of(act) -> str:
    with pytest.raises(Conflict) as refused:
        act()
    return refused.value.code


def actions() -> list[str]:
    return list(AuditEntry.objects.order_by("chain", "seq").values_list("action", flat=True))


def test_what_is_fetched_is_the_package_and_valid(filmed: Street, package: EvidencePackage, tmp_path) -> None:
    raw = fetched(filmed, package)
    path = tmp_path / "goi.zip"
    path.write_bytes(raw)
    assert len(raw) == package.bytes and verdict(path) == 0
    assert {"annex.sealed", "manifest.sig", "verify.py"} <= set(zipfile.ZipFile(BytesIO(raw)).namelist())
    assert actions()[-3:] == ["footage.link_made", "footage.taken", "footage.handed_over"]


def test_a_second_time_is_refused_and_on_record(filmed: Street, package: EvidencePackage) -> None:
    one = link(filmed, package)
    read(opened(filmed, one), filmed)
    assert code_of(lambda: opened(filmed, one)) == "link_used"
    assert actions()[-1] == "footage.link_refused"
    assert code_of(lambda: link(filmed, package)) == "link_used"


def test_broken_off_it_goes_on_where_it_was(filmed: Street, package: EvidencePackage) -> None:
    one, half = link(filmed, package), package.bytes // 2
    first = read(opened(filmed, one), filmed, 0, half)
    rest = read(opened(filmed, one, later=timedelta(minutes=5)), filmed, half)
    assert zipfile.ZipFile(BytesIO(first + rest)).testzip() is None
    assert code_of(lambda: opened(filmed, one)) == "link_used"


def test_what_was_not_fetched_to_its_last_byte_is_not_used_up(filmed: Street, package: EvidencePackage) -> None:
    one = link(filmed, package)
    read(opened(filmed, one), filmed, 0, package.bytes - 1)
    read(opened(filmed, one), filmed, package.bytes - 1)
    assert code_of(lambda: opened(filmed, one)) == "link_used"


def test_it_is_bound_to_the_session_that_asked_for_it(filmed: Street, package: EvidencePackage) -> None:
    one = link(filmed, package)
    cast = filmed.cast
    other = make_staff("dung-2", "Dũng hai", Role.OFFICER, cast.ward)
    stranger = actor_for(other.device, now=filmed.moment)
    with pytest.raises(Absent):
        links.link_open(actor=stranger, link_id=one.id, now=filmed.moment)
    assert "footage.link_refused" not in actions(), "whoever did not ask is told nothing, and leaves no noise"
    second = replace(filmed.dung, device_id=stranger.device_id)  # the same officer at another machine
    with pytest.raises(Absent):
        links.link_open(actor=second, link_id=one.id, now=filmed.moment)
    assert actions()[-1] == "footage.link_refused"


def test_its_time_ends_and_a_fresh_one_is_asked_for(filmed: Street, package: EvidencePackage) -> None:
    one = link(filmed, package)
    assert code_of(lambda: opened(filmed, one, later=POLICY.link_open)) == "link_expired"
    fresh = link(filmed, package, later=POLICY.link_open)
    assert opened(filmed, fresh, later=POLICY.link_open)


def test_a_fresh_link_ends_the_one_before_it(filmed: Street, package: EvidencePackage) -> None:
    one = link(filmed, package)
    link(filmed, package, later=timedelta(minutes=1))
    assert code_of(lambda: opened(filmed, one, later=timedelta(minutes=1))) == "link_expired"


def test_two_links_read_at_once_give_it_whole_once(filmed: Street, package: EvidencePackage) -> None:
    slow = opened(filmed, link(filmed, package))
    read(slow, filmed, 0, package.bytes - 1)
    quick = opened(filmed, link(filmed, package, later=timedelta(minutes=1)), later=timedelta(minutes=1))
    read(quick, filmed)
    assert code_of(lambda: read(slow, filmed, package.bytes - 1)) == "link_used"
    assert actions().count("footage.handed_over") == 1


def test_a_second_fetch_needs_somebody_in_charge(filmed: Street, package: EvidencePackage) -> None:
    allow = {"package_id": package.id, "now": filmed.moment}
    assert code_of(lambda: links.fetch_allow(actor=filmed.chief, **allow)) == "footage_settled"
    fetched(filmed, package)
    with pytest.raises(Absent):
        links.fetch_allow(actor=filmed.dung, **allow)
    links.fetch_allow(actor=filmed.chief, **allow)
    assert len(fetched(filmed, package)) == package.bytes
    assert code_of(lambda: link(filmed, package)) == "link_used"
    assert Extraction.objects.count() == 2, "the register has each camera once"


def test_before_it_is_made_and_after_its_files_are_gone_there_is_no_link(filmed: Street) -> None:
    package = ordered(filmed, approved(filmed, asked(filmed), filmed.gate))
    assert code_of(lambda: link(filmed, package)) == "not_ready"
    EvidencePackage.objects.filter(id=package.id).update(made_at=filmed.moment, manifest_sha256="1" * 64)
    assert code_of(lambda: link(filmed, package, later=POLICY.package_kept)) == "file_gone"


def test_a_session_that_was_cut_off_gets_no_last_byte(filmed: Street, package: EvidencePackage) -> None:
    one = opened(filmed, link(filmed, package))
    filmed.cast.dung.account.grants.update(ended_at=filmed.moment)
    device_revoke(actor=filmed.dung, device_id=filmed.dung.device_id, now=filmed.moment)
    with pytest.raises(Absent):
        read(one, filmed)
    package.refresh_from_db()
    assert package.taken_at and not package.handed_at


def test_it_stands_in_the_register_from_its_first_byte_on(filmed: Street, package: EvidencePackage) -> None:
    assert not Extraction.objects.exists()
    opened(filmed, link(filmed, package))
    lines = Extraction.objects.order_by("ask__number")
    assert [(line.camera_id, line.reason, line.taken_by_id) for line in lines] == [
        (ask.camera_id, "vehicle", filmed.dung.account_id) for ask in FootageAsk.objects.order_by("number")
    ]


def test_its_owner_finds_it_among_those_who_watched_to_the_minute(filmed: Street, package: EvidencePackage) -> None:
    fetched(filmed, package)
    rows = ViewMinute.objects.filter(camera=filmed.gate, mode=ViewMinute.Mode.EXPORT)
    ask = package.asks.get(camera=filmed.gate)
    minutes = {ask.starts_at.replace(second=0, microsecond=0), ask.ends_at.replace(second=0, microsecond=0)}
    assert {row.minute for row in rows} == minutes
    assert {(row.account_id, row.role, row.purpose) for row in rows} == {(filmed.dung.account_id, "officer", "vehicle")}


def conclude(street: Street, package: EvidencePackage, **how):
    facts = {"helped": [1], "what_helped": ["vehicle"], "copies_deleted": True} | how
    return outcomes.request_conclude(
        actor=street.dung, request_id=package.request_id, now=street.moment + timedelta(days=9), **facts
    )


def test_after_the_case_each_owner_learns_whether_it_helped_and_nothing_is_held(
    filmed: Street, package: EvidencePackage
) -> None:
    fetched(filmed, package)
    assert conclude(filmed, package).concluded_at
    told = {one.action: one.data for one in AuditEntry.objects.filter(action__startswith="footage.outcome")}
    assert told["footage.outcome_owner"]["used"] is True and told["footage.outcome_leader"]["used"] is False
    assert not Hold.objects.filter(released_at=None).exists()
    package.refresh_from_db()
    assert package.removed_at and code_of(lambda: link(filmed, package)) == "file_gone"
    lines = Extraction.objects.order_by("ask__number").values_list("outcome", "what_helped")
    assert list(lines) == [("used", ["vehicle"]), ("not_used", [])]
    assert code_of(lambda: conclude(filmed, package)) == "footage_settled"


def test_a_case_is_not_closed_over_copies_that_are_kept(filmed: Street, package: EvidencePackage) -> None:
    fetched(filmed, package)
    wrongs = [
        ({"copies_deleted": False}, "copies_deleted"),
        ({"helped": [7]}, "helped"),
        ({"what_helped": []}, "what_helped"),
        ({"helped": []}, "what_helped"),
        ({"what_helped": ["luck"]}, "what_helped"),
    ]
    for wrong, field in wrongs:
        with pytest.raises(BadInput) as refused:
            conclude(filmed, package, **wrong)
        assert list(refused.value.fields) == [field]
    assert Hold.objects.filter(released_at=None).exists()
