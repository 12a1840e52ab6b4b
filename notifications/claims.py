"""What somebody says happened, looked over before anything is written: category, words, place, time.

Pure of the database: cameras are looked for by the verb, which knows who asks.
"""

import math
import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.utils.translation import gettext as _

from backend.lib.errors import BadInput
from backend.lib.text import clean_name
from notifications.categories import CATEGORIES, Category
from notifications.facing import Place

LONGEST_TEXT = 500
MOST_CAMERAS = 8
OLDEST = timedelta(hours=24)
"""A phone without a line keeps an alert and sends it later; what is older is no warning any more."""
AHEAD = timedelta(minutes=2)
"""Clocks of phones differ."""
SOUTH, NORTH, WEST, EAST = 6.0, 23.6, 101.8, 118.0
"""Việt Nam with its islands and shelf, degrees (WGS 84): from Cà Mau to Lũng Cú, from Mường Nhé to beyond Trường Sa."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    category: Category
    text: str
    place: Place | None
    camera_ids: tuple[UUID, ...]
    occurred_at: datetime


def claim_of(
    *,
    category: str,
    text: str = "",
    camera_ids: Collection[UUID] = (),
    location: Place | None = None,
    occurred_at: datetime | None = None,
    now: datetime,
) -> Claim:
    """What is said, in the form it is kept in. Raises ``BadInput`` with the field that is wrong."""
    kind = category_of(category)
    at = occurred_at or now
    if at > now + AHEAD:
        raise refuse("occurred_at", _("That time is still to come."))
    if at < now - OLDEST:
        raise refuse("occurred_at", _("Only what happened in the last 24 hours can be told."))
    if len(camera_ids) > MOST_CAMERAS:
        raise refuse("camera_ids", _("At most %(most)d cameras.") % {"most": MOST_CAMERAS})
    return Claim(
        category=kind,
        text=clean_text(text),
        place=_place(location) if kind.needs_place else None,
        camera_ids=tuple(dict.fromkeys(camera_ids)) if kind.needs_place else (),
        occurred_at=min(at, now),
    )


def category_of(code: str) -> Category:
    """A category people may raise. Raises ``BadInput``."""
    found = CATEGORIES.get(code)
    if found is None or not found.raised_by_people:
        raise refuse("category", _("There is no such category."))
    return found


def only_stewards(category: Category) -> bool:
    """Whether only those who decide about alerts there may raise it: a warning without a place is easily a rumour."""
    return not category.needs_place


def clean_text(text: str, *, field: str = "text", longest: int = LONGEST_TEXT) -> str:
    """Words as ``backend.lib.text`` wants them, on one line; empty where nothing is said."""
    line = re.sub(r"[\s\r\n\t]+", " ", text).strip()
    return clean_name(line, field=field, longest=longest) if line else ""


def refuse(field: str, reason: str) -> BadInput:
    return BadInput(reason, fields={field: [reason]})


def _place(location: Place | None) -> Place | None:
    """Where the category wants a place it is one in this country, or none."""
    if location is None:
        return None
    if not (math.isfinite(location.lat) and math.isfinite(location.lon)):
        raise refuse("location", _("A place has two numbers."))
    if not (SOUTH <= location.lat <= NORTH and WEST <= location.lon <= EAST):
        raise refuse("location", _("That place is not in Việt Nam."))
    return location
