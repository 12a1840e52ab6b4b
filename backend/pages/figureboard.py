"""A report made ready for a template or a table: parts with figures in words, and bars. Nothing is counted here."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext as _

from backend.figures.report import FEW, Report
from backend.pages import alertwords, figurewords
from backend.pages.templatetags.fund import dong
from cameras.footage.figures import FootageFigures
from cameras.statistics import CameraFigures, CaseFigures, WatchFigures
from neighborhoods.statistics import HouseholdFigures, MoneyFigures
from notifications.statistics import AlertFigures, Line

MOST_BARS = 12
HAPPENINGS = frozenset({"watching", "alerts", "cases", "footage", "money"})
"""Parts about what happened, rather than what is there."""


@dataclass(frozen=True, slots=True)
class Figure:
    words: str
    value: str
    """As people here write it: ``1.234``."""
    plain: int | float | None = None
    """The number alone, for tables."""


@dataclass(frozen=True, slots=True)
class Bar:
    words: str
    value: int
    share: int
    """Of the longest bar, in hundredths."""


@dataclass(frozen=True, slots=True)
class Bars:
    title: str
    rows: list[Bar]


@dataclass(frozen=True, slots=True)
class Part:
    key: str
    icon: str
    title: str
    figures: list[Figure]
    bars: list[Bars]
    note: str = ""

    @property
    def empty(self) -> bool:
        """Nothing happened: one sentence says it better than six noughts."""
        return self.key in HAPPENINGS and bool(self.figures) and not any(figure.plain for figure in self.figures)


def parts_of(report: Report) -> list[Part]:
    """Every part of a report, in the order of the page."""
    return [
        _cameras(report.cameras),
        _households(report.households),
        _watching(report.watching),
        _alerts(report.alerts),
        _cases(report.cases),
        *_footage(report.footage),
        _money(report.money),
    ]


def table_of(report: Report) -> Iterator[tuple[str, str, int | float]]:
    """Part, what, number: one line a figure, as a file for others to count on."""
    for part in parts_of(report):
        for figure in part.figures:
            if figure.plain is not None:
                yield part.title, figure.words, figure.plain
        for bars in part.bars:
            for bar in bars.rows:
                yield part.title, f"{bars.title}: {bar.words}", bar.value


def number(value: int) -> str:
    return f"{value:,}".replace(",", ".")


def _figure(words: str, value: int) -> Figure:
    return Figure(words, number(value), value)


def _bars(title: str, found: Mapping[str, int], words: Callable[[str], str]) -> Iterable[Bars]:
    """Those with any, the most first; none at all where there is nothing to compare."""
    rows = sorted(((code, n) for code, n in found.items() if n), key=lambda each: -each[1])[:MOST_BARS]
    if not rows:
        return []
    most = rows[0][1]
    return [Bars(title, [Bar(words(code), n, max(1, round(100 * n / most))) for code, n in rows])]


def _cameras(found: CameraFigures) -> Part:
    figures = [_figure(_("Planned"), found.planned), _figure(_("Put up"), found.deployed)]
    if found.working is not None:
        figures.append(_figure(_("Working now"), found.working))
    if found.retention_hours:
        figures.append(Figure(_("Pictures are kept"), figurewords.retention(*found.retention_hours)))
    bars = [
        *_bars(_("Whose they are"), found.ownership, figurewords.ownership),
        *_bars(_("What they are for"), found.purpose, figurewords.purpose),
        *_bars(_("Kind"), found.kind, figurewords.kind),
    ]
    if any(found.makes):
        bars += _bars(_("Make"), found.makes, figurewords.make)
    return Part("cameras", "camera", _("Cameras"), figures, bars)


def _households(found: HouseholdFigures) -> Part:
    return Part(
        "households",
        "homes",
        _("Households"),
        [
            _figure(_("Live here"), found.households),
            _figure(_("Were given a code"), found.with_code),
            _figure(_("Have watched on a phone"), found.reached),
            _figure(_("Can watch now"), found.reached_now),
        ],
        [],
    )


def _watching(found: WatchFigures | None) -> Part:
    title = _("Watching")
    if found is None:
        note = _("Fewer than %(few)d households watched. So that nobody can be recognised, no figure is given.")
        return Part("watching", "play", title, [], [], note % {"few": FEW})
    figures = [_figure(_("Minutes of pictures"), found.minutes), _figure(_("By so many households"), found.households)]
    return Part("watching", "play", title, figures, [*_bars(_("Who watched"), found.by_role, figurewords.role)])


def _alerts(found: AlertFigures) -> Part:
    total = found.total
    figures = [
        _figure(_("Raised"), total.raised),
        _figure(_("Of use"), total.verdicts["used"]),
        _figure(_("Not of use"), total.verdicts["not_used"]),
        _figure(_("False"), total.verdicts["false"]),
        _figure(_("Somebody took them"), found.acknowledged),
    ]
    if found.minutes_to_acknowledge is not None:
        wait = found.minutes_to_acknowledge
        figures.append(Figure(_("Usual wait, minutes"), f"{wait:g}".replace(".", ","), wait))
    bars = [
        *_bars(_("About"), _raised(found.categories), alertwords.category),
        *_bars(_("Told by"), _raised(found.sources), figurewords.source),
    ]
    return Part("alerts", "bell", _("Alerts"), figures, bars)


def _cases(found: CaseFigures | None) -> Part:
    title = _("Pictures for the police")
    if found is None:
        note = _("Told for a whole ward and a whole month, once the month is over.")
        return Part("cases", "search", title, [], [], note)
    figures = [
        _figure(_("Extractions"), found.extractions),
        _figure(_("Of use"), found.used),
        _figure(_("Not of use"), found.not_used),
        _figure(_("Cases that pictures helped"), found.helped),
        _figure(_("Cases cleared up"), found.clarified),
        _figure(_("Offences found"), found.offences),
    ]
    bars = _bars(_("What helped: recognising"), found.what_helped, figurewords.helped)
    return Part("cases", "search", title, figures, [*bars])


def _footage(found: FootageFigures | None) -> list[Part]:
    """None where it is too soon, as the part before it says."""
    if found is None:
        return []
    figures = [
        _figure(_("Requests: the owner decides"), found.voluntary),
        _figure(_("Legal demands"), found.demands),
        _figure(_("Of these, life in danger"), found.urgent),
        _figure(_("Cameras asked for"), found.cameras),
        _figure(_("Cameras released"), found.granted),
        _figure(_("Refused or not answered"), found.not_granted),
        _figure(_("Requests taken back"), found.taken_back),
        _figure(_("Packages handed over"), found.handed_over),
        _figure(_("Cameras whose footage helped"), found.used),
        _figure(_("Cameras whose footage did not"), found.not_used),
    ]
    if found.hours_to_grant is not None:
        hours = f"{found.hours_to_grant:g}".replace(".", ",")
        figures.append(Figure(_("Usual wait for a yes, hours"), hours, found.hours_to_grant))
    return [Part("footage", "down", _("Requests for footage"), figures, [])]


def _money(found: MoneyFigures) -> Part:
    figures = [
        Figure(_("Received"), dong(found.received), found.received),
        Figure(_("Spent"), dong(found.spent), found.spent),
        Figure(_("Left at the end"), dong(found.held), found.held),
    ]
    return Part("money", "fund", _("The funds"), figures, [])


def _raised(lines: Mapping[str, Line]) -> dict[str, int]:
    return {code: line.raised for code, line in lines.items()}
