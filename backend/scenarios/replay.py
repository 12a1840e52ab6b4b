"""What a story is acted out with: its clock, its numbers, and long transactions around the product's own verbs.

Nothing is inserted that a verb makes. Verbs by the hundred share a transaction, for a commit to the disk costs more
than a verb; a story that breaks off leaves what was committed, and its database is thrown away.
"""

import random
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import nullcontext
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TypeVar

from django.db import transaction

from backend.scenarios.expected import Expected
from backend.scenarios.scale import shares
from neighborhoods.scopes import Span

Thing = TypeVar("Thing")
Made = TypeVar("Made")
Key = TypeVar("Key", bound=Hashable)

Tell = Callable[[str], None]

BATCH = 500
"""Verbs in a transaction. More gains nothing, and on SQLite nobody else writes meanwhile."""


class Replay:
    """One telling of one story. ``tell`` is given a line of progress now and then."""

    def __init__(
        self, expected: Expected, *, scale: Fraction, tell: Callable[[str], None] = lambda _line: None
    ) -> None:
        if not expected.least <= scale <= 1:
            raise ValueError(f"this story is told at scales from {float(expected.least):g} to 1")
        self.expected, self.scale = expected, scale
        self.numbers = expected.at(scale)
        self.span = Span(expected.first, expected.last)
        self._tell = tell
        self._dice = random.Random(f"{expected.first}{expected.said}")  # noqa: S311  (the same story every time)

    def count(self, name: str) -> int:
        """How many of the figure ``name`` this telling makes (``expected``)."""
        return self.numbers[name]

    def at(self, part: float) -> datetime:
        """The instant at ``part`` of the story: 0 its first, 1 its last, UTC."""
        return self.span.since + (self.span.until - self.span.since - timedelta(minutes=5)) * part

    @property
    def ends_at(self) -> datetime:
        """The first instant after the story."""
        return self.span.until

    def during(self, begins: float, ends: float, index: int, of: int) -> datetime:
        """The ``index``-th of ``of`` instants, evenly spread over a part of the story."""
        return self.at(begins + (ends - begins) * (index + 0.5) / of)

    def dealt(self, count: int, parts: Mapping[Key, int]) -> list[Key]:
        """``count`` cards, as many of each kind as its share is, shuffled the same way every time."""
        cards = [key for key, share in shares(count, parts).items() for _n in range(share)]
        self._dice.shuffle(cards)
        return cards

    def words(self, prefix: str, whole: str) -> list[str]:
        """Cards of the last words of the figures under ``prefix``, one for each thing that ``whole`` counts."""
        found = {name.rpartition(".")[2]: n for name, n in self.numbers.items() if name.startswith(f"{prefix}.")}
        return self.dealt(self.count(whole), found)

    def each(
        self, what: str, things: Sequence[Thing], act: Callable[[int, Thing], Made], *, together: bool = True
    ) -> list[Made]:
        """``act(index, thing)`` for every thing, ``BATCH`` of them in a transaction where they may stand ``together``;
        gives what they made."""
        made: list[Made] = []
        for start in range(0, len(things), BATCH):
            with transaction.atomic() if together else nullcontext():
                made += [act(start + n, thing) for n, thing in enumerate(things[start : start + BATCH])]
            self._tell(f"{what}: {len(made):,} of {len(things):,}")
        return made
