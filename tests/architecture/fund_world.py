"""The fund of the walk: tổ 7's campaign CAM, to which An paid, with a camera bought and a repair that waits."""

import hashlib
import uuid
from datetime import timedelta

from django.utils import timezone

from backend.lib.clock import VIETNAM, vietnam_day
from neighborhoods import papers
from neighborhoods.models import Campaign, Expense, LedgerEntry, Paper, Payment, Refund, Waiver
from tests.cast import Cast

PICTURE = b"\xff\xd8\xff\xe0 a picture of a receipt"
TEXTS = {
    "provider": "sepay", "place_code": "00691-T07", "campaign_code": "CAM", "year": "2026", "month": "1",
    "ward_code": "00691", "year_month": f"{timezone.now().astimezone(VIETNAM):%Y-%m}",
}  # fmt: skip
"""What the walk puts into a path where no UUID names the thing; ``month`` is one that has begun, whenever it runs."""


def make_fund(cast: Cast, camera_id: uuid.UUID) -> dict[str, uuid.UUID]:
    """Rows are written directly, so that a broken verb breaks its own test and not the walk."""
    moment = timezone.now()
    day = vietnam_day(moment)
    campaign = Campaign.objects.create(
        neighborhood=cast.place, code="CAM", purpose="Lắp camera", target=30_000_000, suggestion=350_000,
        starts_on=day - timedelta(days=30), ends_on=day + timedelta(days=30), approval_above=2_000_000,
    )  # fmt: skip
    payment = Payment.objects.create(
        campaign=campaign, household=cast.an.household, amount=350_000, method="cash", paid_on=day, receipt_number=1,
        recorded_by=cast.hoa.account,
    )  # fmt: skip
    second = Payment.objects.create(
        campaign=campaign,
        household=cast.an.household,
        amount=400_000,
        method="cash",
        paid_on=day,
        receipt_number=2,
    )
    back = Refund.objects.create(
        campaign=campaign, household=cast.an.household, amount=1_000, method="cash", paid_on=day, reason="asked"
    )
    waiver = Waiver.objects.create(campaign=campaign, household=cast.an.household, reason="elderly")
    receipt = _receipt(cast)
    spent, waits = (
        Expense.objects.create(
            campaign=campaign, amount=amount, method="cash", paid_on=day, what=what, payee="Điện máy Hà Giang",
            category="purchase", receipt=receipt if state == "recorded" else None, camera_id=camera_id, state=state,
            recorded_by=cast.hoa.account,
        )
        for amount, what, state in ((200_000, "Mua dây", "recorded"), (100_000, "Sửa nguồn", "waiting"))
    )  # fmt: skip
    for number, kind, debit, credit, amount in (
        (1, "payment", "cash", "contributions", 350_000), (2, "expense", "spending", "cash", 200_000),
        (3, "payment", "cash", "contributions", 400_000), (4, "refund", "contributions", "cash", 1_000),
        (5, "deposit", "bank", "cash", 1_000),
    ):  # fmt: skip
        books = {1: {"payment": payment}, 2: {"expense": spent}, 3: {"payment": second}, 4: {"refund": back}, 5: {}}
        entry = LedgerEntry.objects.create(
            campaign=campaign, number=number, kind=kind, debit=debit, credit=credit, amount=amount, happened_on=day,
            recorded_at=moment, **books[number],
        )  # fmt: skip
    return {
        "campaign_id": campaign.id, "payment_id": payment.id, "spent_id": spent.id, "expense_id": waits.id,
        "refund_id": back.id, "waiver_id": waiver.id, "paper_id": receipt.id, "entry_id": entry.id,
    }  # fmt: skip


def _receipt(cast: Cast) -> Paper:
    paper = Paper.objects.create(
        neighborhood=cast.place, kind=Paper.Kind.RECEIPT, media_type=Paper.MediaType.JPEG, name="hoa-don.jpg",
        size=len(PICTURE), sha256=hashlib.sha256(PICTURE).hexdigest(), kept_by=cast.hoa.account,
    )  # fmt: skip
    path = papers.path_of(paper)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(PICTURE)
    return paper
