"""The demonstration's fund: tổ 7's campaign for eight cameras, as Hà Giang's really went, by the product's verbs.

86 households, 62 of them for it, a little over thirty million đồng, eight cameras, and the electricity of the months
since. Shops, sums and the bank account are made up; the account's number can be nobody's.
"""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import as_file, files
from typing import Any
from uuid import UUID

from django.db import transaction
from PIL import Image, ImageDraw, ImageFont

from backend.lib.clock import vietnam_day
from neighborhoods.access import Actor, Grant, Role
from neighborhoods.fund import (
    bank_accounts,
    bank_messages,
    bank_rows,
    campaigns,
    expenses,
    ledger,
    payments,
    pledges,
    resolutions,
    waivers,
)
from neighborhoods.fund.receipt_paper import digits
from neighborhoods.models import Account, Campaign, Expense, Household, Neighborhood, Paper
from neighborhoods.papers import paper_keep

CODE, SHARE, GENEROUS = "CAM", 350_000, 500_000
STILL_OWE = (7, 36, 65)
EXCUSED = 50
GIVE_MORE = 8
"""Every eighth household gave more than was suggested."""
CAMERA_PRICE = 2_850_000
SHOP = "Điện máy Hà Giang"
BANK = ("970436", "0000000000", "DO THI HOA")
UNCLEAR = (("MBVCB.3278907687.CAM H036 nop tien camera", SHARE), ("Ung ho to 7 lap camera", 100_000))
"""Transfers of yesterday whose words do not say enough: the treasurer is asked whose they are."""


@dataclass(frozen=True, slots=True)
class Hands:
    """Who does what in the story, and the day of its telling."""

    place: Neighborhood
    leader: Actor
    treasurer: Actor
    now: datetime

    def day(self, ago: int) -> date:
        return vietnam_day(self.now) - timedelta(days=ago)


def fund_create(place: Neighborhood, cameras: Mapping[str, UUID], *, now: datetime) -> Campaign | None:
    """Enter the whole story; nothing where the campaign is there already. ``cameras``: name → id, in buying order."""
    if Campaign.objects.filter(neighborhood=place, code=CODE).exists():
        return None
    hands = Hands(place, _actor(place, Role.LEADER, "binh"), _actor(place, Role.TREASURER, "hoa"), now)
    if hands.leader.account_id is None or hands.treasurer.account_id is None:
        return None  # somebody has renamed them: the story needs both
    with transaction.atomic():
        campaign = _plan(hands)
        _collect(hands, campaign)
        _spend(hands, campaign, cameras)
    return campaign


def _actor(place: Neighborhood, role: Role, username: str) -> Actor:
    account = Account.objects.filter(username=username).first()
    return Actor(
        pseudonym="system:demonstration",
        grants=(Grant(role, neighborhood_id=place.id),),
        account_id=account.id if account else None,
        neighborhood_id=place.id,
        ward_id=place.ward_id,
    )


def _plan(hands: Hands) -> Campaign:
    campaign = campaigns.campaign_open(
        actor=hands.leader, neighborhood_id=hands.place.id, code=CODE, purpose="Lắp 8 camera cho tổ 7",
        description="Tám camera ở cổng tổ, đầu ngõ, cổng trường và góc chợ. Quỹ trả cả tiền điện hằng tháng.",
        target=30_000_000, suggestion=SHARE, starts_on=hands.day(200), ends_on=hands.day(-60), now=hands.now,
    )  # fmt: skip
    people = (("leader", "Trần Thị Bình"), ("front", "Hoàng Văn Phúc"), ("household", "Lý Thị Mai"),
              ("household", "Vàng Văn Nam"))  # fmt: skip
    resolutions.resolution_record(
        actor=hands.leader, campaign_id=campaign.id, held_on=hands.day(195),
        count=resolutions.Count(total=86, present=71, absent=15, in_favour=62), form="meeting",
        content="Mỗi hộ góp 350.000 đồng để lắp 8 camera và trả tiền điện. Hộ nghèo được miễn.",
        signatories=[{"role": role, "name": name} for role, name in people], now=hands.now,
    )  # fmt: skip
    bin_, number, holder = BANK
    opened = bank_accounts.bank_account_add(
        actor=hands.treasurer, neighborhood_id=hands.place.id, bank_bin=bin_, account_number=number, holder=holder,
        now=hands.now,
    )  # fmt: skip
    for words, amount in UNCLEAR:
        told = bank_messages.Transfer(amount, hands.now - timedelta(hours=20), words)
        bank_rows.transfer_receive(account=opened.account, transfer=told, came_by="statement", now=hands.now)
    return campaign


