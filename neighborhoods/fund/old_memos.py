"""Transfers on paper of before a merge (``HG8 CAM H003``): the selector is a closed neighborhood's, the number may be
another now, and so may the campaign's code.

Such money is never booked by itself. The treasurer is told which household is meant, and the campaign where no other
can be: without this the words would be taken for whoever has that number here.
"""

from collections.abc import Sequence
from uuid import UUID

from neighborhoods.fund import memo
from neighborhoods.models import Neighborhood, PlaceHistory

Numbers = dict[int, int]
"""The number on paper → the household's number now."""


def papers_of(neighborhood_id: UUID) -> dict[str, Numbers]:
    """By selector, whom the paper of each neighborhood names that was merged into this one. Mostly none: one query."""
    selectors: dict[UUID, str] = {}
    found = [neighborhood_id]
    while found:
        rows = Neighborhood.objects.filter(merged_into__in=found).values_list("id", "selector")
        found = [place for place, _selector in rows]
        selectors |= dict(rows)
    if not selectors:
        return {}
    papers: dict[str, Numbers] = {selector: {} for selector in selectors.values()}
    past = PlaceHistory.objects.filter(former_place_id__in=selectors, household__neighborhood_id=neighborhood_id)
    for place, code, number in past.values_list("former_place_id", "code", "household__number"):
        if place is not None:
            papers[selectors[place]][int(code[1:])] = number
    return papers


def read(content: str, papers: dict[str, Numbers], campaigns: Sequence[str]) -> memo.Reading | None:
    """Whom the words of old paper name; None where they are none."""
    for selector, numbers in papers.items():
        reading = memo.read(content, selector=selector, campaigns=campaigns, households=numbers.keys())
        if reading.certainty is memo.Certainty.EXACT:
            named = reading.candidates[0]
            code = named.campaign if _is_only(named.campaign, campaigns) else ""
            return memo.Reading(memo.Certainty.LIKELY, (memo.Candidate(code, numbers[named.household]),))
    return None


def _is_only(code: str, campaigns: Sequence[str]) -> bool:
    """Whether no campaign can be this one under the code a merge gave it (``CAM2``)."""
    stems = [other.rstrip("0123456789") for other in campaigns if other != code and other[-1].isdigit()]
    return not any(stem and code.startswith(stem) for stem in stems)
