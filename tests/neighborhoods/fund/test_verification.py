"""What ``ledger_verify`` finds, after somebody who can lift triggers has been at the books."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from neighborhoods import audit_chain, papers, triggers
from neighborhoods.fund import payments, verification
from neighborhoods.models import LedgerEntry, Payment
from tests.backend.test_pictures import photograph
from tests.neighborhoods.conftest import NOW
from tests.neighborhoods.fund.conftest import Fund

pytestmark = [pytest.mark.both_databases, pytest.mark.django_db(transaction=True)]


def filled(fund: Fund) -> Fund:
    """Five entries: two payments, one of them taken back, an expense, another payment."""
    fund.pays(300_000)
    payments.payment_reverse(actor=fund.treasurer, payment_id=fund.pays().id, reason="wrong_amount", now=NOW)
    fund.spends(100_000)
    fund.pays(50_000, "transfer")
    return fund


FORGERIES = {
    "an amount": ("UPDATE {l} SET amount = 299999 WHERE number = 1", "entry 1 is not what the audit says"),
    "an amount and what it books": (
        "UPDATE {l} SET amount = 299999 WHERE number = 1; UPDATE {p} SET amount = 299999 WHERE receipt_number = 1",
        "entry 1 is not what the audit says",
    ),
    "a payment alone": ("UPDATE {p} SET amount = 299999 WHERE receipt_number = 1", "says 299999 đồng, entry 1"),
    "a row is gone": ("DELETE FROM {l} WHERE number = 5", "entry 5 is missing, though it was audited"),
    "one in the middle is gone": ("DELETE FROM {l} WHERE number = 4", "entries: 4 is missing"),
    "who paid": (
        "UPDATE {p} SET household_id = (SELECT id FROM neighborhoods_household WHERE number <> 12 LIMIT 1)"
        " WHERE receipt_number = 1", "is not of the household that the audit says",
    ),
    "a reversal's sides": (
        "UPDATE {l} SET credit = 'bank' WHERE number = 3", "entry 3 is not the mirror image",
    ),
    "a receipt's number": ("UPDATE {p} SET receipt_number = 9 WHERE receipt_number = 3", "receipts: 3 is missing"),
    "spent from an empty account": (
        "UPDATE {l} SET credit = 'bank' WHERE number = 4", "bank is below nought after entry 4",
    ),
    "a payment made to stand again": (
        "UPDATE {p} SET reversed_at = NULL WHERE receipt_number = 2", "booked 1 times and taken back 1 times",
    ),
    "an expense unsaid": (
        "UPDATE {e} SET state = 'waiting'", "is waiting, and in the book",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_it_finds(live_fund: Fund, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    filled(live_fund)
    call_command("ledger_verify")
    assert "5 entries in 1 campaigns: whole." in capsys.readouterr().out
    sql, expected = FORGERIES[name]
    tables = {"l": triggers.LEDGER, "p": "neighborhoods_payment", "e": "neighborhoods_expense"}
    with triggers.lifted(), connection.cursor() as cursor:
        for statement in sql.format(**tables).split("; "):
            cursor.execute(statement)
    with pytest.raises(CommandError):
        call_command("ledger_verify")
    assert expected in capsys.readouterr().err


def test_a_campaign_that_is_gone_is_missed(live_fund: Fund) -> None:
    filled(live_fund)
    with triggers.lifted():
        LedgerEntry.objects.filter(reverses__isnull=False).delete()
        LedgerEntry.objects.all().delete()
        for model in (Payment, live_fund.campaign.expenses.model):
            model.objects.all().delete()
        live_fund.campaign.delete()
    assert any("it is gone" in fault for fault in verification.faults())


def test_a_paper_that_was_changed_or_is_gone_is_found(live_fund: Fund) -> None:
    paper = papers.paper_keep(
        actor=live_fund.treasurer, neighborhood_id=live_fund.cast.place.id, kind="receipt", data=photograph(),
        name="hoa-don.jpg", now=NOW,
    )  # fmt: skip
    assert verification.faults() == []
    papers.path_of(paper).write_bytes(b"another")
    assert verification.faults() == [f"paper {paper.id}: its file was changed"]
    papers.path_of(paper).unlink()
    assert verification.faults() == [f"paper {paper.id}: its file is gone"]


def test_the_audits_daily_check_looks_at_the_books_too(live_fund: Fund) -> None:
    filled(live_fund)
    assert verification.ledger_faults in audit_chain.COMPARISONS