def _collect(hands: Hands, campaign: Campaign) -> None:
    """Two of three give cash at the door, the others transfer; three are still awaited and one is excused."""
    for household in Household.objects.filter(neighborhood=hands.place, left_at=None).order_by("number"):
        number = household.number
        of: dict[str, Any] = {
            "actor": hands.treasurer,
            "campaign_id": campaign.id,
            "household_id": household.id,
            "now": hands.now,
        }
        if number == EXCUSED:
            waivers.waiver_grant(reason="poor", **of)
            continue
        if number % 5 == 2:
            pledges.pledge_make(amount=SHARE, **of)
        if number in STILL_OWE:
            continue
        payments.payment_record(
            amount=GENEROUS if number % GIVE_MORE == 0 else SHARE,
            method="transfer" if number % 3 == 0 else "cash",
            paid_on=hands.day(190 - number % 100),
            **of,
        )
    ledger.deposit(
        actor=hands.treasurer, campaign_id=campaign.id, amount=16_000_000, happened_on=hands.day(88), now=hands.now
    )


def _spend(hands: Hands, campaign: Campaign, cameras: Mapping[str, UUID]) -> None:
    """Each camera is above the limit, so that the leader approves it; bills are not; the last repair still waits."""
    for place, (name, camera_id) in enumerate(cameras.items()):
        what, day = f"Camera và công lắp: {name}", hands.day(84 - 2 * place)
        expense = _expense(hands, campaign, CAMERA_PRICE, what, SHOP, "purchase", "transfer", day, camera_id)
        expenses.expense_approve(actor=hands.leader, expense_id=expense.id, now=hands.now)
    for month, amount in enumerate((164_000, 171_000, 158_000)):
        what = f"Tiền điện 8 camera, kỳ {month + 1}"
        _expense(hands, campaign, amount, what, "Điện lực Hà Giang", "electricity", "cash", hands.day(64 - 30 * month))
    if cameras:
        name, camera_id = list(cameras.items())[-1]
        _expense(
            hands, campaign, 2_150_000, f"Thay nguồn và dây: {name}", SHOP, "repair", "cash", hands.day(1), camera_id
        )


def _expense(
    hands: Hands, campaign: Campaign, amount: int, what: str, payee: str, category: str, method: str, day: date,
    camera_id: UUID | None = None,
) -> Expense:  # fmt: skip
    receipt = paper_keep(
        actor=hands.treasurer, neighborhood_id=hands.place.id, kind=Paper.Kind.RECEIPT,
        data=_drawn(what, payee, amount, day), name="hoa-don.png", now=hands.now,
    )  # fmt: skip
    return expenses.expense_record(
        actor=hands.treasurer, campaign_id=campaign.id, amount=amount, method=method, paid_on=day, what=what,
        payee=payee, category=category, receipt_id=receipt.id, camera_id=camera_id, now=hands.now,
    )  # fmt: skip


def _drawn(what: str, payee: str, amount: int, day: date) -> bytes:
    """A receipt as a shop prints it, so that the pages have a photograph to show."""
    picture = Image.new("RGB", (480, 620), "#fbfaf5")
    draw = ImageDraw.Draw(picture)
    with as_file(files("fontpkg_roboto") / "files" / "Roboto[wdth,wght].ttf") as path:
        large, small = (ImageFont.truetype(str(path), size) for size in (30, 21))
    draw.text((240, 60), payee, fill="#222", font=large, anchor="mm")
    draw.text((240, 110), "HÓA ĐƠN BÁN HÀNG", fill="#222", font=small, anchor="mm")
    draw.line((30, 145, 450, 145), fill="#999", width=2)
    draw.text((30, 170), f"Ngày {day:%d/%m/%Y}", fill="#333", font=small)
    for line, text in enumerate(_folded(what)):
        draw.text((30, 220 + 32 * line), text, fill="#333", font=small)
    draw.line((30, 400, 450, 400), fill="#999", width=2)
    draw.text((30, 425), "Tổng cộng", fill="#222", font=large)
    draw.text((450, 425), digits(amount), fill="#222", font=large, anchor="ra")
    draw.text((240, 560), "(đã thu tiền)", fill="#666", font=small, anchor="mm")
    kept = io.BytesIO()
    picture.save(kept, "PNG")
    return kept.getvalue()


def _folded(text: str, longest: int = 36) -> list[str]:
    lines = [""]
    for word in text.split():
        if len(lines[-1]) + len(word) >= longest:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
