"""The five stories by name: told into an empty database, and counted again by the statistics."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from backend.figures.report import Sees, report_of
from backend.scenarios import expected, ha_giang_to7, ha_noi, ha_tinh, shakhtinsk, thanh_hoa
from backend.scenarios.expected import Expected
from backend.scenarios.replay import Replay, Tell
from neighborhoods import outbox
from neighborhoods.models import Account, Ward
from neighborhoods.scopes import Scope, Span


class NotEmpty(Exception):
    """Somebody lives in this database already."""


@dataclass(frozen=True, slots=True)
class Story:
    expected: Expected
    play: Callable[[Replay, Path], None]


STORIES: dict[str, Story] = {
    "ha_giang_to7": Story(expected.HA_GIANG_TO7, ha_giang_to7.play),
    "ha_tinh": Story(expected.HA_TINH, ha_tinh.play),
    "thanh_hoa": Story(expected.THANH_HOA, thanh_hoa.play),
    "shakhtinsk": Story(expected.SHAKHTINSK, shakhtinsk.play),
    "ha_noi": Story(expected.HA_NOI, ha_noi.play),
}


@dataclass(frozen=True, slots=True)
class Difference:
    """A figure that is not what the story adds up to."""

    name: str
    expected: int
    counted: int | None


def scenario_replay(name: str, *, scale: Fraction, tell: Tell = lambda _line: None) -> None:
    """Tell a story into this database, through the verbs. Raises ``NotEmpty``, and ``ValueError`` for the scale."""
    if Ward.objects.exists() or Account.objects.exists():
        raise NotEmpty("There are places in this database already; a story wants one of its own.")
    story = STORIES[name]
    replay = Replay(story.expected, scale=scale, tell=tell)
    with TemporaryDirectory() as folder:
        story.play(replay, Path(folder))
    # What happened years ago is no news: nobody's phone rings when the product is started on these data.
    outbox.rows_ignore(heard=(), now=replay.ends_at)


def scenario_check(name: str, *, scale: Fraction) -> list[Difference]:
    """Count everything by the statistics; gives what differs from ``expected``, nothing where all is right."""
    wanted = STORIES[name].expected
    span = Span(wanted.first, wanted.last)
    report = report_of(Scope(), span, now=span.until, sees=Sees(outages=True, stewards_alerts=True, cases=True))
    found = flat(report.plain())
    found["cameras.makes"] = sum(1 for make in report.cameras.makes if make)
    return [
        Difference(figure, number, found.get(figure))
        for figure, number in wanted.at(scale).items()
        if found.get(figure, 0) != number
    ]


def flat(figures: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested figures under dotted names."""
    found: dict[str, Any] = {}
    for name, value in figures.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}.")
        else:
            found[f"{prefix}{name}"] = value
    return found
