"""A picture of the fund, drawn on the server: money in and out per month as bars, the balance as a line. Pure.

One SVG without scripts, readable on a phone 390 px wide and alone in an ``<img>``: its colours are attributes and a
small style sheet of its own for the dark; a page that draws it inline may say otherwise by the classes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import count

MILLION = 10**6
MOST_MONTHS = 12
MOST_STEPS = 6
WIDTH, HEIGHT = 360, 250
LEFT, RIGHT, TOP, BOTTOM = 38, 352, 30, 206
STYLE = (
    ".in{fill:#0a5f58}.out{fill:#b4541f}.balance{stroke:#16202a}.dot{fill:#16202a}.say{fill:#3d4852}.rule{stroke:#cfcabd}"
    "@media(prefers-color-scheme:dark){.in{fill:#6fd0c2}.out{fill:#ffb27d}.balance{stroke:#f1f0ea}.dot{fill:#f1f0ea}"
    ".say{fill:#c3cbd1}.rule{stroke:#3a4750}}"
)


@dataclass(frozen=True, slots=True)
class Month:
    """What came and went in one month, and what was there at its end, in đồng.

    ``money_in`` and ``money_out`` may be negative, where a later month takes back what an earlier one said.
    """

    year: int
    month: int
    money_in: int
    money_out: int
    balance: int

    @property
    def label(self) -> str:
        return f"{self.month:02d}/{self.year % 100:02d}"


@dataclass(frozen=True, slots=True)
class Says:
    """The words in the picture, already in the reader's language. ``about`` tells screen readers what it shows."""

    title: str
    about: str
    unit: str
    money_in: str
    money_out: str
    balance: str


@dataclass(frozen=True, slots=True)
class Axis:
    """Ticks in đồng, from ``low`` to ``high`` by ``step``; nought is one of them."""

    low: int
    high: int
    step: int

    @property
    def ticks(self) -> list[int]:
        return list(range(self.low, self.high + 1, self.step))


def axis_for(lowest: int, highest: int) -> Axis:
    """The finest axis of at most ``MOST_STEPS`` steps of 1, 2 or 5 times a power of ten that holds both and nought."""
    lowest, highest = min(lowest, 0), max(highest, 0)
    step = next(step for step in _round_steps() if _steps(lowest, highest, step) <= MOST_STEPS)
    high = max(-(-highest // step), 1) * step
    return Axis(lowest // step * step, high, step)


def _round_steps() -> Iterator[int]:
    for power in count():
        yield from (factor * 10**power for factor in (1, 2, 5))


def _steps(lowest: int, highest: int, step: int) -> int:
    return -(-highest // step) - lowest // step


def millions(dong: int) -> str:
    """``dong`` in triệu with a Vietnamese comma and no noughts behind it: ``2,5``."""
    whole, rest = divmod(abs(dong), MILLION)
    sign = "-" if dong < 0 else ""
    return f"{sign}{whole}" + (f",{rest:06d}".rstrip("0") if rest else "")


@dataclass(frozen=True, slots=True)
class Scale:
    """From đồng to the picture's units, measured from its top."""

    axis: Axis

    def y(self, dong: int) -> float:
        span = self.axis.high - self.axis.low
        return round(BOTTOM - (dong - self.axis.low) * (BOTTOM - TOP) / span, 2)


def fund_chart(months: Sequence[Month], says: Says) -> str:
    """The SVG of the last ``MOST_MONTHS`` months, oldest left; with none of them an empty axis."""
    months = months[-MOST_MONTHS:]
    amounts = [amount for month in months for amount in (month.money_in, month.money_out, month.balance)]
    scale = Scale(axis_for(min(amounts, default=0), max(amounts, default=MILLION)))
    parts = [*_rules(scale), *_key(says), *_bars(months, scale), *_line(months, scale)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" class="fund-chart" role="img" '
        f'font-family="system-ui,Roboto,sans-serif" font-size="11" aria-labelledby="chart-title chart-about">'
        f'<title id="chart-title">{escape(says.title)}</title><desc id="chart-about">{escape(says.about)}</desc>'
        f"{''.join(parts)}</svg>"
    )


def alone(svg: str) -> str:
    """The same as a file of its own, which brings its colours for light and dark with it."""
    head, end, rest = svg.partition("</desc>")
    return f"{head}{end}<style>{STYLE}</style>{rest}"


def _rules(scale: Scale) -> list[str]:
    said = []
    for tick in scale.axis.ticks:
        y, dash = scale.y(tick), 'stroke-dasharray="2 3"' if tick else ""
        said.append(f'<line class="rule" stroke="#cfcabd" {dash} x1="{LEFT}" x2="{RIGHT}" y1="{y}" y2="{y}"/>')
        said.append(_say(LEFT - 4, y + 4, millions(tick), anchor="end"))
    return said


def _say(x: float, y: float, text: str, *, anchor: str = "start") -> str:
    return f'<text class="say" fill="#3d4852" x="{x:.2f}" y="{y:.2f}" text-anchor="{anchor}">{escape(text)}</text>'


def _key(says: Says) -> list[str]:
    """What the colours mean, under the picture; the unit, above it."""
    y = HEIGHT - 10
    second, third = (4 + place * (RIGHT - 4) // 3 for place in (1, 2))
    return [
        _say(4, 14, says.unit),
        f'<rect class="in" fill="#0a5f58" x="6" y="{y - 9}" width="11" height="11" rx="2"/>',
        _say(21, y, says.money_in),
        f'<rect class="out" fill="#b4541f" x="{second}" y="{y - 9}" width="11" height="11" rx="2"/>',
        _say(second + 15, y, says.money_out),
        f'<line class="balance" stroke="#16202a" stroke-width="2.5" x1="{third}" x2="{third + 14}" y1="{y - 4}" '
        f'y2="{y - 4}"/>',
        _say(third + 18, y, says.balance),
    ]


def _slot(count: int) -> float:
    return (RIGHT - LEFT) / max(count, 3)  # one month alone is no wall of colour


def _bars(months: Sequence[Month], scale: Scale) -> list[str]:
    slot, said = _slot(len(months)), []
    wide = round(min(slot * 0.36, 24), 2)
    for place, month in enumerate(months):
        middle = LEFT + slot * (place + 0.5)
        said.append(_bar("in", "#0a5f58", middle - wide - 0.5, wide, month.money_in, scale))
        said.append(_bar("out", "#b4541f", middle + 0.5, wide, month.money_out, scale))
        if len(months) <= 7 or (len(months) - 1 - place) % 2 == 0:  # the newest is always named
            said.append(_say(middle, BOTTOM + 15, month.label, anchor="middle"))
    return said


def _bar(name: str, colour: str, x: float, wide: float, dong: int, scale: Scale) -> str:
    if not dong:
        return ""
    top, foot = sorted((scale.y(dong), scale.y(0)))
    return f'<rect class="{name}" fill="{colour}" x="{x:.2f}" y="{top}" width="{wide}" height="{foot - top:.2f}"/>'


def _line(months: Sequence[Month], scale: Scale) -> list[str]:
    slot = _slot(len(months))
    points = [(LEFT + slot * (place + 0.5), scale.y(month.balance)) for place, month in enumerate(months)]
    if not points:
        return []
    drawn = " ".join(f"{x:.2f},{y}" for x, y in points)
    dots = [f'<circle class="dot" fill="#16202a" cx="{x:.2f}" cy="{y}" r="3"/>' for x, y in points]
    return [f'<polyline class="balance" fill="none" stroke="#16202a" stroke-width="2.5" points="{drawn}"/>', *dots]
