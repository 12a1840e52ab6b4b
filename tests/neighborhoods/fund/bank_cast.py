"""Hoa's account at SePay for the campaign CAM of tổ 7, and messages as SePay and Casso send them."""

import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any

from backend.lib.clock import VIETNAM, vietnam_day
from neighborhoods.fund.bank_accounts import Opened, bank_account_add
from neighborhoods.models import Campaign
from tests.cast import Cast
from tests.neighborhoods.conftest import NOW, actor

NUMBER = "0123499999"


def make_campaign(cast: Cast, code: str = "CAM", **fields: Any) -> Campaign:
    day = vietnam_day(NOW)
    plan = {"purpose": "Lắp camera", "target": 30_000_000, "suggestion": 350_000, "approval_above": 2_000_000}
    return Campaign.objects.create(
        neighborhood=cast.place, code=code, starts_on=day - timedelta(days=30), ends_on=day + timedelta(days=30),
        **plan | fields,
    )  # fmt: skip


def make_account(cast: Cast, provider: str = "sepay", **fields: Any) -> Opened:
    wanted = {"bank_bin": "970436", "account_number": NUMBER, "holder": "Đỗ Thị Hoa"} | fields
    return bank_account_add(
        actor=actor(cast.hoa), neighborhood_id=cast.place.id, provider=provider, now=NOW,
        secret="c" * 64 if provider == "casso" else "", **wanted,
    )  # fmt: skip


def sepay(content: str = "HG7 CAM H012", amount: Any = 350_000, **fields: Any) -> dict[str, Any]:
    return {
        "id": 92704, "gateway": "Vietcombank", "transactionDate": local(NOW - timedelta(minutes=3)),
        "accountNumber": NUMBER, "code": None, "content": content, "transferType": "in", "transferAmount": amount,
        "accumulated": 19_077_000, "subAccount": None, "referenceCode": "MBVCB.3278907687", "description": "",
    } | fields  # fmt: skip


def casso(content: str = "HG7 CAM H012", amount: Any = 350_000, **fields: Any) -> dict[str, Any]:
    data = {
        "id": 5, "reference": "FT23084", "description": content, "amount": amount, "runningBalance": 25_000_000,
        "transactionDateTime": local(NOW - timedelta(minutes=3)), "accountNumber": NUMBER, "bankName": "Vietcombank",
        "virtualAccountNumber": "", "counterAccountName": "NGUYỄN VĂN A",
    }  # fmt: skip
    return {"error": 0, "data": data | fields}


def local(moment: datetime) -> str:
    return moment.astimezone(VIETNAM).strftime("%Y-%m-%d %H:%M:%S")


def sepay_headers(secret: str, body: bytes, moment: datetime = NOW) -> dict[str, str]:
    stamp = str(int(moment.timestamp()))
    signed = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"X-SePay-Signature": f"sha256={signed}", "X-SePay-Timestamp": stamp}


def casso_headers(secret: str, said: Any, moment: datetime = NOW) -> dict[str, str]:
    """As Casso's own sample signs: keys sorted, written as JavaScript does."""
    stamp = str(int(moment.timestamp() * 1000))
    text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return {
        "X-Casso-Signature": f"t={stamp},v1="
        + hmac.new(secret.encode(), f"{stamp}.{text}".encode(), hashlib.sha512).hexdigest()
    }
