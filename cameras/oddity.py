"""Watching that somebody should look at: pure rules over what was watched, for residents and staff alike.

Nobody is judged here. A rule says that something is unusual enough to be told to who owns the camera and to the
auditor; what it was they find out. The limits are set so that a street's ordinary evening stays below all of them.

Who is never odd: a household before its own camera, and a shared screen, which is nobody. Posters, alert clips, moments
asked to be kept and packages for a case do not come here (``odduses.LOOKED``): the duty console shows many of the first
two at once, and the others were asked for, one by one, and are told as that.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from itertools import groupby
from uuid import UUID

from backend.lib.clock import VIETNAM

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)

MANY, MANY_WITHIN = 12, timedelta(minutes=10)
"""Cameras. Whoever hears a noise goes once through the eight of a street and stays below; twelve in ten minutes is
following something from camera to camera, which is for the police to do, with a case."""

NIGHT_FROM, NIGHT_TO, NIGHT_MINUTES = time(23), time(5), 15
"""Local time, and minutes of one home's footage watched in one night. Looking out because the dog barks takes less."""

DAYS, DAYS_OF, SITTINGS, APART = 5, 7, 2, timedelta(minutes=30)
"""On five of seven days one home's camera was looked at twice or more, half an hour apart: a habit about one house, for
a neighbour looks now and then. A player that reconnects is still the same sitting."""

ENDLESS_MINUTES = 8 * 60
"""Of one camera, within 24 hours: a picture that is never switched off, or footage carried away in one go. A whole
evening is half of that."""


class Rule(StrEnum):
    MANY_CAMERAS = "many_cameras"
    AT_NIGHT = "at_night"
    AGAIN = "again"
    ENDLESS = "endless"


QUIET: Mapping[Rule, timedelta] = {
    Rule.MANY_CAMERAS: DAY,
    Rule.AT_NIGHT: timedelta(hours=12),  # each night is told, and none twice
    Rule.AGAIN: 7 * DAY,
    Rule.ENDLESS: DAY,
}
"""So near to each other nothing of the same rule, viewer and camera is told again: one who goes on all day is one."""

FEWEST = DAYS * SITTINGS
"""Looks at a home's camera below which no rule about one camera can hold."""


