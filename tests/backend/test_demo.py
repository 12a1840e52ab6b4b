"""The demonstration and the set-up link: made once, kept by a second start, secrets in one private file."""

import io
import json
import stat
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.core.management import call_command
from django.db.models import Count
from django.test import Client
from pytest_django import Settings

from backend import banner
from backend.lib import clock, totp
from cameras.management.commands import load_demo
from cameras.models import Camera
from neighborhoods import codeforms, codes, demonstration, households, setup
from neighborhoods.fund import open_book
from neighborhoods.fund.demonstration import fund_create
from neighborhoods.models import AccessCode, Account, AuditEntry, Campaign, Expense, Household, Member, RoleGrant

pytestmark = pytest.mark.django_db(transaction=True)
PORT = 18554


@pytest.fixture(autouse=True)
def files(settings: Settings) -> Iterator[None]:
    """The cameras' address is allowed, as the supervisor says it; no file is left for the next test."""
    settings.CONFIG = replace(settings.CONFIG, CAMERA_ALLOW=f"127.0.0.1:{PORT}")
    yield
    settings.CONFIG.signins_file.unlink(missing_ok=True)
    settings.CONFIG.setup_file.unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def without_the_fund(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its 94 entries take a second of every load; the fund's own test puts them back."""
    monkeypatch.setattr(load_demo, "fund_create", lambda *_place, **_now: None)


def load() -> dict[str, object]:
    call_command("load_demo", port=PORT, verbosity=0)
    kept: dict[str, object] = json.loads(settings.CONFIG.signins_file.read_text())
    return kept


@pytest.mark.both_databases
def test_it_makes_the_whole_neighborhood_through_the_verbs() -> None:
    kept = load()
    assert Household.objects.count() == 86
    assert Household.objects.values("address").distinct().count() == 86
    assert Member.objects.count() >= 86
    assert set(RoleGrant.objects.values_list("role", flat=True)) == {
        "leader", "treasurer", "officer", "supervisor", "operator", "auditor",
    }  # fmt: skip
    assert Camera.objects.filter(state=Camera.State.ACTIVE).count() == 8
    made = dict(AuditEntry.objects.values_list("action").annotate(n=Count("id")).order_by())
    assert made["household.created"] == 86
    assert made["camera.added"] == 8
    assert made["code.issued"] == 1
    assert str(kept["household_code"]).startswith("HG7-")


@pytest.mark.both_databases
def test_its_fund_is_entered_once_by_the_verbs_and_everybody_reads_it(
    monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    monkeypatch.setattr(load_demo, "fund_create", fund_create)
    load()
    load()
    campaign = Campaign.objects.get()
    book = open_book.book_of(campaign)
    assert not campaign.is_voluntary and campaign.resolution.in_favour == 62
    assert (book.payments, book.collected, book.spent, book.held) == (82, 30_200_000, 23_293_000, 6_907_000)
    assert Expense.objects.filter(state="approved", camera_id__isnull=False).count() == 8
    assert Expense.objects.get(state="waiting").receipt is not None
    said = client.get("/fund/00691-T01/CAM/").content.decode()
    assert said.count('class="chain') == 8 and "Hộ ông" not in said


def test_its_sign_ins_work_and_are_private() -> None:
    kept = load()
    assert stat.S_IMODE(settings.CONFIG.signins_file.stat().st_mode) == 0o600
    found = AccessCode.objects.get(typed_hmac=codeforms.read(str(kept["household_code"])).digest)
    assert found.household.name == kept["household"]
    for person in kept["staff"]:  # type: ignore[attr-defined]
        assert Account.objects.get(username=person["username"]).check_password(person["password"])


@pytest.mark.both_databases
def test_a_second_load_changes_nothing() -> None:
    first = load()
    Camera.objects.filter(name="Góc chợ phường").update(state=Camera.State.RETIRED)
    entries = AuditEntry.objects.count()
    assert load() == first
    assert AuditEntry.objects.count() == entries
    assert Camera.objects.count() == 8


def _row(kept: dict[str, object]) -> AccessCode:
    return AccessCode.objects.get(typed_hmac=codeforms.read(str(kept["household_code"])).digest)


def _taken_back(code: AccessCode) -> None:
    codes.code_revoke(actor=demonstration.leader(code.neighborhood), code_id=code.id, now=clock.now())


def _reissued(code: AccessCode) -> None:
    codes.code_reissue(actor=demonstration.leader(code.neighborhood), code_id=code.id, now=clock.now())


def _used_up(code: AccessCode) -> None:
    AccessCode.objects.filter(id=code.id).update(slots_used=code.slots)


def _ended(code: AccessCode) -> None:
    AccessCode.objects.filter(id=code.id).update(expires_at=clock.now())


@pytest.mark.parametrize("spoil", [_taken_back, _reissued, _used_up, _ended])
def test_a_code_that_works_no_more_is_followed_by_one_that_does(spoil: Callable[[AccessCode], None]) -> None:
    first = load()
    spoil(_row(first))
    second = load()
    assert second["household_code"] != first["household_code"]
    assert demonstration.code_works(str(second["household_code"]), now=clock.now())
    assert (second["staff"], second["household"]) == (first["staff"], first["household"])
    assert stat.S_IMODE(settings.CONFIG.signins_file.stat().st_mode) == 0o600
    assert load() == second


def test_where_the_household_has_moved_away_another_one_gets_the_code() -> None:
    first = load()
    household = _row(first).household
    place = household.neighborhood
    households.household_leave(actor=demonstration.leader(place), household_id=household.id, now=clock.now())
    second = load()
    assert second["household"] != first["household"]
    assert _row(second).household.left_at is None


def test_where_nobody_lives_any_more_it_says_so_and_starts() -> None:
    load()
    Household.objects.update(left_at=clock.now())
    AccessCode.objects.update(revoked_at=clock.now())
    assert load()["household_code"] == ""
    said = io.StringIO()
    banner.show(settings.CONFIG, seconds=1.0, out=said)
    assert "Household code:" not in said.getvalue()
    assert "no household is left" in said.getvalue()


def test_sign_ins_of_an_earlier_version_stay() -> None:
    first = load()
    earlier = {name: value for name, value in first.items() if name != "typed_hmac"}
    settings.CONFIG.signins_file.write_text(json.dumps(earlier))
    assert load() == first
    assert AccessCode.objects.count() == 1


def test_accounts_of_an_earlier_version_get_their_second_step() -> None:
    """Their folder holds passwords alone. Who has set up one of their own keeps it, and no digits are printed."""
    first = load()
    keys = {person["username"]: person.pop("totp") for person in first["staff"]}  # type: ignore[attr-defined]
    settings.CONFIG.signins_file.write_text(json.dumps(first))
    Authenticator.objects.exclude(user__username="hoa").delete()
    second = load()
    kept = {person["username"]: person["totp"] for person in second["staff"]}  # type: ignore[attr-defined]
    assert kept["hoa"] == ""
    assert kept["binh"] not in ("", keys["binh"])
    assert {name for (name,) in Authenticator.objects.filter(type="totp").values_list("user__username")} == set(kept)
    assert load() == second
    assert stat.S_IMODE(settings.CONFIG.signins_file.stat().st_mode) == 0o600


def test_the_sign_ins_are_said_again_with_the_digits_of_the_moment(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = load()
    monkeypatch.setenv("DATA_DIR", settings.CONFIG.DATA_DIR)
    monkeypatch.setattr("backend.banner.time.time", lambda: 1_800_000_010.0)
    assert banner.main() == 0
    said = capsys.readouterr().out
    binh = kept["staff"][0]  # type: ignore[index]
    digits = totp.code_at(binh["totp"], 1_800_000_010)
    assert f"Leader sign-in: binh / {binh['password']} / {digits}\n" in said
    assert "20 s" in said
    assert binh["totp"] not in said
    settings.CONFIG.signins_file.unlink()
    assert banner.main() == 1


def test_lost_sign_ins_are_made_anew() -> None:
    first = load()
    settings.CONFIG.signins_file.unlink()
    second = load()
    assert second["household_code"] != first["household_code"]
    binh = second["staff"][0]  # type: ignore[index]
    account = Account.objects.get(username="binh")
    assert account.check_password(binh["password"])
    key = decrypt(Authenticator.objects.get(user=account, type="totp").data["secret"])
    assert (key, key != first["staff"][0]["totp"]) == (binh["totp"], True)  # type: ignore[index]
    assert Household.objects.count() == 86


def test_the_set_up_link_is_kept_while_it_works_and_gone_once_used() -> None:
    path: Path = settings.CONFIG.setup_file
    call_command("setup_link", verbosity=0)
    first = json.loads(path.read_text())["token"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    call_command("setup_link", verbosity=0)
    assert json.loads(path.read_text())["token"] == first
    setup.setup_complete(
        token=first,
        administrator=setup.NewAccount("quan-tri", "mot-mat-khau-dai", "Quản trị"),
        place=setup.NewPlace("00691", "Phường Hà Giang 2", "08", "Tuyên Quang", "Tổ dân phố 8"),
        now=clock.now(),
    )
    call_command("setup_link", verbosity=0)
    assert json.loads(path.read_text()) == {}
