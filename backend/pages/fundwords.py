"""What the fund's pages say of kinds, states and reasons: whole words by the codes of ``neighborhoods.models``."""

from datetime import date

from django.utils.translation import gettext as _

from neighborhoods.fund.chart import Month, Says, millions
from neighborhoods.models import Campaign, Expense


def campaign_state(campaign: Campaign, *, today: date) -> tuple[str, str]:
    """Words and tone."""
    if campaign.closed_at:
        return _("Closed"), "quiet"
    if today < campaign.starts_on:
        return _("Not begun yet"), "quiet"
    if today > campaign.ends_on:
        return _("Past its last day, still open"), "quiet"
    return _("Being collected"), "good"


def entry_kind(kind: str, account: str) -> str:
    """What an entry of the ledger books, for everybody: never who."""
    cash = account == "cash"
    return {
        "payment": _("Contribution in cash") if cash else _("Contribution by transfer"),
        "refund": _("Given back in cash") if cash else _("Given back by transfer"),
        "expense": _("Spent in cash") if cash else _("Spent by transfer"),
        "deposit": _("Cash carried to the bank"),
        "withdrawal": _("Cash taken from the bank"),
    }[kind]


def method(code: str) -> str:
    return {"cash": _("cash"), "transfer": _("bank transfer")}[code]


def resolution_form(code: str) -> str:
    return {"meeting": _("at a meeting"), "paper": _("by paper ballot")}[code]


def category(code: str) -> str:
    return categories()[code]


def categories() -> dict[str, str]:
    return {
        "purchase": _("Buying equipment"), "repair": _("Repair"), "electricity": _("Electricity, network"),
        "other": _("Something else"),
    }  # fmt: skip


def expense_state(expense: Expense) -> tuple[str, str, str]:
    """Words, icon and tone."""
    if expense.reversed_at:
        return _("Taken back"), "still", "quiet"
    return {
        "waiting": (_("Waits for the leader's approval"), "clock", "quiet"),
        "approved": (_("Approved and spent"), "check", "good"),
        "refused": (_("Refused"), "cross", "bad"),
        "recorded": (_("Spent"), "check", "good"),
    }[expense.state]


def waiver_reasons() -> dict[str, str]:
    return {
        "poor": _("Poor household"), "near_poor": _("Nearly poor household"), "policy": _("Family of merit"),
        "elderly": _("Old and alone"), "illness": _("Serious illness"), "disaster": _("Disaster or accident"),
        "away": _("Away for long"), "other": _("Another reason"),
    }  # fmt: skip


def reversal_reasons() -> dict[str, str]:
    return {
        "wrong_amount": _("Wrong amount"), "wrong_household": _("Wrong household"),
        "wrong_campaign": _("Wrong campaign"), "entered_twice": _("Entered twice"),
        "money_not_received": _("The money never came"), "other": _("Another reason"),
    }  # fmt: skip


def refund_reasons() -> dict[str, str]:
    return {
        "overpaid": _("Paid too much"), "paid_twice": _("Paid twice"), "campaign_ended": _("The campaign has ended"),
        "asked": _("The household asked for it"), "other": _("Another reason"),
    }  # fmt: skip


def dues_state(code: str) -> tuple[str, str, str]:
    """Words, icon and tone of what a household has done for a campaign."""
    return {
        "paid": (_("Paid in full"), "check", "good"),
        "part": (_("Paid in part"), "clock", "quiet"),
        "owes": (_("Not paid yet"), "clock", "bad"),
        "free": (_("Nothing given"), "still", "quiet"),
        "excused": (_("Excused"), "check", "quiet"),
    }[code]


def chart_says(campaign: Campaign, months: list[Month], held: int) -> Says:
    """The chart's words, with all that it shows in one sentence for who cannot see it."""
    told = "; ".join(
        _("%(month)s: in %(in)s, out %(out)s, left %(left)s")
        % {"month": month.label, "in": millions(month.money_in), "out": millions(month.money_out),
           "left": millions(month.balance)}
        for month in months
    )  # fmt: skip
    return Says(
        title=_("The fund month by month: %(purpose)s") % {"purpose": campaign.purpose},
        about=_("In millions of đồng. %(months)s. Now in the fund: %(held)s.")
        % {"months": told, "held": millions(held)},
        unit=_("million đồng"),
        money_in=_("In"),
        money_out=_("Out"),
        balance=_("Left"),
    )
