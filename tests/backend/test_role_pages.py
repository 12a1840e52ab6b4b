"""The pages of staff, as the server draws them: who does what, one's own account, a role that ends soon."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from neighborhoods import factors
from neighborhoods.access import Role
from neighborhoods.api.authentication import COOKIE
from neighborhoods.devices import actor_of
from neighborhoods.fund.bank_accounts import bank_account_add
from neighborhoods.models import BankAccount, RoleGrant
from tests.cast import Cast, Person, make_phuc, make_staff

pytestmark = pytest.mark.django_db


def page(person: Person, path: str, status: int = 200) -> str:
    client = Client()
    client.cookies[COOKIE] = person.token
    answer = client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def test_a_leader_finds_helpers_to_manage_and_only_helpers_to_invite(cast: Cast) -> None:
    make_phuc(cast)
    said = page(cast.binh, "/leader/roles/")
    assert said.count("/handover/") == 3, "the own role, the deputy's, the treasurer's"
    assert said.count("/end/") == 2, "the own role is handed over, never ended"
    assert 'value="deputy"' in said and 'value="treasurer"' in said
    assert 'value="officer"' not in said and 'name="unit"' not in said
    assert "Phạm Dũng" not in said, "the ward's officer is not the leader's to manage"


def test_another_leader_of_the_same_neighborhood_is_seen_and_left_alone(cast: Cast) -> None:
    make_staff("hai", "Người Hai", Role.LEADER, cast.place)
    said = page(cast.binh, "/leader/roles/")
    assert "Người Hai" in said
    assert said.count("/handover/") == 2


def test_an_administrator_finds_everybody_and_comes_to_this_page_first(cast: Cast) -> None:
    root = make_staff("goc", "Quản Trị", Role.ADMINISTRATOR, cast.ward)
    RoleGrant.objects.filter(account=root.account).update(ward=None)
    client = Client()
    client.cookies[COOKIE] = root.token
    assert client.get("/").headers["Location"] == "/leader/roles/"
    said = page(root, "/leader/roles/")
    assert "Phạm Dũng" in said and "Trần Thị Bình" in said
    assert 'value="officer"' in said and 'name="unit"' in said and "00691" in said


def test_the_overview_names_an_account_the_treasurer_entered_and_of_another_neighborhood_none(cast: Cast) -> None:
    moment = timezone.now()
    bank_account_add(
        actor=actor_of(cast.hoa.token, now=moment), neighborhood_id=cast.place.id, bank_bin="970436",
        account_number="0123456789", holder="DO THI HOA", provider="none", now=moment,
    )  # fmt: skip
    assert "Vietcombank 0123456789" in page(cast.binh, "/leader/")
    assert "0123456789" not in page(make_staff("tam", "Người Tám", Role.LEADER, cast.other_place), "/leader/")
    BankAccount.objects.update(created_at=moment - timedelta(days=15))
    assert "0123456789" not in page(cast.binh, "/leader/")


def test_the_overview_says_in_time_that_a_role_ends(cast: Cast) -> None:
    words = "Việc Tổ trưởng của bạn kết thúc"
    assert words not in page(cast.binh, "/leader/")
    RoleGrant.objects.filter(account=cast.binh.account).update(ends_at=timezone.now() + timedelta(days=30))
    assert words in page(cast.binh, "/leader/")
    make_phuc(cast)
    assert 'class="state bad"' in page(cast.binh, "/leader/roles/")


def test_ones_own_account_tells_how_one_signs_in_and_never_the_key(cast: Cast) -> None:
    assert cast.hoa.account
    key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    factors.totp_keep(account=cast.hoa.account, secret=key, now=timezone.now())
    said = page(cast.hoa, "/account")
    assert "Ứng dụng hiện 6 số" in said and "Thủ quỹ" in said
    assert key not in said
    assert 'data-do="remove"' not in said, "the last one stays"
    page(cast.an, "/account", 404)


@pytest.mark.parametrize("path", ["/invite", "/staff"])
def test_the_pages_of_who_is_nobody_yet_are_open(db: None, path: str) -> None:
    assert Client().get(path).status_code == 200
