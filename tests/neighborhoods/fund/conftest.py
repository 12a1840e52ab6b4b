"""What the fund's tests share: a campaign of tổ 7's, the treasurer and the leader as actors, short hands for verbs."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest

from backend.lib.clock import vietnam_day
from neighborhoods.access import Actor
from neighborhoods.fund import campaigns, expenses, payments, resolutions
from neighborhoods.models import Campaign, Expense, Payment, Resolution
from tests.cast import Cast
from tests.neighborhoods.conftest import NOW, actor

TODAY: date = vietnam_day(NOW)
SUGGESTION = 350_000


@dataclass
class Fund:
    """A campaign with its treasurer and its leader; An's household is in it."""

    cast: Cast
    campaign: Campaign
    treasurer: Actor
    leader: Actor

    @property
    def an(self) -> Any:
        return self.cast.an.household.id

    def pays(self, amount: int = SUGGESTION, method: str = "cash", household: Any = None) -> Payment:
        return payments.payment_record(
            actor=self.treasurer, campaign_id=self.campaign.id, household_id=household or self.an, amount=amount,
            method=method, paid_on=TODAY, now=NOW,
        )  # fmt: skip

    def spends(self, amount: int = 100_000, method: str = "cash", **more: Any) -> Expense:
        facts = {"what": "Ổ cứng 2 TB", "payee": "Cửa hàng Minh Phát", "category": "purchase"} | more
        return expenses.expense_record(
            actor=self.treasurer, campaign_id=self.campaign.id, amount=amount, method=method, paid_on=TODAY, now=NOW,
            **facts,
        )  # fmt: skip

    def refunds(self, amount: int, method: str = "cash", household: Any = None) -> Any:
        return payments.refund_record(
            actor=self.treasurer, campaign_id=self.campaign.id, household_id=household or self.an, amount=amount,
            method=method, paid_on=TODAY, reason="overpaid", now=NOW,
        )  # fmt: skip

    def resolves(self, in_favour: int = 62, total: int = 86, present: int = 70, **more: Any) -> Resolution:
        count = resolutions.Count(total=total, present=present, absent=total - present, in_favour=in_favour)
        return resolutions.resolution_record(
            actor=self.leader, campaign_id=self.campaign.id, held_on=TODAY, count=count, form="meeting",
            content="Góp 350.000 đ mỗi hộ để lắp 8 mắt camera.", now=NOW, **more,
        )  # fmt: skip


def opens(actor: Actor, cast: Cast, **more: Any) -> Campaign:
    plan: dict[str, Any] = {
        "code": "CAM", "purpose": "Lắp 8 mắt camera", "target": 30_000_000, "suggestion": SUGGESTION,
        "starts_on": TODAY - timedelta(days=10), "ends_on": TODAY + timedelta(days=50),
    } | more  # fmt: skip
    return campaigns.campaign_open(actor=actor, neighborhood_id=cast.place.id, now=NOW, **plan)


def make_fund(cast: Cast, **more: Any) -> Fund:
    leader, treasurer = actor(cast.binh), actor(cast.hoa)
    return Fund(cast, opens(leader, cast, **more), treasurer, leader)


@pytest.fixture
def fund(cast: Cast) -> Fund:
    return make_fund(cast)


@pytest.fixture
def live_fund(live_cast: Cast) -> Fund:
    return make_fund(live_cast)
