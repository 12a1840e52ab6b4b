"""Hà Giang, tổ 7 (2019): 86 households pool 30,000,000 đ for eight cameras, and every household gets a code."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from backend.lib.clock import vietnam_day
from backend.scenarios import cast, street
from backend.scenarios.cast import Home
from backend.scenarios.expected import HA_GIANG_TO7
from backend.scenarios.replay import Replay
from cameras.playback.sessions import Viewer
from cameras.registration import View
from neighborhoods import official
from neighborhoods.access import Actor, Role
from neighborhoods.fund import campaigns, expenses, ledger, payments, pledges, resolutions, waivers
from neighborhoods.fund.balances import balance
from neighborhoods.models import Neighborhood

GIVES, PRICES = (dict(one.each) for one in HA_GIANG_TO7.sums)
"""đồng a household (one is excused), and a camera."""


def play(replay: Replay, folder: Path) -> None:
    place = _place(replay)
    leader = cast.staff(Role.LEADER, "Tổ trưởng tổ 7", place=place, now=replay.at(0))
    keeper = cast.staff(Role.TREASURER, "Thủ quỹ tổ 7", place=place, now=replay.at(0))
    homes = cast.homes(replay, [place] * replay.count("households.households"), begins=0, ends=0.08)
    campaign_id = _collect(replay, place, leader, keeper, homes)
    cameras = replay.count("cameras.deployed")
    bought = replay.each(
        "cameras", range(cameras), lambda n, _each: _buy(replay, place, keeper, leader, campaign_id, n, cameras)
    )
    street.listen(replay, bought, replay.count("cameras.working"), now=replay.ends_at - timedelta(seconds=20))
    _watch(replay, folder, homes, bought)


def _place(replay: Replay) -> Neighborhood:
    """Hà Giang's ward as it is called since 2025; the story is older."""
    ward = next(one for one in official.wards() if one.code == "00691")
    made = cast.official_ward(ward, now=replay.at(0))
    return cast.neighborhood(made, "Tổ dân phố 7", now=replay.at(0))


def _collect(replay: Replay, place: Neighborhood, leader: Actor, keeper: Actor, homes: list[Home]) -> UUID:
    """The resolution first, then promises, then money; cash and transfers alike."""
    opened, first = replay.at(0.1), vietnam_day(replay.at(0.1))
    campaign = campaigns.campaign_open(
        actor=leader, neighborhood_id=place.id, code="CAM", purpose="Camera an ninh tổ 7", target=30_000_000,
        suggestion=350_000, starts_on=first, ends_on=replay.expected.last, now=opened,
    )  # fmt: skip
    total = len(homes)
    present = total - total // 10
    resolutions.resolution_record(
        actor=leader, campaign_id=campaign.id, held_on=first, form="meeting", now=opened,
        count=resolutions.Count(total=total, present=present, absent=total - present, in_favour=present),
        content="Góp quỹ mua camera, mỗi hộ 350.000 đồng; hộ khó khăn được miễn.",
    )  # fmt: skip
    gifts = replay.dealt(total, GIVES)

    def give(index: int, home: Home) -> None:
        amount, at = gifts[index], replay.during(0.12, 0.3, index, total)
        facts: dict[str, Any] = {"campaign_id": campaign.id, "household_id": home.household.id, "now": at}
        if not amount:
            waivers.waiver_grant(actor=leader, reason="near_poor", **facts)
            return
        pledges.pledge_make(actor=home.phone, amount=amount, **facts)
        payments.payment_record(
            actor=keeper, amount=amount, method="transfer" if index % 3 else "cash",
            paid_on=vietnam_day(at), **facts,
        )  # fmt: skip

    replay.each("payments", homes, give)
    carried = replay.at(0.31)
    if cash := balance(campaign.id).cash:
        day = vietnam_day(carried)
        ledger.deposit(actor=keeper, campaign_id=campaign.id, amount=cash, happened_on=day, now=carried)
    return campaign.id


def _buy(
    replay: Replay, place: Neighborhood, keeper: Actor, leader: Actor, campaign_id: UUID, index: int, of: int
) -> UUID:
    """A camera goes up, the treasurer enters what it cost, and the leader looks at it as the second person."""
    at = replay.during(0.35, 0.45, index, of)
    camera = street.camera(place, index + 1, view=View(make="Hikvision", latitude=22.82, longitude=104.98), now=at)
    spent = expenses.expense_record(
        actor=keeper, campaign_id=campaign_id, amount=next(iter(PRICES)), method="transfer", now=at,
        paid_on=vietnam_day(at), what=f"Mua {camera.name}", payee="Cửa hàng thiết bị an ninh",
        category="purchase", camera_id=camera.id,
    )  # fmt: skip
    expenses.expense_approve(actor=leader, expense_id=spent.id, now=at + timedelta(hours=1))
    return camera.id


def _watch(replay: Replay, folder: Path, homes: list[Home], bought: list[UUID]) -> None:
    minutes = replay.count("watching.minutes")
    of = len(homes)
    watches = [
        street.Watch(
            viewer=Viewer(home.household.id, None, "resident", ""),
            camera_id=bought[index % len(bought)],
            starts_at=replay.during(0.5, 0.95, index, of),
            minutes=minutes // of + (index < minutes % of),
        )
        for index, home in enumerate(homes)
    ]
    street.watch(replay, folder, watches)
