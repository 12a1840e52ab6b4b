"""When two tellings are of one transfer: a messenger's twice, a statement's twice, or a messenger's and a statement's.

Messengers number their messages, and send one again under the same number. Statements number nothing that messengers
know, and write words and references in their own way. So a line of a statement is paired with a row of the same day and
amount, the likeliest first and each row with one line only: money that came twice has two rows and two lines. The same
reference twice is one transfer however often it is written.
"""

import hashlib
import re
from collections.abc import Collection
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from django.db.models import Case, Max, QuerySet, Value, When

from backend.lib.ascii import ascii_text
from backend.lib.clock import VIETNAM, vietnam_day
from neighborhoods.fund.bank_messages import Transfer
from neighborhoods.models import BankAccount, BankRow

STATEMENT = "statement"
LONG_ENOUGH = 8
"""Letters and digits that one telling's words must hold of the other's: a lone name or number is in too many."""

NOT = 9


def known_row(
    account: BankAccount, transfer: Transfer, *, came_by: str, taken: Collection[UUID] = ()
) -> BankRow | None:
    """The row of this very transfer, if it is there. The account is held, so the answer stays true until commit."""
    rows = _rows_of(account)
    if transfer.provider_id:
        told = rows.filter(provider_id=transfer.provider_id, account__provider=account.provider).first()
        if told is not None:
            return told
    same = rows.filter(sameness=sameness_of(transfer)).order_by("ordinal")
    if not transfer.reference:  # a row whose words were forgotten is known by this alone, and once
        same = same.filter(content="", reference="", provider_id="").exclude(id__in=taken)
    if (first := same.first()) is not None:  # the usual answer of a statement that is brought in again
        return first
    free = [one for one in _alike(account, transfer, came_by) if one[0] == 0 or one[2] not in taken]
    return BankRow.objects.get(id=min(free)[2]) if free else None


def _rows_of(account: BankAccount) -> QuerySet[BankRow]:
    """Of this account at the bank, whichever row of ours stood for it: it is closed and entered anew to change who
    tells of it, and a merge closes one of two. The neighborhood is held, and so are all of them."""
    return BankRow.objects.filter(
        account__neighborhood_id=account.neighborhood_id, account__bank_bin=account.bank_bin,
        account__account_number=account.account_number,
    )  # fmt: skip


def _alike(account: BankAccount, transfer: Transfer, came_by: str) -> list[tuple[int, int, UUID]]:
    """The rows of the same day and amount that may be this transfer: likeness, place in the order they came, id.

    On the day after a meeting that is every household's, so no row is built that is not wanted.
    """
    start = datetime.combine(vietnam_day(transfer.occurred_at), time(), VIETNAM)
    rows = (
        _rows_of(account)
        .filter(amount=transfer.amount, occurred_at__gte=start, occurred_at__lt=start + timedelta(days=1))
        .annotate(
            number=Case(When(account__provider=account.provider, then="provider_id"), default=Value(""))
        )  # another's says nothing
        .order_by("occurred_at", "id")
        .values_list("came_by", "number", "reference", "content", "id")
    )
    rated = (
        (
            likeness(Told(*row[:4]), Told(came_by, transfer.provider_id, transfer.reference, transfer.content)),
            at,
            row[4],
        )
        for at, row in enumerate(rows)
    )
    return [one for one in rated if one[0] < NOT]


class Told(NamedTuple):
    """What one teller said of a transfer."""

    came_by: str
    provider_id: str
    reference: str
    content: str


def likeness(row: Told, told: Told) -> int:
    """0 the same reference, 1 the same words, 2 one's words within the other's; ``NOT`` where they are two transfers.

    Day and amount are the same already.
    """
    ours, theirs = plain(row.reference), plain(told.reference)
    if ours and ours == theirs:
        return 0
    one_teller = row.came_by == told.came_by
    if told.provider_id and row.provider_id:
        return NOT  # two numbers of one messenger, and no reference says that they are one
    if one_teller and ours and theirs:
        return NOT  # one way of writing references, and these differ
    said, says = plain(row.content), plain(told.content)
    if said == says:
        return 1
    shorter, longer = sorted((said, says), key=len)
    return 2 if not one_teller and len(shorter) >= LONG_ENOUGH and shorter in longer else NOT


def number_take(row: BankRow, account: BankAccount, provider_id: str) -> None:
    """Others told of it before this messenger did: a statement, or whoever told of the account before it was entered
    anew. From now on the row is this messenger's, so that the next message of the same words is another transfer."""
    if row.account_id != account.id:
        row.account, row.ordinal = account, next_ordinal(account, row.sameness)
    row.provider_id = provider_id
    row.save(update_fields=["account", "ordinal", "provider_id"])


def next_ordinal(account: BankAccount, sameness: str) -> int:
    last = BankRow.objects.filter(account=account, sameness=sameness).aggregate(last=Max("ordinal"))["last"]
    return int(last or 0) + 1


def sameness_of(transfer: Transfer) -> str:
    """A name for what tells two transfers of one teller apart; the database lets none in twice (``BankRow``)."""
    by, words = ("ref", transfer.reference) if transfer.reference else ("words", transfer.content)
    told = f"{by}|{plain(words)}|{vietnam_day(transfer.occurred_at)}|{transfer.amount}"
    return hashlib.sha256(told.encode()).hexdigest()


@lru_cache(maxsize=4096)
def plain(words: str) -> str:
    """Words as they compare: ASCII capitals and digits, nothing between."""
    return re.sub(r"[^A-Z0-9]", "", ascii_text(words).upper())
