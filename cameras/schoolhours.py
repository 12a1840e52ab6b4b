"""Hours in which the ward's operators may watch a school's camera (giờ trực trường), in words.

The hours are the camera's (``Camera.school_hours``); whether they hold is ``rules.outside_school_hours``.
"""

from collections.abc import Mapping, Sequence
from itertools import groupby

from django.utils.translation import gettext as _

Hours = Sequence[Mapping[str, object]]


def refusal(hours: Hours) -> str:
    """Why an operator sees nothing just now, and when they would."""
    if not hours:
        return _("No hours are set in which the ward may watch this school's camera.")
    return _("The ward may watch this school's camera only in its hours: %(hours)s.") % {"hours": in_words(hours)}


def who_watches(hours: Hours) -> list[str]:
    """Who may watch a school's camera and when, a sentence each: what ``access.AT_SCHOOLS`` and its hours come to."""
    ward = (
        _("The ward's operators: only in its hours (%(hours)s), with a reason that the school can read.")
        % {"hours": in_words(hours)}
        if hours
        else _("The ward's operators: never, as long as no hours are set.")
    )
    return [
        _("The school's own staff: at any time, and back to the last 24 hours."),
        ward,
        _("Nobody else: not the leader, no household, guest or shared screen, and no officer without a release."),
    ]


def in_words(hours: Hours) -> str:
    """``Mon–Fri 06:30–17:30, Sat 07:00–11:00``; empty where there are none."""
    return ", ".join(f"{_days(one['days'])} {one['from']}–{one['to']}" for one in hours)


def _days(days: object) -> str:
    """Days that follow each other as a range: ``Mon–Wed, Fri``."""
    assert isinstance(days, list)  # noqa: S101  (for the type checker; ``hours.checked`` stored it)
    names = day_names()
    runs = [[day for _place, day in run] for _gap, run in groupby(enumerate(sorted(days)), lambda at: at[1] - at[0])]
    return ", ".join(names[run[0]] if len(run) == 1 else f"{names[run[0]]}–{names[run[-1]]}" for run in runs)


def day_names() -> list[str]:
    """From Monday on."""
    return [_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun")]
