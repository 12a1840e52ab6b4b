"""The open book made ready for templates and tables: what everybody may read. Nothing is decided here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from backend.lib.tables import Cell
from backend.pages import fundwords
from cameras.models import Camera
from neighborhoods.fund import chart, open_book
from neighborhoods.fund.open_book import Book, Row
from neighborhoods.models import Campaign, Expense, Resolution

NEWEST, MOST_ROWS = 15, 200
"""Entries that are seen at once, and that stand on the page at all; the files hold all."""


@dataclass(frozen=True, slots=True)
class CampaignCard:
    campaign: Campaign
    book: Book
    state: str
    tone: str
    per_cent: int
    """Of the target, at most 100."""
    voluntary: bool


def card_of(campaign: Campaign, *, today: date) -> CampaignCard:
    book = open_book.book_of(campaign)
    state, tone = fundwords.campaign_state(campaign, today=today)
    return CampaignCard(campaign, book, state, tone, share(book.kept, campaign.target), campaign.is_voluntary)


def share(part: int, whole: int) -> int:
    """``part`` of ``whole`` in whole per cent, 0 to 100, never rounded up to done."""
    return max(0, min(100, part * 100 // whole))


@dataclass(frozen=True, slots=True)
class EntryRow:
    row: Row
    kind: str
    what: str
    """An expense's own words; empty for the rest."""


def entry_row(row: Row) -> EntryRow:
    kind = fundwords.entry_kind(row.kind, row.account)
    if row.reversal_of:
        kind = _("Entry %(n)d taken back: %(kind)s") % {"n": row.reversal_of, "kind": kind.lower()}
    return EntryRow(row, kind, row.expense.what if row.expense else "")


def entries_of(book: Book) -> dict[str, object]:
    """The entries for a page: the newest, those to be unfolded, and whether some are left out."""
    shown = [entry_row(row) for row in reversed(book.rows[-MOST_ROWS:])]
    left_out = len(book.rows) > len(shown)
    return {"newest": shown[:NEWEST], "older": shown[NEWEST:], "shown": len(shown), "left_out": left_out}


@dataclass(frozen=True, slots=True)
class SpentRow:
    """One expense with all that a household may ask of it."""

    expense: Expense
    entry: int
    category: str
    method: str
    camera: str
    """The camera it bought or repaired; empty where it is none."""
    receipt: str
    """``picture``, ``file``, or empty where there is none."""
    taken_back: bool


def spent_rows(book: Book) -> list[SpentRow]:
    """Every booked expense, the newest first."""
    booked = [row for row in book.rows if row.expense and row.reversal_of is None]
    cameras = camera_names(row.expense.camera_id for row in booked if row.expense)
    return [
        spent_row(row.expense, row.number, cameras)
        for row in sorted(booked, key=lambda row: (row.day, row.number), reverse=True)
        if row.expense
    ]


def spent_row(expense: Expense, entry: int, cameras: dict[UUID, str]) -> SpentRow:
    receipt = expense.receipt.media_type if expense.receipt else ""
    return SpentRow(
        expense,
        entry,
        fundwords.category(expense.category),
        fundwords.method(expense.method),
        cameras.get(expense.camera_id, "") if expense.camera_id else "",
        "picture" if receipt.startswith("image/") else "file" if receipt else "",
        taken_back=expense.reversed_at is not None,
    )


def camera_names(ids: Iterable[UUID | None]) -> dict[UUID, str]:
    """The cameras' names for everybody. A household's own is called so: its name may say whose it is."""
    wanted = {camera_id for camera_id in ids if camera_id}
    rows = Camera.objects.filter(id__in=wanted).values_list("id", "name", "ownership") if wanted else []
    own = _("a household's own camera")
    return {camera_id: own if owned == Camera.Ownership.HOUSEHOLD else name for camera_id, name, owned in rows}


def drawn(campaign: Campaign, book: Book) -> SafeString:
    """The chart, to stand in a page."""
    says = fundwords.chart_says(campaign, list(book.months[-chart.MOST_MONTHS :]), book.held)
    return mark_safe(chart.fund_chart(book.months, says))  # noqa: S308  (its words are escaped there)


def ledger_headings() -> list[str]:
    return [
        _("Number"), _("Date"), _("What"), _("Detail"), _("Paid to"), _("Moved (đồng)"), _("Change of the fund (đồng)"),
        _("In the fund (đồng)"),
    ]  # fmt: skip


def ledger_cells(rows: Sequence[Row]) -> Iterator[list[Cell]]:
    """The same columns for CSV and XLSX. Amounts are numbers, so that a spreadsheet can add them."""
    for row in rows:
        entry = entry_row(row)
        payee = row.expense.payee if row.expense else ""
        yield [row.number, row.day.isoformat(), entry.kind, entry.what, payee, row.moved, row.amount, row.balance]


@dataclass(frozen=True, slots=True)
class ResolutionFacts:
    resolution: Resolution
    form: str


def resolution_facts(campaign: Campaign) -> ResolutionFacts | None:
    found = campaign.resolution
    if found is None:
        return None
    return ResolutionFacts(found, fundwords.resolution_form(found.form))
