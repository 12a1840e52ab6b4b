"""What the walk sends to the fund's own routes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from backend.lib.clock import vietnam_day
from tests.architecture.ask import Ask

PDF = b"%PDF-1.4\n%%EOF"
LIVES_NEXT_DOOR = frozenset({"neighbour"})
"""What they promise, and what is shown to them of it, is their own household's."""


def fund_asks(ids: dict[str, UUID], moment: datetime) -> dict[str, Ask]:
    """As ``asks.asks``."""
    day = vietnam_day(moment).isoformat()
    money: dict[str, Any] = {"amount": 1000, "method": "cash", "paid_on": day}
    household = {"household": str(ids["household_id"])}
    one = "/api/v1/campaigns/<uuid:campaign_id>/"
    return {
        "POST /api/v1/campaigns/": Ask(
            201, {"neighborhood": str(ids["neighborhood_id"]), "code": "DEN", "purpose": "Đèn ngõ", "target": 5_000_000,
                  "starts_on": day, "ends_on": day}, names=True,
        ),
        f"PATCH {one}": Ask(200, {"description": "Lắp ở sáu ngõ"}),
        f"POST {one}close/": Ask(409, {"note": "Chuyển sang quỹ sau"}),  # an expense waits
        f"POST {one}resolutions/": Ask(
            201, {"held_on": day, "households_total": 86, "households_present": 70, "households_absent": 16,
                  "in_favour": 62, "form": "meeting", "content": "Góp 350.000 đ"},
        ),
        f"POST {one}scans/": Ask(201, file=PDF),
        f"POST {one}receipts/": Ask(201, file=PDF),
        f"GET {one}pledges/": Ask(200, besides=LIVES_NEXT_DOOR),
        f"POST {one}pledges/": Ask(201, {"amount": 350_000}, besides=LIVES_NEXT_DOOR),
        f"POST {one}dues/<uuid:household_id>/pledge/": Ask(201, {"amount": 350_000}),
        f"POST {one}waivers/": Ask(409, {"reason": "poor", **household}),  # An's household is excused already
        f"POST {one}payments/": Ask(201, {**money, **household}),
        f"POST {one}refunds/": Ask(201, {**money, **household, "reason": "asked"}),
        f"POST {one}expenses/": Ask(
            201, {**money, "what": "Sửa dây", "payee": "Anh Tú", "category": "repair", "camera": str(ids["camera_id"])}
        ),
        f"POST {one}deposits/": Ask(201, {"amount": 1000, "happened_on": day}),
        f"POST {one}withdrawals/": Ask(201, {"amount": 1000, "happened_on": day}),
        "POST /api/v1/waivers/<uuid:waiver_id>/end/": Ask(200),
        "POST /api/v1/payments/<uuid:payment_id>/reverse/": Ask(200, {"reason": "wrong_amount"}),
        "POST /api/v1/refunds/<uuid:refund_id>/reverse/": Ask(200, {"reason": "wrong_amount"}),
        "POST /api/v1/expenses/<uuid:expense_id>/approve/": Ask(200),
        "POST /api/v1/expenses/<uuid:expense_id>/refuse/": Ask(200, {"words": "Đắt quá"}),
        "POST /api/v1/expenses/<uuid:spent_id>/reverse/": Ask(200, {"reason": "wrong_amount"}),
        "POST /api/v1/expenses/<uuid:expense_id>/receipt/": Ask(200, {"receipt": str(ids["paper_id"])}),
        "POST /api/v1/ledger-entries/<uuid:entry_id>/reverse/": Ask(200),
    }  # fmt: skip
