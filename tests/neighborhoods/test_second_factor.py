"""The second step of a staff sign-in: asked of everybody but street workers, set up, changed, lost, and guessed at."""

import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client

from backend.lib import totp
from backend.lib.clock import now as present
from backend.lib.errors import Absent, Conflict
from neighborhoods import access, factors
from neighborhoods.access import Grant, Role
from neighborhoods.devices import actor_of
from neighborhoods.models import Account, AuditEntry, Device, RoleGrant
from tests.cast import Cast, Person, make_lan, make_phuc
from tests.neighborhoods.conftest import NOW, actor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]
JSON = "application/json"
DOOR = "/_allauth/browser/v1"
KEYS = f"{DOOR}/account/authenticators"
ADMINISTRATOR = access.system("test", Grant(Role.ADMINISTRATOR))


@pytest.fixture(autouse=True)
def no_tries_yet(valkey: Any) -> None:
    cache.clear()


class Browser:
    """One person's, before it holds a token of ours."""

    def __init__(self, username: str) -> None:
        self.client, self.username = Client(), username

    def password(self, text: str = "") -> Any:
        body = {"username": self.username, "password": text or f"{self.username}-mat-khau-dai"}
        return self.client.post(f"{DOOR}/auth/login", body, JSON)

    def code(self, digits: str) -> Any:
        return self.client.post(f"{DOOR}/auth/2fa/authenticate", {"code": digits}, JSON)

    def enter(self) -> Any:
        return self.client.post("/api/v1/sessions/staff/", {"device_name": "Trình duyệt"}, JSON)

    def key(self) -> str:
        return str(self.client.get(f"{KEYS}/totp").json()["data"]["secret"])

    def set_up(self) -> str:
        key = self.key()
        assert self.client.post(f"{KEYS}/totp", {"code": digits(key)}, JSON).status_code == 200
        return key

    def recovery_codes(self) -> list[str]:
        return list(self.client.get(f"{KEYS}/recovery-codes").json()["data"].get("unused_codes", []))

    def delete(self, path: str, body: Any = None) -> Any:
        return self.client.delete(f"{KEYS}/{path}", body or {}, JSON)


