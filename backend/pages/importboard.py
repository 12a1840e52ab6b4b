"""What the page shows of a list that was read: its lines by what they would do, those that need somebody first."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from neighborhoods.importing.notes import said
from neighborhoods.importing.plan import Verdict
from neighborhoods.models import HouseholdImport

MOST_SHOWN = 300


@dataclass(frozen=True, slots=True)
class ShownLine:
    number: int
    household: str
    address: str
    notes: list[str]


@dataclass(frozen=True, slots=True)
class Group:
    verdict: str
    title: str
    icon: str
    tone: str
    lines: list[ShownLine]
    more: int
    """Lines of the kind that are not shown: a page of thousands helps nobody."""
    open: bool


def report_of(found: HouseholdImport) -> list[Group]:
    """The kinds that have lines: refused, changed, added, unchanged."""
    kinds = (
        (Verdict.REFUSED, _("Not taken"), "cross", "bad", True),
        (Verdict.CHANGED, _("Changed"), "check", "good", True),
        (Verdict.ADDED, _("Added"), "plus", "good", False),
        (Verdict.SAME, _("Nothing new"), "still", "quiet", False),
    )
    groups = []
    for verdict, title, icon, tone, opened in kinds:
        lines = [one for one in found.report if one["verdict"] == verdict]
        if lines:
            shown = [
                ShownLine(one["line"], one["household"], one["address"], [said(note) for note in one["notes"]])
                for one in lines[:MOST_SHOWN]
            ]
            groups.append(Group(verdict, title, icon, tone, shown, len(lines) - len(shown), opened))
    return groups
