"""The words of a bank transfer (``HG7 CAM H086``), and which campaign and household they name. Pure.

Banks put their own words before and after, lose diacritics and case, drop spaces and add dots. What is read is told
with its certainty, and money is booked by itself only where nothing else could be meant: ``EXACT``. The rest is a
suggestion to the treasurer.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from enum import StrEnum

from backend.lib.ascii import ascii_text

LONGEST_READ = 1000
"""Characters of a transfer's words that are looked at; banks carry at most 210."""
MOST_CANDIDATES = 5


class Certainty(StrEnum):
    EXACT = "exact"  # one campaign and one household, fully written
    LIKELY = "likely"  # one household, something missing or misspelt
    AMBIGUOUS = "ambiguous"  # several could be meant
    NONE = "none"


@dataclass(frozen=True, slots=True, order=True)
class Candidate:
    """``campaign`` is its code; empty where the words do not name one."""

    campaign: str
    household: int


@dataclass(frozen=True, slots=True)
class Reading:
    certainty: Certainty
    candidates: tuple[Candidate, ...] = ()


def build(selector: str, campaign: str, household: int | None = None) -> str:
    """What a payer writes: at most 25 characters for any selector, code and number there can be (VietQR, tag 62.08)."""
    return f"{selector} {campaign}" + ("" if household is None else f" H{household:03d}")


def read(content: str, *, selector: str, campaigns: Collection[str], households: Collection[int]) -> Reading:
    """Who is meant, of the ``households`` (numbers) and ``campaigns`` (codes) of the neighborhood of ``selector``."""
    text = re.sub(r"[^A-Z0-9]+", " ", ascii_text(content[:LONGEST_READ]).upper())
    whole = set(_named(text, selector, campaigns))
    exact = {one for one, sure in whole if sure and one.household in households}
    doubts = {one for one, _sure in whole if one.household in households} | set(
        _joined(text, selector, campaigns, households)
    )
    beside = _other_households(text, doubts, households)
    if len(exact) == 1 and {one for one, _sure in whole} | doubts == exact and not beside:
        return Reading(Certainty.EXACT, tuple(exact))
    found = doubts | beside or set(_loose(text, campaigns, households))
    ordered = tuple(sorted(found)[:MOST_CANDIDATES])
    if not ordered:
        return Reading(Certainty.NONE)
    return Reading(Certainty.LIKELY if len(found) == 1 else Certainty.AMBIGUOUS, ordered)


def _named(text: str, selector: str, campaigns: Collection[str]) -> Iterator[tuple[Candidate, bool]]:
    """Every place where selector, a code and ``H`` with a number stand one after the other.

    Not sure where a letter or digit touches the selector from the left: it may be the end of another neighborhood's.
    """
    for code in campaigns:
        for found in re.finditer(f"(?={_head(selector, code)}([0-9]+))", text):
            touched = found.start() > 0 and text[found.start() - 1] != " "
            if len(found[1]) <= 6:
                yield Candidate(code, int(found[1])), not touched


def _joined(text: str, selector: str, campaigns: Collection[str], households: Collection[int]) -> Iterator[Candidate]:
    """``H0 86`` may be 86, and ``H1 2`` may be 12: a number torn by a space names a second household.

    Also a number that ran into what follows it, ``H0861234``: its first three digits are how we print it.
    """
    for code in campaigns:
        for found in re.finditer(f"(?={_head(selector, code)}([0-9]+) ([0-9]+))", text):
            joined = found[1] + found[2]
            printed = len(joined) <= 3 or (joined[0] != "0" and len(joined) <= 6)
            if printed and int(joined) in households:
                yield Candidate(code, int(joined))
        for found in re.finditer(f"(?={_head(selector, code)}([0-9]{{4,}}))", text):
            if int(found[1][:9]) not in households and int(found[1][:3]) in households:
                yield Candidate(code, int(found[1][:3]))


def _other_households(text: str, named: set[Candidate], households: Collection[int]) -> set[Candidate]:
    """``H086 H087`` pays for two: whose is how much, only a person can say."""
    known = {one.household for one in named}
    codes = {one.campaign for one in named}
    others = {int(number) for number in re.findall(r"\bH ?([0-9]{1,4})\b", text)} - known
    return {Candidate(code, number) for code in codes for number in others if number in households}


def _loose(text: str, campaigns: Collection[str], households: Collection[int]) -> Iterator[Candidate]:
    """Without the selector, with ``O`` for zero, or a household alone: never sure."""
    misread = re.sub(r"(?<=H)[ O0-9]+", lambda found: found[0].replace("O", "0"), text)
    numbers = {int(number) for number in re.findall(r"(?<![A-Z0-9])H ?([0-9]{1,4})(?![0-9])", misread)}
    codes = [code for code in campaigns if re.search(rf"(?<![A-Z0-9]){code}(?![A-Z]{{2}})", text)]
    for code in campaigns:
        for number in re.findall(rf"{_spaced(code)} ?H ?([0-9]{{1,4}})(?![0-9])", misread):
            numbers.add(int(number))
            codes.append(code)
    for number in numbers:
        if number in households:
            yield from (Candidate(code, number) for code in (set(codes) or {""}))


def _head(selector: str, code: str) -> str:
    return f"{_spaced(selector)} ?{_spaced(code)} ?H ?"


def _spaced(word: str) -> str:
    """A bank breaks its lines wherever it likes: a space may stand between any two letters."""
    return " ?".join(map(re.escape, word))