def digits(key: str, later: int = 0) -> str:
    """The code of this half minute, or of ``later`` ones after it."""
    return totp.code_of(key, int(time.time()) // totp.PERIOD_S + later)


def said(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json().get("code", "")


def with_key(person: Person) -> str:
    key = totp.fresh_key()
    assert person.account
    factors.totp_keep(account=person.account, secret=key, now=present())
    return key


def audited() -> list[str]:
    return list(AuditEntry.objects.order_by("at", "id").values_list("action", flat=True))


def test_without_a_second_step_there_is_no_token_but_the_way_to_one(live_cast: Cast) -> None:
    browser = Browser("binh")
    assert browser.password().status_code == 200
    assert said(browser.enter()) == (403, "second_factor_enrol")
    key = browser.set_up()
    assert len(browser.recovery_codes()) == 10
    assert browser.recovery_codes() == [], "they are shown once"
    assert browser.enter().status_code == 201
    device = Device.objects.exclude(id=live_cast.binh.device.id).get(account=live_cast.binh.account)
    assert (device.second_factor, device.second_factor_at is not None) == ("totp", True)
    assert key not in str(Authenticator.objects.get(type="totp").data), "the key lies encrypted"
    assert {"second_factor.added", "staff.signed_in"} <= set(audited())


def test_with_one_the_password_alone_opens_nothing(live_cast: Cast) -> None:
    key, browser = with_key(live_cast.binh), Browser("binh")
    assert said(browser.password()) == (401, "second_factor_needed")
    assert said(browser.enter()) == (401, "not_signed_in")
    for path in ("totp", "webauthn", "recovery-codes"):
        assert browser.client.get(f"{KEYS}/{path}").status_code == 401
    assert browser.code(digits(key)).status_code == 200
    assert browser.enter().status_code == 201


def test_a_code_is_taken_once_and_its_neighbours_for_a_slow_hand(live_cast: Cast) -> None:
    key = with_key(live_cast.binh)
    if totp.seconds_left(time.time()) < 3:
        time.sleep(3)  # the half minute must not change under the test
    used = digits(key)
    for text, status in (
        (used, 200),
        (used, 400),
        (digits(key, -1), 200),
        (digits(key, 1), 200),
        (digits(key, 3), 400),
    ):
        browser = Browser("binh")
        browser.password()
        assert browser.code(f" {text[:3]} {text[3:]} ").status_code == status, text


def test_a_recovery_code_opens_once(live_cast: Cast) -> None:
    first = Browser("binh")
    first.password()
    first.set_up()
    code = first.recovery_codes()[3]
    for status in (200, 400):
        browser = Browser("binh")
        browser.password()
        assert browser.code(code).status_code == status
    assert factors.codes_left(live_cast.binh.account.id) == 9  # type: ignore[union-attr]


def test_six_digits_cannot_be_guessed_from_many_addresses(live_cast: Cast) -> None:
    """Five in five minutes, counted per account; the right one does not help then."""
    key = with_key(live_cast.binh)
    answers = []
    for n in range(6):
        browser = Browser("binh")
        browser.client.defaults["REMOTE_ADDR"] = f"203.0.113.{n}"
        browser.password()
        answers.append(said(browser.code("000000" if n < 5 else digits(key))))
    assert answers == [(400, "second_factor_refused")] * 5 + [(429, "too_many")]


def test_guessing_does_not_touch_another_account(live_cast: Cast) -> None:
    with_key(live_cast.binh)
    key, guesser, hoa = with_key(live_cast.hoa), Browser("binh"), Browser("hoa")
    guesser.password()
    for _n in range(6):
        guesser.code("000000")
    hoa.password()
    assert hoa.code(digits(key)).status_code == 200


def test_a_street_worker_needs_none_and_then_is_nothing_else(live_cast: Cast) -> None:
    lan = make_lan(live_cast)
    Device.objects.filter(id=lan.device.id).update(second_factor_at=None)
    assert actor(lan).may(access.Action.RAISE_ALERT)
    RoleGrant.objects.create(
        account=lan.account, role=Role.LEADER, neighborhood=live_cast.place, ends_at=NOW + timedelta(days=9)
    )
    assert {grant.role for grant in actor(lan).grants} == {Role.STREET_WORKER}
    browser = Browser("lan")
    browser.password()
    assert said(browser.enter()) == (403, "second_factor_enrol")
    RoleGrant.objects.filter(role=Role.LEADER, account=lan.account).delete()
    assert browser.enter().status_code == 201


def test_a_browser_from_before_there_was_one_is_nobody(live_cast: Cast) -> None:
    Device.objects.filter(id=live_cast.binh.device.id).update(second_factor_at=None)
    assert actor_of(live_cast.binh.token, now=NOW) is None


def test_a_sign_in_that_was_left_open_gives_no_token(live_cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    key, browser = with_key(live_cast.binh), Browser("binh")
    browser.password()
    browser.code(digits(key))
    monkeypatch.setattr("neighborhoods.factors.FRESH_FOR", timedelta(0))
    assert said(browser.enter()) == (401, "not_signed_in")


def test_how_one_signs_in_is_changed_only_right_after_signing_in(
    live_cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, browser = with_key(live_cast.binh), Browser("binh")
    browser.password()
    browser.code(digits(key))
    assert browser.client.get(f"{KEYS}/totp").status_code == 200
    monkeypatch.setattr("neighborhoods.signin.UNLOCKED_FOR_S", 0)
    asks = (
        browser.client.get(f"{KEYS}/totp"), browser.client.post(f"{KEYS}/recovery-codes", {}, JSON),
        browser.client.get(f"{KEYS}/webauthn"), browser.delete("totp"),
        browser.client.post(f"{DOOR}/account/password/change",
                            {"current_password": "binh-mat-khau-dai", "new_password": "mot-cau-moi-hoan-toan"}, JSON),
    )  # fmt: skip
    assert {said(answer) for answer in asks} == {(401, "sign_in_again")}
    assert live_cast.binh.account.check_password("binh-mat-khau-dai")  # type: ignore[union-attr]


def test_our_own_token_changes_nothing_of_it(live_cast: Cast) -> None:
    """It lives for two weeks in a browser: whoever takes that must not take the account."""
    for path in (f"{KEYS}/totp", f"{KEYS}/recovery-codes", f"{DOOR}/account/password/change"):
        assert Client().post(path, {"code": "123456"}, JSON, **live_cast.binh.bearer).status_code == 401


def test_a_new_phone_takes_the_place_of_the_old_one(live_cast: Cast) -> None:
    old, browser = with_key(live_cast.binh), Browser("binh")
    browser.password()
    browser.code(digits(old))
    new = browser.set_up()
    again = Browser("binh")
    again.password()
    assert again.code(digits(old, 1)).status_code == 400
    assert again.code(digits(new)).status_code == 200
    assert Authenticator.objects.filter(user=live_cast.binh.account, type="totp").count() == 1


def test_the_last_one_stays(live_cast: Cast) -> None:
    key, browser = with_key(live_cast.binh), Browser("binh")
    browser.password()
    browser.code(digits(key))
    assert said(browser.delete("totp")) == (409, "last_factor")
    extra = Authenticator.objects.create(
        user=live_cast.binh.account, type="webauthn", data={"name": "Máy nhà", "credential": {}}
    )
    assert browser.delete("totp").status_code == 200
    with pytest.raises(Conflict):
        factors.factor_remove(account=live_cast.binh.account, ids=[extra.id], now=NOW)
    with pytest.raises(Absent):
        factors.factor_remove(account=live_cast.hoa.account, ids=[extra.id], now=NOW)


@pytest.mark.parametrize(
    "credential", [{}, {"id": "x"}, {"id": "AA", "rawId": "AA", "type": "public-key", "response": {}}, [], "x", 7, None,
                   {"id": "AA", "rawId": "AA", "type": "public-key", "response": {"clientDataJSON": "e30",
                    "attestationObject": "AAAA", "authenticatorData": "AAAA", "signature": "AA"}}],
)  # fmt: skip
def test_what_no_authenticator_wrote_is_refused(live_cast: Cast, credential: Any) -> None:
    key, browser = with_key(live_cast.binh), Browser("binh")
    begun = Browser("binh")
    begun.password()
    begun.client.get(f"{DOOR}/auth/webauthn/authenticate")
    answer = begun.client.post(f"{DOOR}/auth/webauthn/authenticate", {"credential": credential}, JSON)
    assert answer.status_code == 400
    browser.password()
    browser.code(digits(key))
    browser.client.get(f"{KEYS}/webauthn")
    assert browser.client.post(f"{KEYS}/webauthn", {"credential": credential, "name": "x"}, JSON).status_code == 400
    assert not Authenticator.objects.filter(type="webauthn").exists()


def test_a_new_password_cuts_the_other_browsers(live_cast: Cast) -> None:
    key, browser = with_key(live_cast.binh), Browser("binh")
    here = Browser("binh")
    here.password()
    here.code(digits(key))
    mine = here.enter().cookies["matpho"].value
    browser.password()
    browser.code(digits(key, 1))
    browser.client.cookies["matpho"] = mine
    change = f"{DOOR}/account/password/change"
    wrong = browser.client.post(change, {"current_password": "sai", "new_password": "mot-cau-moi-hoan-toan"}, JSON)
    weak = browser.client.post(change, {"current_password": "binh-mat-khau-dai", "new_password": "ngan"}, JSON)
    assert [answer.status_code for answer in (wrong, weak)] == [400, 400]
    good = {"current_password": "binh-mat-khau-dai", "new_password": "mot-cau-moi-hoan-toan"}
    assert browser.client.post(change, good, JSON).status_code == 200
    assert actor_of(mine, now=present()) is not None
    assert actor_of(live_cast.binh.token, now=present()) is None
    assert browser.password("binh-mat-khau-dai").status_code in (400, 409)
    assert said(Browser("binh").password("mot-cau-moi-hoan-toan")) == (401, "second_factor_needed")
    assert "account.password_changed" in audited()


def grant_of(person: Person) -> Any:
    return RoleGrant.objects.get(account=person.account).id


@pytest.mark.both_databases
def test_a_leader_lets_who_lost_it_set_up_anew(live_cast: Cast) -> None:
    with_key(live_cast.hoa)
    factors.second_factor_reset(actor=actor(live_cast.binh), grant_id=grant_of(live_cast.hoa), now=NOW)
    assert factors.factors_of(live_cast.hoa.account.id) == []  # type: ignore[union-attr]
    assert actor_of(live_cast.hoa.token, now=NOW) is None, "every browser is cut"
    binh, hoa = live_cast.binh.account, live_cast.hoa.account
    assert binh and hoa
    entry = AuditEntry.objects.get(action="second_factor.reset")
    assert (entry.actor, entry.subject) == (f"account:{binh.id}", f"account:{hoa.id}")


def test_it_is_reset_by_nobody_else(live_cast: Cast) -> None:
    phuc, cast = make_phuc(live_cast), live_cast
    for who, whose in ((cast.hoa, cast.hoa), (phuc, cast.hoa), (cast.dung, cast.hoa), (cast.binh, cast.dung)):
        with pytest.raises(Absent):
            factors.second_factor_reset(actor=actor(who), grant_id=grant_of(whose), now=NOW)
    with pytest.raises(Conflict) as refused:
        factors.second_factor_reset(actor=actor(cast.binh), grant_id=grant_of(cast.binh), now=NOW)
    assert refused.value.code == "not_oneself"


def test_a_leader_opens_no_way_to_an_administrator(live_cast: Cast) -> None:
    """Hoa keeps the fund and administers the platform."""
    RoleGrant.objects.create(
        account=live_cast.hoa.account, role=Role.ADMINISTRATOR, starts_at=NOW, ends_at=NOW + timedelta(days=9)
    )
    grant = RoleGrant.objects.get(account=live_cast.hoa.account, role=Role.TREASURER)
    with pytest.raises(Absent):
        factors.second_factor_reset(actor=actor(live_cast.binh), grant_id=grant.id, now=NOW)
    factors.second_factor_reset(actor=ADMINISTRATOR, grant_id=grant.id, now=NOW)


def test_a_closed_account_gets_no_token(live_cast: Cast) -> None:
    key, browser = with_key(live_cast.binh), Browser("binh")
    browser.password()
    browser.code(digits(key))
    Account.objects.filter(id=live_cast.binh.account.id).update(is_active=False)  # type: ignore[union-attr]
    assert said(browser.enter()) == (401, "not_signed_in")


@pytest.mark.both_databases
def test_a_reset_ends_the_sign_in_that_is_open_on_the_lost_telephone(live_cast: Cast) -> None:
    """Else whoever holds it would set up the next second step in the owner's place."""
    key, browser, other = with_key(live_cast.hoa), Browser("hoa"), Browser("binh")
    browser.password()
    assert browser.code(digits(key)).status_code == 200
    other.password()
    grant = RoleGrant.objects.get(account=live_cast.hoa.account)
    factors.second_factor_reset(actor=actor(live_cast.binh), grant_id=grant.id, now=present())
    assert said(browser.client.get(f"{KEYS}/totp")) == (401, "not_signed_in")
    assert other.client.get(f"{KEYS}/totp").status_code == 200, "somebody else's goes on"
