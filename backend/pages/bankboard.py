"""The bank's queue made ready for templates: each transfer with the likeliest households. Nothing is decided."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from backend.lib.text import folded
from neighborhoods.access import Actor
from neighborhoods.fund import bank_rows, memo
from neighborhoods.fund.bank_rows import booked_as
from neighborhoods.models import BankRow, Campaign, Household, Member, Neighborhood, Payment

SERVICES = {"sepay": "SePay", "casso": "Casso"}
MOST_GUESSES = 3
SETTLED_SHOWN = 30
SETTLED_FOR = timedelta(days=90)
FEWEST_WORDS = 2
"""Of a name that is looked for in the words of a transfer: "An" alone is in too many."""
TITLES = frozenset(["ho", "ong", "ba", "anh", "chi", "co", "chu", "bac", "gia", "dinh", "nha"])


@dataclass(frozen=True, slots=True)
class Guess:
    """Whose a transfer probably is, and what made us think so: ``memo``, or the ``name`` of who lives there."""

    household: Household
    campaign: Campaign
    by: str


@dataclass(frozen=True, slots=True)
class WaitingRow:
    row: BankRow
    guesses: list[Guess]
    why: str
    """Why it was not booked by itself."""

    @property
    def sure(self) -> bool:
        """One household and campaign, named by the words themselves: the button may stand out."""
        return len(self.guesses) == 1 and self.guesses[0].by == "memo"


@dataclass(frozen=True, slots=True)
class SettledRow:
    row: BankRow
    words: str
    tone: str
    payment: Payment | None


@dataclass(frozen=True, slots=True)
class Place:
    """What guesses are made of, read once for all its rows."""

    campaigns: list[Campaign]
    households: dict[int, Household]
    names: list[tuple[str, Household]]


def waiting_rows(actor: Actor) -> list[WaitingRow]:
    """Everything that waits, the oldest first, with guesses."""
    rows = list(bank_rows.waiting(bank_rows.bank_rows_for(actor)).order_by("occurred_at", "id"))
    found: list[WaitingRow] = []
    for neighborhood in {row.account.neighborhood_id: row.account.neighborhood for row in rows}.values():
        found += _of_place(neighborhood, [row for row in rows if row.account.neighborhood_id == neighborhood.id])
    return sorted(found, key=lambda one: (one.row.occurred_at, one.row.id))


def waiting_row(row: BankRow) -> WaitingRow:
    return _of_place(row.account.neighborhood, [row])[0]


def settled_rows(actor: Actor, *, now: datetime) -> list[SettledRow]:
    """What was booked, sent back or set aside in the last three months, the newest first."""
    rows = bank_rows.bank_rows_for(actor).filter(occurred_at__gt=now - SETTLED_FOR)
    done = [(row, booked_as(row)) for row in rows[: 4 * SETTLED_SHOWN]]
    done = [(row, paid) for row, paid in done if row.settled or paid][:SETTLED_SHOWN]
    ids = [paid for _row, paid in done if paid]
    payments = {one.id: one for one in Payment.objects.select_related("campaign", "household").filter(id__in=ids)}
    return [_settled(row, payments[paid] if paid else None) for row, paid in done]


def ignore_reasons() -> dict[str, str]:
    return {
        "not_for_the_fund": _("Not meant for the fund"),
        "bank_interest": _("Interest of the bank"),
        "counted_in_cash": _("Already entered by hand, or paid in cash"),
        "test": _("A trial transfer"),
        "other": _("Another reason"),
    }


def _place(neighborhood: Neighborhood) -> Place:
    households = {
        one.number: one for one in Household.objects.filter(neighborhood=neighborhood, left_at=None).order_by("number")
    }
    by_id = {one.id: one for one in households.values()}
    members = Member.objects.filter(household__in=by_id, left_at=None).values_list("name", "household_id")
    named = [(name, by_id[household_id]) for name, household_id in members]
    named += [(one.name, one) for one in households.values()]
    campaigns = Campaign.objects.filter(neighborhood=neighborhood, closed_at=None).order_by("-starts_on", "-id")
    names = [(plain, household) for name, household in named if (plain := _name(name))]
    return Place(list(campaigns), households, names)


def _of_place(neighborhood: Neighborhood, rows: list[BankRow]) -> list[WaitingRow]:
    """Its rows with guesses, by the same few questions however many rows there are."""
    place = _place(neighborhood)
    readings = bank_rows.readings_of([row.content for row in rows], neighborhood.id, neighborhood.selector)
    return [_waiting(row, place, reading) for row, reading in zip(rows, readings, strict=True)]


def _name(text: str) -> str:
    """A name as banks write it; empty where it is too short to be looked for."""
    words = [word for word in re.sub(r"[^a-z ]", " ", folded(text)).split() if word not in TITLES]
    return " ".join(words) if len(words) >= FEWEST_WORDS else ""


def _waiting(row: BankRow, place: Place, reading: memo.Reading) -> WaitingRow:
    by_code = {one.code: one for one in place.campaigns}
    guesses: list[Guess] = []
    for one in reading.candidates:
        household = place.households.get(one.household)
        campaigns: Iterable[Campaign] = [by_code[one.campaign]] if one.campaign in by_code else place.campaigns
        if household and (not one.campaign or one.campaign in by_code):
            guesses += [Guess(household, campaign, "memo") for campaign in campaigns]
    said = f" {re.sub(r'[^a-z0-9]+', ' ', folded(row.content))} "
    known = {guess.household.id for guess in guesses}
    for name, household in place.names:
        if f" {name} " in said and household.id not in known:
            known.add(household.id)
            guesses += [Guess(household, campaign, "name") for campaign in place.campaigns]
    return WaitingRow(row, guesses[:MOST_GUESSES], _why(reading.certainty))


def _why(certainty: str) -> str:
    return {
        "exact": _(
            "The words are right, but the campaign is closed, the household has left, or such a transfer was entered by"
            " hand."
        ),
        "likely": _("The words are not complete. Is it this household?"),
        "ambiguous": _("The words name more than one."),
        "none": _("The words name no household."),
    }[certainty]


def _settled(row: BankRow, payment: Payment | None) -> SettledRow:
    if payment is not None:
        whose = {"code": payment.campaign.code, "name": payment.household.name}
        return SettledRow(row, _("Booked: %(name)s, %(code)s") % whose, "good", payment)
    if row.settled == BankRow.Settled.RETURNED:
        return SettledRow(row, _("Sent back to whoever sent it"), "quiet", None)
    return SettledRow(row, _("Set aside: %(why)s") % {"why": ignore_reasons().get(row.why, row.why)}, "quiet", None)
