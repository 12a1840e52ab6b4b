"""What each story adds up to: the articles' numbers, in one place. The replay acts them out, the check counts them.

Names are those of the statistics (``backend.figures.report.Report.plain``), with dots. Where an article says "over
200", 200 is meant. ``said`` are an article's totals; ``ours`` fill in what it does not say and a replay needs.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from backend.scenarios.scale import scaled, shares


@dataclass(frozen=True, slots=True)
class Parts:
    """``of`` add up to the total named ``whole`` (whatever it is at a smaller scale)."""

    whole: str
    of: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Sums:
    """``total`` is money: amounts in đồng, each given by a share of the things that ``whole`` counts."""

    total: str
    whole: str
    each: Mapping[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    first: date
    last: date
    said: Mapping[str, int]
    ours: Mapping[str, int] = field(default_factory=dict)
    parts: tuple[Parts, ...] = ()
    sums: tuple[Sums, ...] = ()
    kept: Mapping[str, int] = field(default_factory=dict)
    """Never scaled: kinds of things rather than things."""
    least: Fraction = Fraction(1, 1000)
    """Below it the story makes no sense."""

    def at(self, scale: Fraction) -> dict[str, int]:
        """Every figure that the statistics must give at ``scale``, by name."""
        found = {name: scaled(count, scale) for name, count in {**self.said, **self.ours}.items()}
        for part in self.parts:
            found |= shares(found[part.whole], part.of)
        for one in self.sums:
            found[one.total] = sum(amount * n for amount, n in shares(found[one.whole], one.each).items())
        return {**found, **self.kept}


HA_GIANG_TO7 = Expected(
    first=date(2019, 1, 1),
    last=date(2019, 12, 31),
    # 86 households pooled over 30,000,000 đ for 8 cameras; every household has a code.
    said={
        "households.households": 86, "households.with_code": 86, "households.reached": 86, "cameras.planned": 8,
        "cameras.deployed": 8, "cameras.working": 8, "cameras.ownership.public": 8,
    },
    ours={"households.neighborhoods": 1, "households.wards": 1, "watching.minutes": 860},
    sums=(
        Sums("money.received", "households.households", {350_000: 80, 400_000: 5, 0: 1}),
        Sums("money.spent", "cameras.deployed", {3_000_000: 8}),
    ),
    least=Fraction(1, 10),
)  # fmt: skip

HA_TINH = Expected(
    first=date(2018, 1, 1),
    last=date(2024, 12, 31),
    # 500 public cameras in 15 of 15 wards, about 800 private ones; over 200 cases helped.
    said={
        "households.wards": 15, "cameras.planned": 1_300, "cameras.deployed": 1_300, "cameras.working": 1_300,
        "cases.helped": 200,
    },
    ours={
        "households.neighborhoods": 30, "cases.opened": 200, "cases.extractions": 200, "cases.used": 200,
        "cases.clarified": 200,
    },
    parts=(
        Parts("cameras.planned", {
            "cameras.ownership.public": 500,
            # 800 of "households, businesses, agencies and schools", shared out by us.
            "cameras.ownership.household": 480, "cameras.ownership.business": 200, "cameras.ownership.agency": 80,
            "cameras.ownership.school": 40,
        }),
        Parts("cameras.planned", {
            "cameras.purpose.security": 900, "cameras.purpose.traffic": 250, "cameras.purpose.urban_order": 150,
        }),
    ),
)  # fmt: skip

THANH_HOA = Expected(
    first=date(2024, 1, 1),
    last=date(2024, 12, 31),
    # 34 models in 34 wards, 287 extension points, over 1,900 cameras, over 1,000 extractions, 152 cases clarified;
    # 32 alerts by street cleaners, of which 12 were put to use.
    said={
        "households.wards": 34, "households.neighborhoods": 287, "cameras.planned": 1_900, "cameras.deployed": 1_900,
        "cameras.working": 1_900, "cases.extractions": 1_000, "cases.clarified": 152, "alerts.total.raised": 32,
        "alerts.sources.street_worker.raised": 32,
    },
    ours={"cases.opened": 400},
    parts=(
        Parts("alerts.total.raised", {
            "alerts.sources.street_worker.verdicts.used": 12, "alerts.sources.street_worker.verdicts.not_used": 20,
        }),
        Parts("cases.extractions", {"cases.used": 620, "cases.not_used": 380}),
    ),
)  # fmt: skip

SHAKHTINSK = Expected(
    first=date(2024, 1, 1),
    last=date(2024, 12, 31),
    # One operations centre, 311 city cameras, 12 schools and 13 kindergartens; over 80 offences found.
    said={"cases.offences": 80, "cameras.ownership.public": 311},
    ours={
        "households.wards": 1, "households.neighborhoods": 26, "cameras.ownership.school": 100, "cases.opened": 80,
        "cases.clarified": 80, "watching.minutes": 14_400, "watching.by_role.wall": 14_400,
    },
    least=Fraction(1, 10),
)  # fmt: skip


HA_NOI = Expected(
    first=date(2024, 1, 1),
    last=date(2026, 6, 30),
    # 40,200 planned, 20,400 deployed, 19,400 working, of 33 makes.
    said={"cameras.planned": 40_200, "cameras.deployed": 20_400, "cameras.working": 19_400, "households.wards": 126},
    ours={"households.neighborhoods": 504},
    parts=(
        Parts("cameras.planned", {"cameras.kind.ptz": 12_000, "cameras.kind.fixed": 28_200}),
        Parts("cameras.planned", {
            "cameras.purpose.security": 23_700, "cameras.purpose.defence": 300,
            # 16,200 for "traffic, infrastructure, environment and urban order", shared out by us.
            "cameras.purpose.traffic": 9_000, "cameras.purpose.environment": 2_200,
            "cameras.purpose.urban_order": 5_000,
        }),
    ),
    kept={"cameras.makes": 33},
    least=Fraction(1, 500),
)  # fmt: skip
