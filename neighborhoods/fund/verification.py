"""Whether the books are whole: everything recomputed from the entries, and compared with what they book and with the
audit chain. ``manage.py ledger_verify`` and, every day, the audit's own check (``audit_chain.COMPARISONS``).

The database refuses most of what is looked for here. It is looked for nevertheless: whoever can lift a trigger can also
write past a constraint, and the audit chain then still says what was written.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from uuid import UUID

from neighborhoods import papers
from neighborhoods.fund.arithmetic import HELD, sums
from neighborhoods.fund.ledger import HOLDS
from neighborhoods.models import AuditEntry, Campaign, Expense, LedgerEntry, Method, Payment, Refund


@dataclass(frozen=True, slots=True)
class Audited:
    """What the audit chain has of one campaign."""

    amounts: dict[int, int] = field(default_factory=dict)
    """Number of entry → đồng."""
    households: dict[UUID, UUID] = field(default_factory=dict)
    """Payment or refund → who gave it or got it back."""


def ledger_faults() -> list[str]:
    """A sentence for each thing that is not as it was written; none where all is whole."""
    audited, found = _audited()
    for campaign in Campaign.objects.order_by("id").iterator(chunk_size=200):
        entries = list(LedgerEntry.objects.filter(campaign=campaign).order_by("number"))
        for what in _of_campaign(campaign, entries, audited.pop(campaign.id, Audited())):
            found.append(f"campaign {campaign.id}: {what}")
    found += [f"campaign {campaign_id}: it is gone, though its entries were audited" for campaign_id in audited]
    return found


def faults() -> list[str]:
    """Books and papers."""
    return ledger_faults() + papers.faults()


def _of_campaign(campaign: Campaign, entries: list[LedgerEntry], audited: Audited) -> Iterator[str]:
    yield from _gaps("entries", (entry.number for entry in entries))
    yield from _running(entries)
    yield from _reversals(entries)
    booked: dict[UUID, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        thing = entry.payment_id or entry.refund_id or entry.expense_id
        if thing:
            booked[thing].append(entry)
        if audited.amounts.pop(entry.number, None) != entry.amount:
            yield f"entry {entry.number} is not what the audit says"
    for number in sorted(audited.amounts):
        yield f"entry {number} is missing, though it was audited"
    payments = list(Payment.objects.filter(campaign=campaign).order_by("receipt_number"))
    yield from _gaps("receipts", (payment.receipt_number for payment in payments))
    for payment in payments:
        yield from _books(payment, booked.pop(payment.id, []), HOLDS[Method(payment.method)], "contributions")
        yield from _is_of(payment, audited)
    for refund in Refund.objects.filter(campaign=campaign):
        yield from _books(refund, booked.pop(refund.id, []), "contributions", HOLDS[Method(refund.method)])
        yield from _is_of(refund, audited)
    for expense in Expense.objects.filter(campaign=campaign):
        mine = booked.pop(expense.id, [])
        if expense.state in Expense.SPENT:
            yield from _books(expense, mine, "spending", HOLDS[Method(expense.method)])
        elif mine:
            yield f"expense {expense.id} is {expense.state}, and in the book"
    for thing in booked:
        yield f"entries book {thing}, which is not this campaign's"


def _gaps(what: str, numbers: Iterable[int]) -> Iterator[str]:
    for wanted, number in enumerate(numbers, start=1):
        if number != wanted:
            yield f"{what}: {wanted} is missing"
            return


def _running(entries: list[LedgerEntry]) -> Iterator[str]:
    """Nought over all accounts, and what is held never below it, after every entry."""
    moves = []
    for entry in entries:
        moves.append((entry.debit, entry.credit, entry.amount))
        if entry.amount <= 0 or entry.debit == entry.credit:
            yield f"entry {entry.number} does not move an amount from one account to another"
    totals = dict.fromkeys(HELD, 0)
    for entry in entries:
        for account, sign in ((entry.debit, 1), (entry.credit, -1)):
            if account in totals:
                totals[account] += sign * entry.amount
                if totals[account] < 0:
                    yield f"{account} is below nought after entry {entry.number}"
    if sum(sums(moves).values()):
        yield "the accounts do not sum to nought"


def _reversals(entries: list[LedgerEntry]) -> Iterator[str]:
    by_id = {entry.id: entry for entry in entries}
    seen: set[UUID] = set()
    for entry in entries:
        if entry.reverses_id is None:
            continue
        of = by_id.get(entry.reverses_id)
        exact = of is not None and of.reverses_id is None and of.number < entry.number
        if not exact or of is None or (of.amount, of.debit, of.credit) != (entry.amount, entry.credit, entry.debit):
            yield f"entry {entry.number} is not the mirror image of the one it takes back"
        if entry.reverses_id in seen:
            yield f"entry {entry.number} takes back what was taken back before"
        seen.add(entry.reverses_id)


def _books(row: Payment | Refund | Expense, entries: list[LedgerEntry], debit: str, credit: str) -> Iterator[str]:
    """A payment, refund or expense stands in the book once, and once more where it was taken back."""
    name = f"{type(row).__name__.lower()} {row.id}"
    straight = [entry for entry in entries if entry.reverses_id is None]
    back = len(entries) - len(straight)
    if len(straight) != 1 or back != (row.reversed_at is not None):
        yield f"{name} is booked {len(straight)} times and taken back {back} times"
    for entry in straight:
        if (entry.amount, entry.debit, entry.credit) != (row.amount, debit, credit):
            yield f"{name} says {row.amount} đồng, entry {entry.number} another thing"


def _is_of(row: Payment | Refund, audited: Audited) -> Iterator[str]:
    """No constraint says whose money it is: the audit does."""
    if audited.households.get(row.id) != row.household_id:
        yield f"{type(row).__name__.lower()} {row.id} is not of the household that the audit says"


def _audited() -> tuple[dict[UUID, Audited], list[str]]:
    """By campaign, and what of the chain cannot be read."""
    campaigns: dict[UUID, Audited] = defaultdict(Audited)
    spoilt = []
    rows = AuditEntry.objects.filter(subject__startswith="campaign:", data__has_key="entry")
    for entry in rows.order_by("chain", "seq").iterator(chunk_size=2000):
        told = entry.data
        try:
            campaign = campaigns[UUID(entry.subject.partition(":")[2])]
            campaign.amounts[int(told["entry"])] = int(told["amount"])
            if "household" in told:
                campaign.households[UUID(told.get("payment") or told.get("refund"))] = UUID(told["household"])
        except (KeyError, TypeError, ValueError):
            spoilt.append(f"{entry.chain} #{entry.seq}: does not say which entry it is about")
    return dict(campaigns), spoilt
