"""The form of weekly hours in Vietnamese local time, as codes and cameras carry them. Pure.

``{"days": [0, 1, 2], "from": "22:00", "to": "05:00"}``: Monday is 0; a span whose end is not after its start runs past
midnight and belongs to the day on which it starts. What hours do to an instant or a window is
``cameras.playback.schedule``'s: only watching asks.
"""

from collections.abc import Iterable, Mapping
from datetime import time
from typing import TypedDict

from django.utils.translation import gettext as _

from backend.lib.errors import BadInput

Hours = TypedDict("Hours", {"days": list[int], "from": str, "to": str})

MOST_SPANS = 21


def checked(spans: Iterable[Mapping[str, object]], *, field: str) -> list[Hours]:
    """``spans`` in their plain form; raises ``BadInput`` naming ``field`` where one makes no sense."""
    out = [_checked(span, field) for span in spans]
    if len(out) > MOST_SPANS:
        raise _refuse(field, _("At most %(most)d spans of hours.") % {"most": MOST_SPANS})
    return out


def _checked(span: Mapping[str, object], field: str) -> Hours:
    days, start, end = span.get("days"), span.get("from"), span.get("to")
    good_days = isinstance(days, list) and days and all(type(day) is int and 0 <= day <= 6 for day in days)
    try:
        if not good_days or not isinstance(start, str) or not isinstance(end, str):
            raise ValueError
        times = time.fromisoformat(start), time.fromisoformat(end)
        if times[0].tzinfo or times[1].tzinfo:
            raise ValueError
    except ValueError:
        reason = _('Hours look like {"days": [0, 6], "from": "06:00", "to": "22:00"}; Monday is 0.')
        raise _refuse(field, reason) from None
    assert isinstance(days, list)  # noqa: S101  (for the type checker; good_days says so)
    return {"days": sorted(set(days)), "from": f"{times[0]:%H:%M}", "to": f"{times[1]:%H:%M}"}


def _refuse(field: str, reason: str) -> BadInput:
    return BadInput(reason, fields={field: [reason]})