@dataclass(frozen=True, slots=True)
class Look:
    """One minute of a camera's footage that one viewer was shown in one view."""

    viewer: UUID
    """A household, or one of staff."""
    camera: UUID
    home: UUID | None
    """The household whose camera it is; None for the street's."""
    minute: datetime
    """Of the footage."""
    at: datetime
    """When it was watched, UTC."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to be told. ``count`` is of what the rule counts: cameras, minutes, days."""

    rule: Rule
    viewer: UUID
    cameras: tuple[UUID, ...]
    """In the order in which they were looked at; one, unless the rule is about many."""
    count: int
    starts_at: datetime
    ends_at: datetime

    @property
    def key(self) -> tuple[Rule, UUID, UUID | None]:
        """What is not told again within ``QUIET``: of many cameras whichever they are."""
        return self.rule, self.viewer, None if self.rule is Rule.MANY_CAMERAS else self.cameras[0]

    def near(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Whether ``[starts_at, ends_at]`` touches it, or is within ``QUIET`` of it."""
        quiet = QUIET[self.rule]
        return starts_at <= self.ends_at + quiet and ends_at >= self.starts_at - quiet


Looks = Sequence[Look]


def noticed(looks: Iterable[Look], *, told: Iterable[Finding] = ()) -> list[Finding]:
    """What is odd in ``looks``, in any order, and is not near to what was ``told``; the earliest first."""
    others = sorted((look for look in looks if look.home != look.viewer), key=lambda look: look.at)
    before: dict[tuple[Rule, UUID, UUID | None], list[Finding]] = defaultdict(list)
    for finding in told:
        before[finding.key].append(finding)
    found: list[Finding] = []
    for viewer, theirs in _by(others, lambda look: look.viewer).items():
        found += _each(many_cameras, theirs, before[Rule.MANY_CAMERAS, viewer, None])
        for camera, of_one in _by(theirs, lambda look: look.camera).items():
            for rule, first in _OF_ONE.items():
                if of_one[0].home is not None or rule is Rule.ENDLESS:
                    found += _each(first, of_one, before[rule, viewer, camera])
    return sorted(found, key=lambda finding: (finding.starts_at, finding.rule, finding.viewer))


def many_cameras(looks: Looks) -> Finding | None:
    """The first time that one viewer saw ``MANY`` cameras within ``MANY_WITHIN``, and whatever came on in that pace."""
    last: dict[UUID, datetime] = {}
    for look in looks:
        last[look.camera] = look.at
        last = {camera: at for camera, at in last.items() if look.at - at < MANY_WITHIN}
        if len(last) >= MANY:
            return _pursuit([one for one in looks if one.at >= min(last.values())])
    return None


def _pursuit(looks: Looks) -> Finding:
    """From its first look on, until for ``MANY_WITHIN`` no camera was new."""
    firsts: dict[UUID, datetime] = {}
    for look in looks:
        if firsts and look.at - max(firsts.values()) >= MANY_WITHIN:
            break
        firsts.setdefault(look.camera, look.at)
    return Finding(
        Rule.MANY_CAMERAS, looks[0].viewer, tuple(firsts), len(firsts), looks[0].at, max(firsts.values())
    )  # fmt: skip


def at_night(looks: Looks) -> Finding | None:
    """The first night in which ``NIGHT_MINUTES`` of one camera were watched."""
    for night, seen in groupby(looks, key=lambda look: night_of(look.at)):
        of_night = list(seen)
        if night is not None and (minutes := len(_amount(of_night))) >= NIGHT_MINUTES:
            return _of_one(Rule.AT_NIGHT, of_night, minutes)
    return None


def night_of(at: datetime) -> date | None:
    """The local day on whose evening the night began; None by day."""
    local = at.astimezone(VIETNAM)
    if local.time() >= NIGHT_FROM:
        return local.date()
    return local.date() - DAY if local.time() < NIGHT_TO else None


def again(looks: Looks) -> Finding | None:
    """The first ``DAYS`` of ``DAYS_OF`` local days with ``SITTINGS`` each before one camera."""
    sittings: dict[date, int] = defaultdict(int)
    before: datetime | None = None
    for look in looks:
        if before is None or look.at - before >= APART:
            sittings[_day(look)] += 1
        before = look.at
    days = sorted(day for day, count in sittings.items() if count >= SITTINGS)
    for first, last in zip(days, days[DAYS - 1 :], strict=False):
        if last - first < DAYS_OF * DAY:
            return _of_one(Rule.AGAIN, [look for look in looks if first <= _day(look) <= last], DAYS)
    return None


def endless(looks: Looks) -> Finding | None:
    """The first 24 hours in which ``ENDLESS_MINUTES`` of one camera were watched."""
    seen = _amount(looks)
    for first, last in zip(seen, seen[ENDLESS_MINUTES - 1 :], strict=False):
        if last.at - first.at < DAY:
            whole = [look for look in seen if first.at <= look.at < first.at + DAY]
            return _of_one(Rule.ENDLESS, whole, len(whole))
    return None


_OF_ONE: Mapping[Rule, Callable[[Looks], Finding | None]] = {
    Rule.AT_NIGHT: at_night,
    Rule.AGAIN: again,
    Rule.ENDLESS: endless,
}


def _each(first: Callable[[Looks], Finding | None], looks: Looks, told: Iterable[Finding]) -> Iterator[Finding]:
    """Every finding of one rule about one viewer (and camera), none near another."""
    for finding in told:
        looks = _apart(looks, finding)
    while looks and (found := first(looks)):
        yield found
        looks = _apart(looks, found)


def _apart(looks: Looks, finding: Finding) -> Looks:
    return [look for look in looks if not finding.near(look.at, look.at)]


def _amount(looks: Looks) -> Looks:
    """How much was watched: the first look at each minute of footage in each minute of the clock. So two phones before
    one picture count once, and who watches the same minute again later, or an hour of footage at once, is counted."""
    firsts: dict[tuple[datetime, datetime], Look] = {}
    for look in looks:
        firsts.setdefault((look.at.replace(second=0, microsecond=0), look.minute), look)
    return list(firsts.values())


def _of_one(rule: Rule, looks: Looks, count: int) -> Finding:
    return Finding(rule, looks[0].viewer, (looks[0].camera,), count, looks[0].at, looks[-1].at)


def _day(look: Look) -> date:
    return look.at.astimezone(VIETNAM).date()


def _by(looks: Iterable[Look], key: Callable[[Look], UUID]) -> dict[UUID, list[Look]]:
    out: dict[UUID, list[Look]] = defaultdict(list)
    for look in looks:
        out[key(look)].append(look)
    return out
