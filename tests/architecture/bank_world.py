"""The bank of the walk: Hoa's account for tổ 7, money that waits in it, and a statement that was looked through."""

import uuid

from django.utils import timezone

from neighborhoods import sealing
from neighborhoods.fund.bank_statements import SEALED_FOR
from neighborhoods.models import BankAccount, BankRow, BankStatement
from tests.cast import Cast


def make_bank(cast: Cast) -> dict[str, uuid.UUID]:
    """Rows are written directly, so that a broken verb breaks its own test and not the walk."""
    moment = timezone.now()
    account = BankAccount.objects.create(
        neighborhood=cast.place, bank_bin="970436", bank_name="Vietcombank", account_number="0123499999",
        holder="DO THI HOA", provider="sepay", secret=sealing.seal("bank account", b"x" * 32),
    )  # fmt: skip
    waits, returned = (
        BankRow.objects.create(
            account=account, amount=350_000, occurred_at=moment, content="Nộp tiền camera", came_by="sepay",
            provider_id=number, sameness=number * 32, settled=settled, settled_at=moment if settled else None,
        )
        for number, settled in (("91", ""), ("92", "returned"))
    )  # fmt: skip
    statement = BankStatement.objects.create(
        account=account, file_name="sao-ke.csv", lines=sealing.seal(SEALED_FOR, b"[]")
    )
    return {
        "account_id": account.id, "row_id": waits.id, "returned_id": returned.id, "statement_id": statement.id,
    }  # fmt: skip
