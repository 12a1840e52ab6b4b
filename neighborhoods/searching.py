"""Searching as people type: without accents, parts of words in any order. The same on both databases, for it compares
folded columns (``backend.lib.derived``)."""

import re
from typing import TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from backend.lib.text import folded
from neighborhoods.models import Household, Member, Neighborhood, PlaceHistory, Ward

M = TypeVar("M", bound=Model)

MOST_WORDS = 8
LONGEST = 100
NUMBER = re.compile(r"h?0*([1-9][0-9]{0,7})")
"""A household's number as people say it: ``H086``, ``86``."""


def words_of(text: str) -> list[str]:
    return folded(text[:LONGEST].replace("\x00", "")).split()[:MOST_WORDS]


def narrow(rows: QuerySet[M], text: str, column: str = "folded") -> QuerySet[M]:
    """Rows whose ``column`` holds every word of ``text``; all of them where it has none."""
    for word in words_of(text):
        rows = rows.filter(**{f"{column}__contains": word})
    return rows


def households_matching(rows: QuerySet[Household], text: str) -> QuerySet[Household]:
    """Every word stands in the household's name, address or number, or in the name of somebody who lives there."""
    members = Member.objects.filter(household=OuterRef("pk"), left_at=None)
    for word in words_of(text):
        found = Q(folded__contains=word) | Q(Exists(members.filter(folded__contains=word)))
        number = NUMBER.fullmatch(word)
        rows = rows.filter(found | Q(number=int(number[1])) if number else found)
    return rows


def wards_matching(rows: QuerySet[Ward], text: str) -> QuerySet[Ward]:
    """By the present name, province or code, and by what it was called before."""
    past = PlaceHistory.objects.filter(ward=OuterRef("pk"))
    for word in words_of(text):
        rows = rows.filter(Q(folded__contains=word) | Q(Exists(past.filter(folded__contains=word))))
    return rows


def neighborhoods_matching(rows: QuerySet[Neighborhood], text: str) -> QuerySet[Neighborhood]:
    """By the present name, code or selector, by its ward, and by what it was called before."""
    past = PlaceHistory.objects.filter(neighborhood=OuterRef("pk"))
    for word in words_of(text):
        here = Q(folded__contains=word) | Q(ward__folded__contains=word)
        rows = rows.filter(here | Q(Exists(past.filter(folded__contains=word))))
    return rows
